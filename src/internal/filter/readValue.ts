/**
 * A part of a payload as a value for filters. What is read is paid for out of the work that a filter may do, so cycles run dry. Whatever is damaged, or a
 * number that doubles cannot stand for, makes the whole part `unsure`: then jq gets the message, or its reader the error.
 */
import { base64Text } from "../json/stringText.js"
import {
  childrenAt,
  entriesAt,
  hashesAt,
  keyCountMask,
  maxNesting,
  maxTreeHeight,
  nodeBytes,
  sizeAt,
  sizeShift,
  ValueType
} from "../lite3/layout.js"
import { unclear } from "../lite3/lookPayload.js"
import { wordAt } from "../lite3/layout.js"
import { readUtf8 } from "../lite3/utf8.js"
import type { Work } from "./work.js"
import { compareText, isPlain, unsure, type Value } from "./value.js"

/** The value that begins at `offset`. */
export const readValue = (bytes: Uint8Array, offset: number, work: Work): Value | typeof unsure => {
  const type = bytes[offset]!
  return type < ValueType.Object ? readScalar(bytes, offset, type, work) : readContainer(bytes, offset, type, 1, work)
}

const readScalar = (bytes: Uint8Array, offset: number, type: number, work: Work): Value | typeof unsure => {
  switch (type) {
    case ValueType.Null:
      return null
    case ValueType.Boolean: {
      const body = bytes[offset + 1]
      return body === 1 ? true : body === 0 ? false : unsure
    }
    case ValueType.Integer:
    case ValueType.Float:
      return readNumber(bytes, offset) ?? unsure
    default: {
      const start = offset + 5
      const size = wordAt(bytes, offset + 1)
      if (start > bytes.length || size > bytes.length - start) return unsure
      work.bytes -= size
      if (work.bytes < 0) return unsure
      if (type === ValueType.Bytes) return base64Text(bytes.subarray(start, start + size))
      const end = start + size - 1
      return size === 0 || bytes[end] !== 0 ? unsure : (readUtf8(bytes, start, end) ?? unsure)
    }
  }
}

/** Undefined when it is not a plain one. */
export const readNumber = (bytes: Uint8Array, offset: number): number | undefined => {
  if (offset + 9 > bytes.length) return undefined
  if (bytes[offset] === ValueType.Integer) {
    const value = (wordAt(bytes, offset + 5) | 0) * 0x1_0000_0000 + wordAt(bytes, offset + 1)
    return Number.isSafeInteger(value) ? value : undefined
  }
  words[0] = wordAt(bytes, offset + 1)
  words[1] = wordAt(bytes, offset + 5)
  const value = floats[0]!
  return isPlain(value) ? value : undefined
}

/** Every machine that runs JavaScript today stores the low word first. */
const floats = new Float64Array(1)
const words = new Uint32Array(floats.buffer)

type Entry = (hash: number, entry: number) => boolean

const readContainer = (
  bytes: Uint8Array,
  node: number,
  type: number,
  nesting: number,
  work: Work
): Value | typeof unsure => {
  if (nesting > maxNesting || type > ValueType.Array) return unsure
  const values: Array<Value> = []
  const keys: Array<string> = []
  const add: Entry = (hash, entry) => {
    let offset = entry
    if (type === ValueType.Object) {
      const end = keyEnd(bytes, entry)
      if (end === unclear) return false
      const key = readUtf8(bytes, entry + (bytes[entry]! & 3) + 1, end)
      if (key === undefined) return false
      keys.push(key)
      offset = end + 1
    } else if (hash !== values.length) return false
    if (offset < nodeBytes || offset >= bytes.length) return false
    const inner = bytes[offset]!
    const value =
      inner < ValueType.Object
        ? readScalar(bytes, offset, inner, work)
        : readContainer(bytes, offset, inner, nesting + 1, work)
    if (value === unsure) return false
    values.push(value)
    return true
  }
  if (!walk(bytes, node, type, 1, add, work)) return unsure
  if (values.length !== wordAt(bytes, node + sizeAt) >>> sizeShift) return unsure
  return type === ValueType.Array ? values : (sortedObject(keys, values) ?? unsure)
}

/** Each entry in order, until one is not taken. */
const walk = (bytes: Uint8Array, node: number, type: number, height: number, add: Entry, work: Work): boolean => {
  work.bytes -= nodeBytes
  if (work.bytes < 0 || height > maxTreeHeight) return false
  if (bytes[node] !== type || (node & 3) !== 0 || node < nodeBytes || node > bytes.length - nodeBytes) return false
  const keyCount = bytes[node + sizeAt]! & keyCountMask
  const isBranch = wordAt(bytes, node + childrenAt) !== 0
  for (let slot = 0; slot <= keyCount; slot++) {
    if (isBranch && !walk(bytes, wordAt(bytes, node + childrenAt + slot * 4), type, height + 1, add, work)) return false
    if (slot === keyCount) break
    if (!add(wordAt(bytes, node + hashesAt + slot * 4), wordAt(bytes, node + entriesAt + slot * 4))) return false
  }
  return true
}

/** Where the NUL of the key is. */
const keyEnd = (bytes: Uint8Array, entry: number): number => {
  if (entry < nodeBytes || entry >= bytes.length) return unclear
  const width = (bytes[entry]! & 3) + 1
  let tag = 0
  for (let index = width - 1; index >= 0; index--) tag = tag * 256 + (bytes[entry + index] ?? 0)
  const end = entry + width + Math.floor(tag / 4) - 1
  return tag >= 4 && bytes[end] === 0 && bytes.indexOf(0, entry + width) === end ? end : unclear
}

/** jq sees the members in the order of their keys. Undefined when two are the same. */
const sortedObject = (keys: ReadonlyArray<string>, values: ReadonlyArray<Value>): Value | undefined => {
  const order = keys.map((_, index) => index).sort((left, right) => compareText(keys[left]!, keys[right]!))
  const object = new Map<string, Value>()
  for (const index of order) object.set(keys[index]!, values[index]!)
  return object.size === keys.length ? object : undefined
}
