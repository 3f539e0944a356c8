/**
 * Keys as they stand in payloads, recognised by their bytes: the same few keys come again in message after message,
 * and a key that was checked once need not be decoded, hashed and checked again.
 */
import { comparesByUnits, compareKeys } from "../json/keyOrder.js"
import { stringText } from "../json/stringText.js"

const encoder = new TextEncoder()

export class StoredKey {
  /** JavaScript's own comparison is right for such keys, and faster. */
  private readonly comparesByUnits: boolean
  private quoted: Uint8Array | undefined

  /** Tag, key and NUL, as far as the key is remembered. */
  head: DataView | undefined

  constructor(
    readonly text: string,
    /** Tag, key and NUL. */
    readonly headBytes: number,
    /** Where it is stored: its own hash, or a probe of it. */
    readonly hash: number,
    /** False when its own place was taken by another key with the same hash. */
    readonly isAtHash: boolean
  ) {
    this.comparesByUnits = comparesByUnits(text)
  }

  /** `"key":`, in UTF-8. */
  get memberText(): Uint8Array {
    this.quoted ??= encoder.encode(`${stringText(this.text)}:`)
    return this.quoted
  }

  /** For different keys: negative when this one comes first. */
  compare(other: StoredKey): number {
    if (this.comparesByUnits && other.comparesByUnits) return this.text < other.text ? -1 : 1
    return compareKeys(this.text, other.text)
  }
}

/** A set of two places for every hash. */
const tableSize = 1 << 10
const longestKeptHead = 64
const table = Array.from<StoredKey | undefined>({ length: tableSize })

/** Multiplied, because the low bits of such hashes are much alike. */
const placeOf = (hash: number): number => (Math.imul(hash, 0x9e3779b1) >>> 23) * 2

/** The key whose head stands at `at`, if it is remembered; the payload has `room` more bytes from there on. */
export const knownKey = (hash: number, view: DataView, at: number, room: number): StoredKey | undefined => {
  const place = placeOf(hash)
  const first = table[place]
  if (first !== undefined && isKeyAt(first, hash, view, at, room)) return first
  const second = table[place + 1]
  return second !== undefined && isKeyAt(second, hash, view, at, room) ? second : undefined
}

const isKeyAt = (key: StoredKey, hash: number, view: DataView, at: number, room: number): boolean =>
  key.hash === hash && key.headBytes <= room && isHeadAt(key.head!, view, at)

/** There must be as many bytes as the head has. */
export const isHeadAt = (head: DataView, view: DataView, at: number): boolean => {
  const bytes = head.byteLength
  let index = 0
  for (; index + 4 <= bytes; index += 4)
    if (view.getInt32(at + index, true) !== head.getInt32(index, true)) return false
  for (; index < bytes; index++) if (view.getUint8(at + index) !== head.getUint8(index)) return false
  return true
}

/** The key must have been checked, and stored at its own hash. */
export const rememberKey = (key: StoredKey, block: Uint8Array, at: number): void => {
  if (key.headBytes > longestKeptHead) return
  // A copy, which `slice` of a Buffer would not be.
  key.head = new DataView(new Uint8Array(block.subarray(at, at + key.headBytes)).buffer)
  const place = placeOf(key.hash)
  table[place + 1] = table[place]
  table[place] = key
}
