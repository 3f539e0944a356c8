/**
 * Looks up single values in a payload without reading the rest: members by the hash of their key, elements by their
 * number, down the trees that hold them. What is not looked at is not checked. Whatever does not look as it should is
 * `unclear`, never guessed at: whoever asks then reads the payload whole, which names the damage.
 */
import { hashKey, isProbeOf, keyTagWidth } from "./keyBytes.js"
import {
  childrenAt,
  entriesAt,
  hashesAt,
  keyCountMask,
  maxProbes,
  maxTreeHeight,
  nodeBytes,
  nodeCapacity,
  sizeAt,
  sizeShift,
  ValueType,
  wordAt
} from "./layout.js"

/** In place of an offset: there is no such member or element. */
export const absent = -1
/** In place of an offset or an answer: the payload has to be read whole. */
export const unclear = -2

/** A key as it stands in payloads. */
export interface SoughtKey {
  readonly hash: number
  /** Tag, key and NUL. */
  readonly head: Uint8Array
}

const loneSurrogate = /\p{Surrogate}/u
const encoder = new TextEncoder()

/** The bytes of a text, or undefined if no payload can hold it. */
export const soughtText = (text: string): Uint8Array | undefined =>
  loneSurrogate.test(text) ? undefined : encoder.encode(text)

/** How far from its hash a key may be stored. */
const farthestProbe = (maxProbes - 1) * (maxProbes - 1)

/** Undefined for the few keys that have to be searched for in another way. */
export const soughtKey = (text: string): SoughtKey | undefined => {
  const bytes = soughtText(text)
  if (bytes === undefined || bytes.includes(0)) return undefined
  const hash = hashKey(bytes, 0, bytes.length)
  if (hash > 0xffff_ffff - farthestProbe) return undefined
  const size = bytes.length + 1
  const width = keyTagWidth(size)
  const head = new Uint8Array(width + size)
  new DataView(head.buffer).setUint8(0, ((size << 2) | (width - 1)) & 0xff)
  for (let index = 1; index < width; index++) head[index] = ((size << 2) >>> (8 * index)) & 0xff
  head.set(bytes, width)
  return { hash, head }
}

/** Where the value of the member begins; `node` is where its object does. */
export const findMember = (bytes: Uint8Array, node: number, key: SoughtKey): number => findIn(bytes, node, key, 1)

/** Goes through the keys from the hash to its farthest probe, in order. */
const findIn = (bytes: Uint8Array, node: number, key: SoughtKey, height: number): number => {
  if (!isNode(bytes, node, ValueType.Object) || height > maxTreeHeight) return unclear
  const keyCount = bytes[node + sizeAt]! & keyCountMask
  const isBranch = wordAt(bytes, node + childrenAt) !== 0
  for (let slot = 0; slot < keyCount; slot++) {
    const hash = wordAt(bytes, node + hashesAt + slot * 4)
    if (hash < key.hash) continue
    if (isBranch) {
      const found = findIn(bytes, wordAt(bytes, node + childrenAt + slot * 4), key, height + 1)
      if (found !== absent) return found
    }
    if (hash - key.hash > farthestProbe) return absent
    const entry = wordAt(bytes, node + entriesAt + slot * 4)
    if (isAt(key.head, bytes, entry) && isProbeOf(hash, key.hash)) return inside(bytes, entry + key.head.length)
  }
  return isBranch ? findIn(bytes, wordAt(bytes, node + childrenAt + keyCount * 4), key, height + 1) : absent
}

/** The root begins at 0, and no other node does. */
const isNode = (bytes: Uint8Array, node: number, type: number): boolean =>
  bytes[node] === type && (node & 3) === 0 && node <= bytes.length - nodeBytes

const inside = (bytes: Uint8Array, offset: number): number =>
  offset >= nodeBytes && offset < bytes.length ? offset : unclear

/** Beyond the payload there are no bytes, and nothing equals nothing. */
const isAt = (part: Uint8Array, bytes: Uint8Array, offset: number): boolean => {
  for (let index = 0; index < part.length; index++) if (bytes[offset + index] !== part[index]) return false
  return true
}

/** Where the element begins; `node` is where its array does. */
export const findElement = (bytes: Uint8Array, node: number, index: number): number => {
  let current = node
  for (let height = 1; height <= maxTreeHeight; height++) {
    if (!isNode(bytes, current, ValueType.Array)) return unclear
    const keyCount = bytes[current + sizeAt]! & keyCountMask
    let slot = 0
    while (slot < keyCount && wordAt(bytes, current + hashesAt + slot * 4) < index) slot++
    if (slot < keyCount && wordAt(bytes, current + hashesAt + slot * 4) === index) {
      return inside(bytes, wordAt(bytes, current + entriesAt + slot * 4))
    }
    current = wordAt(bytes, current + childrenAt + slot * 4)
    if (current === 0) return absent
  }
  return unclear
}

/** How many members or elements a container says it has. */
export const entryCount = (bytes: Uint8Array, node: number): number =>
  isNode(bytes, node, bytes[node]!) ? wordAt(bytes, node + sizeAt) >>> sizeShift : unclear

const metaKey = soughtKey("meta")!
const tagsKey = soughtKey("tags")!
const dataKey = soughtKey("data")!

/** Where `data` begins: an object, or an array. */
export const findData = (bytes: Uint8Array): number => {
  const data = findMember(bytes, 0, dataKey)
  return data < 0 || bytes[data]! < ValueType.Object ? unclear : data
}

/** Where the array of tags begins. */
export const findTags = (bytes: Uint8Array): number => {
  const meta = findMember(bytes, 0, metaKey)
  if (meta < 0) return unclear
  const tags = findMember(bytes, meta, tagsKey)
  return tags < 0 || bytes[tags] !== ValueType.Array ? unclear : tags
}

/** Whether the string at `offset` has these bytes; `unclear` when there is no string. */
export const equalsText = (bytes: Uint8Array, offset: number, text: Uint8Array): boolean | typeof unclear => {
  if (bytes[offset] !== ValueType.String) return unclear
  const start = offset + 5
  const size = wordAt(bytes, offset + 1)
  const end = start + size - 1
  if (size === 0 || end >= bytes.length || bytes[end] !== 0) return unclear
  return size === text.length + 1 && isAt(text, bytes, start)
}

/** Whether each of the texts is among the tags; `unclear` also when there are more tags than usual. */
export const hasEveryTag = (
  bytes: Uint8Array,
  wanted: ReadonlyArray<Uint8Array | undefined>
): boolean | typeof unclear => {
  const tags = findTags(bytes)
  if (tags < 0 || !isNode(bytes, tags, ValueType.Array)) return unclear
  const count = wordAt(bytes, tags + sizeAt)
  const keyCount = count & keyCountMask
  // More than one node, or less than it says.
  if (count >>> sizeShift !== keyCount || keyCount > nodeCapacity) return unclear
  for (const text of wanted) {
    let isThere = false
    for (let slot = 0; slot < keyCount && !isThere; slot++) {
      const equal = equalsText(bytes, wordAt(bytes, tags + entriesAt + slot * 4), text ?? nothing)
      if (equal === unclear) return unclear
      isThere = equal && text !== undefined
    }
    if (!isThere) return false
  }
  return true
}

const nothing = new Uint8Array(0)
