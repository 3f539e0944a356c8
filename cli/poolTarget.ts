// What a pool reference on the command line means: a name in the pool directory, a path, or a pool on a server. The
// grammar is checked before anything is touched; no command guesses.
import * as Either from "effect/Either"
import { PoolError } from "../src/PoolError.js"
import type { PoolRef } from "../src/PoolRef.js"
import { extension } from "../src/PoolRef.js"

export type PoolTarget = LocalTarget | RemoteTarget

export interface LocalTarget {
  readonly _tag: "Local"
  /** As typed. */
  readonly text: string
  readonly ref: PoolRef
  /** True for a path, false for a name in the pool directory. */
  readonly isPath: boolean
}

export interface RemoteTarget {
  readonly _tag: "Remote"
  readonly text: string
  readonly baseUrl: string
  readonly pool: string
}

const refuse = (message: string, hint: string): Either.Either<never, PoolError> =>
  Either.left(new PoolError({ reason: "Usage", message, hint }))

export const parsePoolTarget = (text: string): Either.Either<PoolTarget, PoolError> => {
  if (text === "") return refuse("the pool reference is empty", "Give a pool name such as `chat`, or a path.")
  if (/^https?:\/\//.test(text)) return parseRemote(text)
  if (text.includes("://")) {
    return refuse(
      `unsupported scheme in pool reference ${JSON.stringify(text)}`,
      "Use a pool name, a path, or http(s)://HOST:PORT/POOL."
    )
  }
  if (text.includes("\0")) return refuse("the pool reference contains a NUL", "Give a pool name such as `chat`.")
  return text.includes("/")
    ? Either.right({ _tag: "Local", text, ref: { path: text }, isPath: true })
    : Either.right({ _tag: "Local", text, ref: text, isPath: false })
}

const remoteHint = "The form is http(s)://HOST[:PORT]/POOL: one path segment, no query, no trailing slash."

/** Exactly one path segment; whatever looks like an API address is refused before any connection. */
const parseRemote = (text: string): Either.Either<PoolTarget, PoolError> => {
  const wrong = refuse(`${JSON.stringify(text)} is not the address of a pool`, remoteHint)
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return wrong
  }
  const segment = url.pathname.slice(1)
  if (text.includes("?") || text.includes("#") || url.username !== "" || url.password !== "") return wrong
  if (segment === "" || segment === "pool" || segment.includes("/") || /%2f/i.test(segment)) return wrong
  try {
    return Either.right({ _tag: "Remote", text, baseUrl: url.origin, pool: decodeURIComponent(segment) })
  } catch {
    return wrong
  }
}

/** For commands that work on files only, and for all of them until servers are supported. */
export const requireLocal = (target: PoolTarget, command: string): Either.Either<LocalTarget, PoolError> =>
  target._tag === "Local"
    ? Either.right(target)
    : refuse(
        `\`${command}\` cannot reach ${target.text}: this version works on local pools only`,
        "Run the command on the machine that has the pool, with the pool's name or path."
      )

/** `notes` and `notes.plasmite` are the same pool. */
export const bareName = (name: string): string => (name.endsWith(extension) ? name.slice(0, -extension.length) : name)
