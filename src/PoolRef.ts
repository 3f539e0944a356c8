/**
 * What a pool may be called. A name leads into the pool directory; a path is taken as it is. The two are never
 * confused: a name with a separator is refused, so that input from a stranger cannot leave the directory.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { PoolError } from "./PoolError.js"

/**
 * A name, or a path spelled out as one.
 *
 * @since 0.1.0
 * @category models
 */
export type PoolRef = string | { readonly path: string }

/**
 * The ending of every pool file.
 *
 * @since 0.1.0
 * @category constants
 */
export const extension = ".plasmite"

/**
 * The reference as somebody would type it.
 *
 * @since 0.1.0
 * @category getters
 */
export const display = (ref: PoolRef): string => (typeof ref === "string" ? ref : ref.path)

const refuse = (message: string, hint: string): Either.Either<never, PoolError> =>
  Either.left(new PoolError({ reason: "Usage", message, hint }))

/**
 * The file that a reference means. Fails with `Usage` for an empty name, one with a separator or a NUL, and a URL.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toPath = (ref: PoolRef, directory: string): Either.Either<string, PoolError> => {
  if (typeof ref !== "string") {
    if (typeof ref?.path !== "string") {
      return refuse(`a pool cannot be called ${String(ref)}`, "Give a name such as `chat`, or a path as { path }.")
    }
    return ref.path === "" ? refuse("the pool path is empty", "Give the path of a pool file.") : Either.right(ref.path)
  }
  if (ref === "") return refuse("the pool name is empty", "Give a name such as `chat`.")
  if (ref.includes("://")) {
    return refuse(`${ref} is a URL, not a local pool`, "Use a pool name, or a path as { path }.")
  }
  if (ref.includes("/") || ref.includes("\0")) {
    return refuse(`pool name ${JSON.stringify(ref)} contains a separator`, "Use a plain name, or a path as { path }.")
  }
  return Either.right(`${directory}/${ref.endsWith(extension) ? ref : ref + extension}`)
}

/**
 * The name under which a pool file is listed: its file name without the ending.
 *
 * @since 0.1.0
 * @category conversions
 */
export const nameOfPath = (path: string): string => {
  const file = path.slice(path.lastIndexOf("/") + 1)
  return file.endsWith(extension) ? file.slice(0, -extension.length) : file
}
