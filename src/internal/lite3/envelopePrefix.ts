/**
 * The bytes of a payload in front of the members of `data`: root, `meta`, `tags` and the key of `data`. They depend
 * on the tags alone, and most messages have the same tags as the one before, so they are remembered, and left lying
 * in the scratch buffer for the next message.
 */
import { nodeBytes } from "./layout.js"
import { makeShape } from "./objectShapes.js"
import { PayloadRefused } from "./PayloadRefused.js"
import type { Scratch } from "./Scratch.js"
import { writeMembers } from "./writeValue.js"

interface EnvelopePrefix {
  readonly tags: ReadonlyArray<string>
  /** Ends where the root node of `data` begins. */
  readonly bytes: Uint8Array
}

/** The root is the only object whose members are not inserted in sorted order. */
const rootShape = makeShape(["meta", "data"], [0, 1])

const tableSize = 64
const mostKeptBytes = 1024
const table = Array.from<EnvelopePrefix | undefined>({ length: tableSize })
const noBytes = new Uint8Array(0)

/** May overwrite the scratch buffer. The same tags give the same array as long as they are remembered. */
export const envelopePrefix = (scratch: Scratch, tags: ReadonlyArray<string>): Uint8Array => {
  const place = placeOf(tags)
  const known = table[place]
  if (known !== undefined && sameTags(known.tags, tags)) return known.bytes
  const prefix = { tags: [...tags], bytes: makePrefix(scratch, tags) }
  if (prefix.bytes.length <= mostKeptBytes) table[place] = prefix
  return prefix.bytes
}

/** A payload with no members in `data`, less the node that `data` is then. */
const makePrefix = (scratch: Scratch, tags: ReadonlyArray<string>): Uint8Array => {
  for (const tag of tags) {
    if (typeof tag !== "string") throw new PayloadRefused("shape", "every tag must be a string")
  }
  scratch.begin(noBytes)
  writeMembers(scratch, rootShape, [{ tags }, {}], 1)
  return scratch.bytes.slice(0, scratch.length - nodeBytes)
}

const placeOf = (tags: ReadonlyArray<string>): number => {
  let place = tags.length
  for (let index = 0; index < tags.length; index++) {
    const tag = tags[index]!
    place = (place * 31 + tag.length * 7 + (tag.length === 0 ? 0 : tag.charCodeAt(tag.length - 1))) & (tableSize - 1)
  }
  return place
}

const sameTags = (known: ReadonlyArray<string>, tags: ReadonlyArray<string>): boolean => {
  if (known.length !== tags.length) return false
  for (let index = 0; index < tags.length; index++) if (known[index] !== tags[index]) return false
  return true
}
