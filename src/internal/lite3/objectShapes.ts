/**
 * Everything about an object that follows from its keys alone: the order of insertion, the bytes of the keys, the
 * tree. Messages of one kind have the same keys, so shapes are remembered, but only from the second time on and
 * only small ones: keys may be unique ids, or chosen by somebody who means harm.
 */
import { compareKeys, comparesByUnits } from "../json/keyOrder.js"
import type { InsertionPlan } from "./insertionPlan.js"
import { planObject } from "./insertionPlan.js"
import { hashKey, keyTagWidth } from "./keyBytes.js"
import { maxPayloadBytes } from "./layout.js"
import { PayloadRefused, refusedSurrogate } from "./PayloadRefused.js"
import { maxBytesPerUnit, writeUtf8 } from "./utf8.js"

export interface ObjectShape {
  /** As `Object.keys` lists them. */
  readonly ownKeys: ReadonlyArray<string>
  /** For each entry in insertion order, which of the own keys it is. */
  readonly order: ReadonlyArray<number>
  /** Tag, key and NUL of every entry in insertion order, back to back. */
  readonly heads: Uint8Array
  /** Where each of them ends. */
  readonly headEnds: ReadonlyArray<number>
  readonly plan: InsertionPlan
}

/** A set of two places for every fingerprint. */
const tableSize = 1024
const mostKeptKeys = 64
const mostKeptHeadBytes = 1024

const table = Array.from<ObjectShape | undefined>({ length: tableSize })
const seenOnce = new Int32Array(tableSize / 2)

/** The shape of an object with these own keys. Members are inserted in the order of their UTF-8 bytes. */
export const objectShape = (keys: ReadonlyArray<string>): ObjectShape => {
  const fingerprint = fingerprintOf(keys)
  const place = (fingerprint & (tableSize / 2 - 1)) * 2
  const first = table[place]
  if (first !== undefined && sameKeys(first.ownKeys, keys)) return first
  const second = table[place + 1]
  if (second !== undefined && sameKeys(second.ownKeys, keys)) return second

  const shape = makeShape(keys, sortedOrder(keys))
  if (seenOnce[place / 2] !== fingerprint) seenOnce[place / 2] = fingerprint
  else if (keys.length <= mostKeptKeys && shape.heads.length <= mostKeptHeadBytes) {
    table[place + 1] = first
    table[place] = shape
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
  const headEnds: Array<number> = []
  let end = 0
  for (let entry = 0; entry < order.length; entry++) {
    const key = keys[order[entry]!]!
    const start = end
    end = writeHead(key, heads, start)
    tagWidths[entry] = (heads[start]! & 3) + 1
    hashes[entry] = hashKey(heads, start + tagWidths[entry]!, end - 1)
    headEnds.push(end)
  }
  return { ownKeys: keys, order, heads: heads.slice(0, end), headEnds, plan: planObject(hashes, tagWidths) }
}

const sortedOrder = (keys: ReadonlyArray<string>): ReadonlyArray<number> => {
  const order = keys.map((_, index) => index)
  return keys.every(comparesByUnits)
    ? order.sort((left, right) => (keys[left]! < keys[right]! ? -1 : 1))
    : order.sort((left, right) => compareKeys(keys[left]!, keys[right]!))
}

const mostHeadBytes = (keys: ReadonlyArray<string>): number => {
  let bytes = 0
  for (const key of keys) bytes += 4 + key.length * maxBytesPerUnit + 1
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
const fingerprintOf = (keys: ReadonlyArray<string>): number => {
  let fingerprint = keys.length
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    const last = key.length - 1
    const letters = last < 0 ? 0 : key.charCodeAt(0) * 257 + key.charCodeAt(last)
    fingerprint = (Math.imul(fingerprint, 31) + Math.imul(letters, 17) + last) | 0
  }
  return fingerprint ^ (fingerprint >>> 13)
}

const sameKeys = (known: ReadonlyArray<string>, keys: ReadonlyArray<string>): boolean => {
  if (known.length !== keys.length) return false
  for (let index = 0; index < keys.length; index++) if (known[index] !== keys[index]) return false
  return true
}
