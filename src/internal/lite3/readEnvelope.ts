/**
 * The outer layers of a payload, `{"meta": {"tags": […]}, "data": …}`, down to where `data` begins. Nearly every
 * payload has them laid out as our own writer does, which a few comparisons tell; all others are read member by
 * member, and what they have besides must be sound, though it carries no meaning.
 */
import { freshArray } from "../freshArray.js"
import { checkValue } from "./checkValue.js"
import { corrupt } from "./corrupt.js"
import { childrenAt, entriesAt, nodeBytes, sizeAt, ValueType } from "./layout.js"
import type { PayloadReader } from "./PayloadReader.js"
import type { PayloadSpan } from "./PayloadSpan.js"

/** Nesting of the root; `meta` and `data` are one level below. */
export const rootNesting = 1

export class Envelope {
  constructor(
    readonly tags: ReadonlyArray<string>,
    /** Where the value of `data` is: an object or an array, but nothing in it has been looked at. */
    readonly data: number
  ) {}
}

/** Throws `Corrupt`. */
export const readEnvelope = (reader: PayloadReader): Envelope => readUsualEnvelope(reader) ?? readAnyEnvelope(reader)

/** Every 32-bit word that matters of root, `meta` and the keys, as offset and word. */
const usualWords = new Int32Array(
  [
    [4, 0x7c95915f, 8, 0x7c9a91cc, 32, (2 << 6) | 2, 40, 0x62, 64, 0, 68, 0, 72, 0],
    [0x60, 0x6d140000, 0x64, 0x00617465],
    [0x68, 0x0106, 0x6c, 0x7c9e55d4, 0x88, (1 << 6) | 1, 0x8c, 0xca, 0xa8, 0, 0xac, 0],
    [0xc8, 0x74140000, 0xcc, 0x00736761]
  ].flat()
)
const usualTags = 0xd0
/** Most messages have no tags, and all of these share the list. */
export const noTags: ReadonlyArray<string> = Object.freeze([])
/** `data`, as words of two and four bytes. */
const usualDataBytes = 6
const usualDataStart = 0x74616414
const usualDataEnd = 0x0061

/** Two nodes and three keys. */
export const usualBytes = 2 * nodeBytes + 3 * usualDataBytes

/** Up to behind the node of the tags. */
const leastUsualBytes = usualTags + nodeBytes

/** Where the value of `data` is, if root, `meta`, their keys and the type of the tags are as usual; otherwise -1. */
export const usualData = ({ length, start, view }: PayloadSpan): number => {
  if (length < leastUsualBytes) return -1
  for (let index = 0; index < usualWords.length; index += 2) {
    if (view.getInt32(start + usualWords[index]!, true) !== usualWords[index + 1]) return -1
  }
  const entry = view.getUint32(start + entriesAt, true)
  if (entry < nodeBytes || entry > length - usualDataBytes) return -1
  if (view.getInt32(start + entry, true) !== usualDataStart) return -1
  if (view.getUint16(start + entry + 4, true) !== usualDataEnd) return -1
  return view.getUint8(start) === ValueType.Object && view.getUint8(start + usualTags) === ValueType.Array
    ? entry + usualDataBytes
    : -1
}

/** For a payload of which `usualData` found the data. */
export const hasNoTags = ({ start, view }: PayloadSpan): boolean =>
  view.getInt32(start + usualTags + sizeAt, true) === 0 && view.getInt32(start + usualTags + childrenAt, true) === 0

const readUsualEnvelope = (reader: PayloadReader): Envelope | undefined => {
  const data = usualData(reader)
  if (data < 0) return undefined
  reader.charge(usualBytes, data)
  if (!hasNoTags(reader)) return new Envelope(readTags(reader, usualTags), checkDataType(reader, data))
  reader.charge(nodeBytes, usualTags)
  return new Envelope(noTags, checkDataType(reader, data))
}

/** Exported for the test that both ways agree. */
export const readAnyEnvelope = (reader: PayloadReader): Envelope => {
  let meta = -1
  let data = -1
  const start = reader.memberTop
  reader.openObject(0, rootNesting)
  const end = reader.memberTop
  for (let index = start; index < end; index++) {
    const name = reader.keys[index]!.text
    const offset = reader.memberOffsets[index]!
    if (name === "meta") meta = offset
    else if (name === "data") data = offset
    else checkValue(reader, offset, rootNesting)
  }
  reader.memberTop = start
  if (meta < 0 || reader.valueType(meta) !== ValueType.Object) throw corrupt("the payload has no meta object")
  if (data < 0) throw corrupt(noData)
  return new Envelope(readMeta(reader, meta), checkDataType(reader, data))
}

const noData = "the payload has no data object"

const checkDataType = (reader: PayloadReader, offset: number): number => {
  if (reader.valueType(offset) < ValueType.Object) throw corrupt(noData)
  return offset
}

const readMeta = (reader: PayloadReader, node: number): Array<string> => {
  let tags = -1
  const start = reader.memberTop
  reader.openObject(node, rootNesting + 1)
  const end = reader.memberTop
  for (let index = start; index < end; index++) {
    const offset = reader.memberOffsets[index]!
    if (reader.keys[index]!.text === "tags") tags = offset
    else checkValue(reader, offset, rootNesting + 1)
  }
  reader.memberTop = start
  if (tags < 0 || reader.valueType(tags) !== ValueType.Array) throw corrupt("the payload has no list of tags")
  return readTags(reader, tags)
}

const readTags = (reader: PayloadReader, node: number): Array<string> => {
  const tags = freshArray<string>()
  const start = reader.elementTop
  reader.openArray(node, rootNesting + 2)
  const end = reader.elementTop
  for (let index = start; index < end; index++) {
    const offset = reader.elementOffsets[index]!
    if (reader.valueType(offset) !== ValueType.String) throw corrupt("a tag is not a string", offset)
    tags.push(reader.readString(offset))
  }
  reader.elementTop = start
  return tags
}
