/**
 * What a client may call a pool. Stricter than a local program: names come from strangers, and lead to files.
 */
import { PoolError } from "../../src/PoolError.js"
import { extension } from "../../src/PoolRef.js"

const maxEncodedBytes = 200
const control = /[\p{Cc}]/u
const loneSurrogate = /\p{Surrogate}/u

/** The name of the pool's file, by which one pool is told from another. Throws `Usage`. */
export const poolFileName = (name: string): string => {
  if (name === "" || name === extension) throw refused("the pool name is empty")
  if (name === "." || name === "..") throw refused(`${name} is no name for a pool`)
  if (name.includes("/") || name.includes("\\")) throw refused("pool name must not contain path separators")
  if (control.test(name)) throw refused("pool name must not contain control characters")
  if (loneSurrogate.test(name)) throw refused("pool name contains half a character")
  if (name.includes("://")) throw refused(`${name} is a URL, not the name of a pool`)
  const file = name.endsWith(extension) ? name : name + extension
  if (encodeURIComponent(file).length > maxEncodedBytes) {
    throw refused(`pool name is longer than ${maxEncodedBytes - extension.length} bytes in a URL`)
  }
  return file
}

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
