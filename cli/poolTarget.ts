// What a pool reference on the command line means: a name in the pool directory, a path, or a pool on a server. The
// grammar is checked before anything is touched; no command guesses.
import * as Either from "effect/Either"
import { PoolError } from "../src/PoolError.js"
import type { PoolRef } from "../src/PoolRef.js"
import { extension } from "../src/PoolRef.js"
import { isRemoteReference } from "./remoteReference.js"

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
  if (isRemoteReference(text)) return parseRemote(text)
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

/**
 * Exactly one path segment; whatever looks like an API address is refused before any connection. The name is read from what
 * was typed: a URL parser would repair it into another one.
 */
const parseRemote = (text: string): Either.Either<PoolTarget, PoolError> => {
  const wrong = (shown: string) => refuse(`${shown} is not the address of a pool`, remoteHint)
  const [authority = "", segment = "", ...more] = text.slice(text.indexOf("://") + 3).split("/")
  // Not repeated: it may hold a secret.
  if (authority.includes("@")) return wrong("a URL with user information")
  const refused = wrong(JSON.stringify(text))
  if (more.length > 0 || /[?#\\]/.test(text) || segment === "pool" || /%2f/i.test(segment)) return refused
  try {
    const url = new URL(text)
    const pool = decodeURIComponent(segment)
    // A parser takes `.` and `..` for steps, and leaves nothing of them.
    if (url.pathname === "/" || hasControlCharacter(text) || hasControlCharacter(pool)) return refused
    return Either.right({ _tag: "Remote", text, baseUrl: url.origin, pool })
  } catch {
    return refused
  }
}

const hasControlCharacter = (text: string): boolean =>
  [...text].some((character) => character < " " || character === "\u007f")

/** For what is done to files only. */
export const requireLocal = (target: PoolTarget, command: string): Either.Either<LocalTarget, PoolError> =>
  target._tag === "Local"
    ? Either.right(target)
    : refuse(
        `\`${command}\` works on local pools only, not on ${target.text}`,
        "Run the command on the machine that has the pool, with the pool's name or path."
      )

/** `notes` and `notes.plasmite` are the same pool. */
export const bareName = (name: string): string => (name.endsWith(extension) ? name.slice(0, -extension.length) : name)
