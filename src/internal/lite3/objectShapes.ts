/**
 * Everything about an object that follows from its keys alone: the order of insertion, the bytes of the keys, the
 * tree. Messages of one kind have the same keys, so shapes are remembered, but only from the second time on and
 * only small ones: keys may be unique ids, or chosen by somebody who means harm.
 */
import { compareKeys, comparesByUnits } from "../json/keyOrder.js"
import type { InsertionPlan } from "./insertionPlan.js"
import { planObject } from "./insertionPlan.js"
import { hashKey, keyTagWidth } from "./keyBytes.js"
import { entriesAt, entryWord, maxPayloadBytes, wordAt } from "./layout.js"
import { PayloadRefused, refusedSurrogate } from "./PayloadRefused.js"
import { maxBytesPerUnit, writeUtf8 } from "./utf8.js"

export interface ObjectShape {
  /** As `Object.keys` lists them. */
  readonly ownKeys: ReadonlyArray<string>
  /** Of a shape that is remembered, what stands in front of each value in JSON text: the own key in quotes, and a colon. */
  memberTexts: ReadonlyArray<string> | undefined
  /** For each entry in insertion order, which of the own keys it is. */
  readonly order: ReadonlyArray<number>
  /** Tag, key and NUL of every entry in insertion order, as little-endian words, each padded to whole words. */
  readonly headWords: Int32Array
  /** Where the words of each of them end. */
  readonly headWordEnds: ReadonlyArray<number>
  /** Bytes of each of them, without padding. */
  readonly headBytes: ReadonlyArray<number>
  readonly plan: InsertionPlan
  /** When there is no node but the root, where in it the offset of each entry stands. */
  readonly entryAts: ReadonlyArray<number>
  /**
   * Where in the table the shape of the object was that was last met as, or in, the value of each own key. Only a guess,
   * and a place rather than a shape, so that nothing is kept that the table has dropped.
   */
  readonly childPlaces: Array<number>
  /** Where in the table it is, or has been, or nothing of interest: a guess, too. */
  place: number
  /** The envelope prefix of the last message with this shape; if that was the same twice, with the root image behind it. */
  prefix: Uint8Array | undefined
  image: Uint8Array | undefined
}

/** A set of two places for every fingerprint. */
const tableSize = 1024
const mostKeptKeys = 64
const mostKeptHeadWords = 256

const seenOnce = new Int32Array(tableSize / 2)

/** The shape at a place of the table. */
export const shapeAt = (place: number): ObjectShape => table[place]!

/**
 * The shape of an object with these own keys, `count` of them, trying the one at the place `guess` first. Members are
 * inserted in the order of their UTF-8 bytes.
 */
export const objectShape = (keys: ReadonlyArray<string>, count: number, guess: number): ObjectShape => {
  const guessed = table[guess]!
  if (isShapeOf(guessed, keys, count)) return guessed
  const fingerprint = fingerprintOf(keys, count)
  const place = (fingerprint & (tableSize / 2 - 1)) * 2
  const first = table[place]!
  if (isShapeOf(first, keys, count)) return first
  const second = table[place + 1]!
  if (isShapeOf(second, keys, count)) return second
  const ownKeys = keys.slice(0, count)
  const shape = makeShape(ownKeys, sortedOrder(ownKeys))
  if (seenOnce[place / 2] !== fingerprint) seenOnce[place / 2] = fingerprint
  else if (count <= mostKeptKeys && shape.headWords.length <= mostKeptHeadWords) {
    table[place + 1] = first
    first.place = place + 1
    table[place] = shape
    shape.place = place
    shape.memberTexts = ownKeys.map((key) => `${JSON.stringify(key)}:`)
  }
  return shape
}

/** A shape with the insertion order given. */
export const makeShape = (keys: ReadonlyArray<string>, order: ReadonlyArray<number>): ObjectShape => {
  // The least an entry takes in a payload: 3 bytes for key and value, and its share of a node.
  if (keys.length * 16 > maxPayloadBytes) throw new PayloadRefused("limit", "an object has too many members")
  const hashes = new Uint32Array(keys.length)
  const tagWidths = new Uint8Array(keys.length)
  const heads = new Uint8Array(mostHeadBytes(keys))
  const headBytes: Array<number> = []
  const headWordEnds: Array<number> = []
  let end = 0
  for (let entry = 0; entry < order.length; entry++) {
    const start = end
    end = writeHead(keys[order[entry]!]!, heads, start)
    headBytes.push(end - start)
    tagWidths[entry] = (heads[start]! & 3) + 1
    hashes[entry] = hashKey(heads, start + tagWidths[entry]!, end - 1)
    while ((end & 3) !== 0) heads[end++] = 0
    headWordEnds.push(end / 4)
  }
  const headWords = new Int32Array(end / 4)
  for (let word = 0; word < headWords.length; word++) headWords[word] = wordAt(heads, word * 4)
  const plan = planObject(hashes, tagWidths)
  const childPlaces = Array.from(keys, () => 0)
  return {
    ownKeys: keys,
    memberTexts: undefined,
    order,
    headWords,
    headWordEnds,
    headBytes,
    plan,
    entryAts: entryAtsOf(plan),
    childPlaces,
    place: 0,
    prefix: undefined,
    image: undefined
  }
}

const entryAtsOf = ({ entryCount, images, nodeCount }: InsertionPlan): ReadonlyArray<number> => {
  if (nodeCount > 1) return []
  const entryAts = Array.from({ length: entryCount }, () => 0)
  for (let slot = 0; slot < entryCount; slot++) entryAts[images[entryWord + slot]!] = entriesAt + slot * 4
  return entryAts
}

const sortedOrder = (keys: ReadonlyArray<string>): ReadonlyArray<number> => {
  const order = keys.map((_, index) => index)
  return keys.every(comparesByUnits)
    ? order.sort((left, right) => (keys[left]! < keys[right]! ? -1 : 1))
    : order.sort((left, right) => compareKeys(keys[left]!, keys[right]!))
}

const mostHeadBytes = (keys: ReadonlyArray<string>): number => {
  let bytes = 0
  for (const key of keys) bytes += 4 + key.length * maxBytesPerUnit + 1 + 3
  return bytes
}

/** Returns where it ends. The width of the tag is known only when the key has been written. */
const writeHead = (key: string, heads: Uint8Array, start: number): number => {
  if (key.includes("\0")) throw new PayloadRefused("shape", `the key ${JSON.stringify(key)} contains a NUL`)
  const written = writeUtf8(key, heads, start + 1)
  if (written < 0) throw refusedSurrogate(`the key ${JSON.stringify(key)}`)
  const width = keyTagWidth(written + 1)
  if (width > 1) heads.copyWithin(start + width, start + 1, start + 1 + written)
  let tag = (written + 1) * 4 + (width - 1)
  for (let index = 0; index < width; index++) {
    heads[start + index] = tag & 0xff
    tag >>>= 8
  }
  heads[start + width + written] = 0
  return start + width + written + 1
}

/** Cheap, and different for most objects: number of keys, their lengths, first and last characters. */
const fingerprintOf = (keys: ReadonlyArray<string>, count: number): number => {
  let fingerprint = count
  for (let index = 0; index < count; index++) {
    const key = keys[index]!
    const last = key.length - 1
    const letters = last < 0 ? 0 : key.charCodeAt(0) * 257 + key.charCodeAt(last)
    fingerprint = (Math.imul(fingerprint, 31) + Math.imul(letters, 17) + last) | 0
  }
  return fingerprint ^ (fingerprint >>> 13)
}

const isShapeOf = (shape: ObjectShape, keys: ReadonlyArray<string>, count: number): boolean => {
  const { ownKeys } = shape
  if (ownKeys.length !== count) return false
  for (let index = 0; index < count; index++) if (ownKeys[index] !== keys[index]) return false
  return true
}

const emptyShape = makeShape([], [])
const table = Array.from({ length: tableSize }, () => emptyShape)
