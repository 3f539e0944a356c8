/**
 * Reads payloads that anybody may have written: every rule of the format is checked before a byte is believed. Work
 * is bounded by the length of the payload, because its parts must not overlap: each part read is paid for out of
 * a budget of that many bytes, so that cycles and shared parts run dry.
 */
import { corrupt } from "./corrupt.js"
import { hashKey, isProbeOf, keyTagWidth } from "./keyBytes.js"
import {
  childrenAt,
  entriesAt,
  hashesAt,
  keyCountMask,
  maxNesting,
  maxPayloadBytes,
  maxTreeHeight,
  nodeBytes,
  sizeAt,
  sizeShift,
  ValueType,
  wordAt
} from "./layout.js"
import type { MemberOrder } from "./memberOrder.js"
import { isHeadAt, knownKey, rememberKey, StoredKey } from "./storedKeys.js"
import { readUtf8 } from "./utf8.js"

/** Reading never calls anybody who could read something else meanwhile, so all readers share these. */
const keyStack: Array<StoredKey> = []
const memberStack: Array<number> = []
const elementStack: Array<number> = []
const mostKeptPlaces = 4096

export class PayloadReader {
  /** Stacks of the members and elements of the containers being read: a key and where its value is. */
  readonly keys = keyStack
  readonly memberOffsets = memberStack
  memberTop = 0
  readonly elementOffsets = elementStack
  elementTop = 0

  private budget: number

  // Of the container being walked. Its walk ends before that of a nested one begins.
  private lastHash = 0
  private entryCount = 0
  private hasProbedKey = false

  /** Whatever another reader has on the stacks is lost: one payload is read after the other. */
  constructor(readonly bytes: Uint8Array) {
    const { length } = bytes
    if (length < nodeBytes) throw corrupt(`a payload of ${length} bytes is too short`)
    if (length > maxPayloadBytes) throw corrupt(`a payload of ${length} bytes is too long`)
    if (bytes[0] !== ValueType.Object) throw corrupt("the payload does not begin with an object", 0)
    this.budget = length
    if (memberStack.length > mostKeptPlaces) memberStack.length = keyStack.length = 0
    if (elementStack.length > mostKeptPlaces) elementStack.length = 0
  }

  /** Pays for a part of the payload. */
  charge(partBytes: number, position: number): void {
    this.budget -= partBytes
    if (this.budget < 0) throw corrupt("parts of the payload overlap", position)
  }

  /** Puts the members of the object on top of the stack, in the order of their hashes. */
  openObject(node: number, nesting: number): void {
    const start = this.memberTop
    this.openContainer(node, ValueType.Object, nesting)
    if (this.hasProbedKey) this.checkDuplicates(start, node)
  }

  /**
   * Does what `openObject` does, apart from the keys, if the object has just the members of the guess, all of them in its
   * root. Otherwise nothing happens, and `openObject` will say what the matter is.
   */
  openGuessed(node: number, nesting: number, guess: MemberOrder): boolean {
    const { bytes, memberTop } = this
    const { keys } = guess
    const count = keys.length
    if (!guess.isGuessable || nesting > maxNesting) return false
    if ((node & 3) !== 0 || node < nodeBytes || node > bytes.length - nodeBytes) return false
    if (wordAt(bytes, node + sizeAt) !== ((count << sizeShift) | count)) return false
    let paid = nodeBytes
    for (let slot = 0; slot < count; slot++) {
      const key = keys[slot]!
      const entry = wordAt(bytes, node + entriesAt + slot * 4)
      if (wordAt(bytes, node + hashesAt + slot * 4) !== key.hash || entry < nodeBytes) return false
      if (!isHeadAt(key.head!, bytes, entry)) return false
      this.memberOffsets[memberTop + slot] = entry + key.headBytes
      paid += key.headBytes
    }
    for (let slot = 0; slot <= count; slot++) if (wordAt(bytes, node + childrenAt + slot * 4) !== 0) return false
    this.charge(paid, node)
    this.memberTop = memberTop + count
    return true
  }

  /** Puts the offsets of the elements on top of the stack, in order. */
  openArray(node: number, nesting: number): void {
    this.openContainer(node, ValueType.Array, nesting)
  }

  private openContainer(node: number, type: number, nesting: number): void {
    if (nesting > maxNesting) throw corrupt(`the payload nests deeper than ${maxNesting} levels`, node)
    if (node !== 0) this.checkNodeOffset(node)
    this.lastHash = -1
    this.entryCount = 0
    this.hasProbedKey = false
    this.walk(node, type, 1)
    if (wordAt(this.bytes, node + sizeAt) >>> sizeShift !== this.entryCount) {
      throw corrupt("a container does not have as many entries as it says", node)
    }
  }

  private checkNodeOffset(node: number): void {
    if ((node & 3) !== 0) throw corrupt("a node is not aligned", node)
    if (node < nodeBytes || node > this.bytes.length - nodeBytes) throw corrupt("a node lies outside the payload", node)
  }

  /** In order: what is left of the first key, the first entry, what is between it and the second key … */
  private walk(node: number, type: number, height: number): void {
    this.charge(nodeBytes, node)
    const { bytes } = this
    const keyCount = bytes[node + sizeAt]! & keyCountMask
    const isBranch = wordAt(bytes, node + childrenAt) !== 0
    for (let slot = 1; slot <= keyCount; slot++) {
      if ((wordAt(bytes, node + childrenAt + slot * 4) !== 0) !== isBranch) {
        throw corrupt("a node has some of its children, but not all", node)
      }
    }
    for (let slot = 0; slot < keyCount; slot++) {
      if (isBranch) this.walkChild(node, slot, type, height)
      const hash = wordAt(bytes, node + hashesAt + slot * 4)
      const entry = wordAt(bytes, node + entriesAt + slot * 4)
      if (type === ValueType.Object) this.addMember(hash, entry)
      else this.addElement(hash, entry)
      this.entryCount++
    }
    if (isBranch) this.walkChild(node, keyCount, type, height)
  }

  private walkChild(parent: number, slot: number, type: number, height: number): void {
    const node = wordAt(this.bytes, parent + childrenAt + slot * 4)
    this.checkNodeOffset(node)
    if (this.bytes[node] !== type) throw corrupt("a node has another type than its container", node)
    if ((this.bytes[node + sizeAt]! & keyCountMask) === 0) throw corrupt("a node has no keys", node)
    if (height === maxTreeHeight) throw corrupt(`a container is more than ${maxTreeHeight} nodes high`, node)
    this.walk(node, type, height + 1)
  }

  private addElement(hash: number, entry: number): void {
    if (hash !== this.entryCount) throw corrupt(`an array has no element ${this.entryCount}`, entry)
    this.checkEntryOffset(entry)
    this.elementOffsets[this.elementTop++] = entry
  }

  private addMember(hash: number, entry: number): void {
    if (hash <= this.lastHash) throw corrupt("the members of an object are out of order", entry)
    this.lastHash = hash
    this.checkEntryOffset(entry)
    let key = knownKey(hash, this.bytes, entry)
    if (key === undefined) key = this.readKey(hash, entry)
    else this.charge(key.headBytes, entry)
    if (!key.isAtHash) this.hasProbedKey = true
    this.keys[this.memberTop] = key
    this.memberOffsets[this.memberTop++] = entry + key.headBytes
  }

  private checkEntryOffset(entry: number): void {
    if (entry < nodeBytes || entry >= this.bytes.length) throw corrupt("an entry lies outside the payload", entry)
  }

  private readKey(hash: number, entry: number): StoredKey {
    const { bytes } = this
    const tagWidth = (bytes[entry]! & 3) + 1
    const start = entry + tagWidth
    if (start > bytes.length) throw corrupt("a key tag lies outside the payload", entry)
    let tag = 0
    for (let index = tagWidth - 1; index >= 0; index--) tag = tag * 256 + bytes[entry + index]!
    const keyBytes = Math.floor(tag / 4)
    if (keyBytes < 1 || keyBytes > bytes.length - start) throw corrupt("a key lies outside the payload", entry)
    if (tagWidth !== keyTagWidth(keyBytes)) throw corrupt("a key tag has the wrong width", entry)
    this.charge(tagWidth + keyBytes, entry)
    const end = start + keyBytes - 1
    if (bytes.indexOf(0, start) !== end) throw corrupt("a key does not end at its NUL", entry)
    const text = readUtf8(bytes, start, end)
    if (text === undefined) throw corrupt("a key is not well-formed UTF-8", start)
    const ownHash = hashKey(bytes, start, end)
    if (!isProbeOf(hash, ownHash)) throw corrupt("a key does not belong to its hash", entry)
    const key = new StoredKey(text, tagWidth + keyBytes, hash, hash === ownHash)
    if (key.isAtHash) rememberKey(key, bytes, entry)
    return key
  }

  /** Two entries with one key have different hashes, so at least one of them is not at its own. */
  private checkDuplicates(start: number, node: number): void {
    const seen = new Set<string>()
    for (let index = start; index < this.memberTop; index++) seen.add(this.keys[index]!.text)
    if (seen.size !== this.memberTop - start) throw corrupt("an object has two members with the same key", node)
  }

  /** The type of the value. As far as its length is fixed, it lies inside the payload. */
  valueType(offset: number): number {
    const type = this.bytes[offset]
    if (type === undefined) throw corrupt("a value lies outside the payload", offset)
    if (type > ValueType.Array) throw corrupt(`there is no value of type ${type}`, offset)
    if (type < ValueType.Object && scalarBytes[type]! > this.bytes.length - offset) {
      throw corrupt("a value lies outside the payload", offset)
    }
    return type
  }

  readNull(offset: number): null {
    this.charge(1, offset)
    return null
  }

  readBoolean(offset: number): boolean {
    this.charge(2, offset)
    const body = this.bytes[offset + 1]!
    if (body > 1) throw corrupt("a boolean is neither true nor false", offset)
    return body === 1
  }

  /** The low half of an integer, signed; it pays for the whole. */
  readIntegerLow(offset: number): number {
    this.charge(9, offset)
    return wordAt(this.bytes, offset + 1) | 0
  }

  readIntegerHigh(offset: number): number {
    return wordAt(this.bytes, offset + 5) | 0
  }

  readFloat(offset: number): number {
    this.charge(9, offset)
    for (let index = 0; index < 8; index++) floatView.setUint8(index, this.bytes[offset + 1 + index]!)
    const value = floatView.getFloat64(0, true)
    if (!Number.isFinite(value)) throw corrupt("a float is not finite", offset)
    return value
  }

  readString(offset: number): string {
    const { bytes } = this
    const start = offset + 5
    const size = wordAt(bytes, offset + 1)
    if (size > bytes.length - start) throw corrupt("a string runs past the end of the payload", offset)
    const end = start + size - 1
    if (size === 0 || bytes[end] !== 0) throw corrupt("a string does not end with a NUL", offset)
    this.charge(5 + size, offset)
    const text = readUtf8(bytes, start, end)
    if (text === undefined) throw corrupt("a string is not well-formed UTF-8", start)
    return text
  }

  readBytes(offset: number): Uint8Array {
    const { bytes } = this
    const start = offset + 5
    const length = wordAt(bytes, offset + 1)
    if (length > bytes.length - start) throw corrupt("a bytes value runs past the end of the payload", offset)
    this.charge(5 + length, offset)
    return bytes.subarray(start, start + length)
  }
}

/** Type byte and the fixed part of the body. */
const scalarBytes = [1, 2, 9, 9, 5, 5]

const floatView = new DataView(new ArrayBuffer(8))
