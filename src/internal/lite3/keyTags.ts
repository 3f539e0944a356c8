/**
 * The keys of a payload: what follows `key:` in its tags. Tags are looked at where they lie, and only those that begin like
 * that become strings: whoever collects keys passes through every message of a pool, and most have none.
 */
import { decodeTags } from "./decodeTags.js"
import { entriesAt, keyCountMask, nodeCapacity, sizeAt, sizeShift, ValueType, wordAt } from "./layout.js"
import { findTags } from "./lookPayload.js"
import { readUtf8 } from "./utf8.js"

/** In front of the key, in the tag that keeps it. */
export const keyPrefix = "key:"

const prefixBytes = new TextEncoder().encode(keyPrefix)

const none: ReadonlyArray<string> = []

/** In the order of the tags. Throws `Corrupt` when they cannot be read. */
export const keysOf = (payload: Uint8Array): ReadonlyArray<string> => lookForKeys(payload) ?? decodeKeys(payload)

const decodeKeys = (payload: Uint8Array): ReadonlyArray<string> =>
  decodeTags(payload).flatMap((tag) =>
    tag.length > keyPrefix.length && tag.startsWith(keyPrefix) ? [tag.slice(keyPrefix.length)] : []
  )

/** `undefined` when the payload has to be read whole. */
const lookForKeys = (payload: Uint8Array): ReadonlyArray<string> | undefined => {
  const tags = findTags(payload)
  if (tags < 0) return undefined
  const count = wordAt(payload, tags + sizeAt)
  const tagCount = count & keyCountMask
  // More than one node, or less than it says.
  if (count >>> sizeShift !== tagCount || tagCount > nodeCapacity) return undefined
  let keys: Array<string> | undefined
  for (let slot = 0; slot < tagCount; slot++) {
    const tag = wordAt(payload, tags + entriesAt + slot * 4)
    if (payload[tag] !== ValueType.String) return undefined
    const start = tag + 5
    // The size counts the NUL behind the text.
    const end = start + wordAt(payload, tag + 1) - 1
    if (end < start || end >= payload.length || payload[end] !== 0) return undefined
    if (end - start <= prefixBytes.length || !beginsWithPrefix(payload, start)) continue
    const key = readUtf8(payload, start + prefixBytes.length, end)
    if (key === undefined) return undefined
    ;(keys ??= []).push(key)
  }
  return keys ?? none
}

const beginsWithPrefix = (payload: Uint8Array, start: number): boolean => {
  for (let index = 0; index < prefixBytes.length; index++) {
    if (payload[start + index] !== prefixBytes[index]) return false
  }
  return true
}
