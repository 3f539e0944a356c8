/**
 * The bytes of a payload in front of the members of `data`: root, `meta`, `tags` and the key of `data`. They depend
 * on the tags alone, and most messages have the same tags as the one before, so they are remembered, and left lying
 * in the scratch buffer for the next message.
 */
import { nodeBytes } from "./layout.js"
import type { ObjectShape } from "./objectShapes.js"
import { makeShape } from "./objectShapes.js"
import { PayloadRefused } from "./PayloadRefused.js"
import type { Scratch } from "./Scratch.js"
import { writeMembers } from "./writeValue.js"

export interface EnvelopePrefix {
  readonly tags: ReadonlyArray<string>
  /** Ends where the root node of `data` begins. */
  readonly bytes: Uint8Array
  /** Where the shape of the last message with these tags is found, as a guess at the next one. */
  dataPlace: number
}

/** The root is the only object whose members are not inserted in sorted order. */
const rootShape = makeShape(["meta", "data"], [0, 1])

const tableSize = 64
const mostKeptBytes = 1024
const table = Array.from<EnvelopePrefix | undefined>({ length: tableSize })

/** May overwrite what is in the scratch buffer. */
export const envelopePrefix = (scratch: Scratch, tags: ReadonlyArray<string>): EnvelopePrefix => {
  const place = placeOf(tags)
  const known = table[place]
  if (known !== undefined && sameTags(known.tags, tags)) return known
  const kept = [...tags]
  const bytes = makePrefix(scratch, kept)
  const prefix = { tags: kept, bytes, dataPlace: 0 }
  if (bytes.length <= mostKeptBytes) table[place] = prefix
  return prefix
}

/** A payload with no members in `data`, less the node that `data` is then. */
const makePrefix = (scratch: Scratch, tags: ReadonlyArray<string>): Uint8Array => {
  const { values } = scratch
  values[0] = { tags }
  values[1] = {}
  scratch.placeImage(rootShape.plan.rootImage)
  const end = writeMembers(scratch, rootShape, 0, 1)
  const bytes = scratch.bytes.slice(0, end - nodeBytes)
  scratch.begin()
  return bytes
}

/** Writes the prefix and the root image of `data` behind it. Returns where that begins. */
export const placePrefix = (scratch: Scratch, prefix: EnvelopePrefix, shape: ObjectShape): number => {
  const root = prefix.bytes.length
  if (root + nodeBytes > scratch.bytes.length) scratch.grow(0, root + nodeBytes)
  if (shape.prefix === prefix.bytes && shape.image !== undefined) {
    scratch.placeImage(shape.image)
    return root
  }
  scratch.placeImage(prefix.bytes)
  scratch.bytes.set(shape.plan.rootImage, root)
  if (root <= mostKeptBytes) {
    shape.image = shape.prefix === prefix.bytes ? scratch.bytes.slice(0, root + nodeBytes) : undefined
    shape.prefix = prefix.bytes
  }
  return root
}

/** Also proves that the tags are such, which only their types have said so far. */
const placeOf = (tags: ReadonlyArray<string>): number => {
  if (!Array.isArray(tags)) throw new PayloadRefused("tags", "the tags of a message must be an array")
  let place = tags.length
  for (let index = 0; index < tags.length; index++) {
    const tag = tags[index]!
    if (typeof tag !== "string") throw new PayloadRefused("tags", "every tag must be a string")
    place = (place * 31 + tag.length * 7 + (tag.length === 0 ? 0 : tag.charCodeAt(tag.length - 1))) & (tableSize - 1)
  }
  return place
}

const sameTags = (known: ReadonlyArray<string>, tags: ReadonlyArray<string>): boolean => {
  if (known.length !== tags.length) return false
  for (let index = 0; index < tags.length; index++) if (known[index] !== tags[index]) return false
  return true
}
