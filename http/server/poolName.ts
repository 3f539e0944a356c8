/**
 * What a client may call a pool, or a cursor. Stricter than a local program: names come from strangers, and lead to files.
 */
import { PoolError } from "../../src/PoolError.js"
import { extension } from "../../src/PoolRef.js"

const maxEncodedBytes = 200
const control = /[\p{Cc}]/u
const loneSurrogate = /\p{Surrogate}/u

/** The name of the pool's file, by which one pool is told from another. Throws `Usage`. */
export const poolFileName = (name: string): string => {
  if (name === extension) throw refused("the pool name is empty")
  checkName(name, "pool")
  const file = name.endsWith(extension) ? name : name + extension
  if (encodeURIComponent(file).length > maxEncodedBytes) throw tooLong("pool")
  return file
}

/** The name of a cursor, out of the segment of a path. Throws `Usage`. */
export const cursorName = (segment = ""): string => {
  const name = decodeSegment(segment)
  checkName(name, "cursor")
  if (encodeURIComponent(name).length > maxEncodedBytes - extension.length) throw tooLong("cursor")
  return name
}

const checkName = (name: string, what: "pool" | "cursor"): void => {
  if (name === "") throw refused(`the ${what} name is empty`)
  if (name === "." || name === "..") throw refused(`${name} is no name for a ${what}`)
  if (name.includes("/") || name.includes("\\")) throw refused(`${what} name must not contain path separators`)
  if (control.test(name)) throw refused(`${what} name must not contain control characters`)
  if (loneSurrogate.test(name)) throw refused(`${what} name contains half a character`)
  if (name.includes("://")) throw refused(`${name} is a URL, not the name of a ${what}`)
}

const tooLong = (what: "pool" | "cursor"): PoolError =>
  refused(`${what} name is longer than ${maxEncodedBytes - extension.length} bytes in a URL`)

/** A segment of a path, decoded once, after it was cut out: an encoded slash is part of the name. Throws `Usage`. */
export const decodeSegment = (segment: string): string => {
  if (!segment.includes("%")) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw refused("the path is not valid percent-encoded UTF-8")
  }
}

const refused = (message: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message,
    hint: "Use a plain name such as `chat`; characters beyond letters and digits are percent-encoded in URLs."
  })
