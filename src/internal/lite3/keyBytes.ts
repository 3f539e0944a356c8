/**
 * How a key looks in an object entry (`tag, key, NUL`) and where its hash puts it. Tag widths and hashes are part
 * of the format: readers look members up by them.
 */
import { maxProbes } from "./layout.js"

/** Bytes of the tag in front of a key of `keyBytes` bytes, its NUL included. Three is never used. */
export const keyTagWidth = (keyBytes: number): number => (keyBytes < 64 ? 1 : keyBytes < 16_384 ? 2 : 4)

/** DJB2 over the key's UTF-8 bytes, without the NUL. */
export const hashKey = (bytes: Uint8Array, start: number, end: number): number => {
  let hash = 5381
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 33) + bytes[index]!) | 0
  return hash >>> 0
}

/** The position to try after `attempt` failed ones. */
export const probe = (hash: number, attempt: number): number => (hash + attempt * attempt) >>> 0

/** True when `stored` is one of the positions that a key with this hash may take. */
export const isProbeOf = (stored: number, hash: number): boolean => {
  const distance = (stored - hash) >>> 0
  const attempt = Math.round(Math.sqrt(distance))
  return attempt < maxProbes && attempt * attempt === distance
}
