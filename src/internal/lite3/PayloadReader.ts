/**
 * Reads payloads that anybody may have written: every rule of the format is checked before a byte is believed. Work
 * is bounded by the length of the payload, because its parts must not overlap: each part read is paid for out of
 * a budget of that many bytes, so that cycles and shared parts run dry.
 */
import type { PoolError } from "../../PoolError.js"
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
  ValueType
} from "./layout.js"
import type { MemberOrder } from "./memberOrder.js"
import type { PayloadSpan } from "./PayloadSpan.js"
import { isHeadAt, knownKey, rememberKey, StoredKey } from "./storedKeys.js"
import type { TextBytes } from "./TextBytes.js"
import { readUtf8 } from "./utf8.js"

/** Reading never calls anybody who could read something else meanwhile, so all readers share these. */
const keyStack: Array<StoredKey> = []
const memberStack: Array<number> = []
const elementStack: Array<number> = []
const mostKeptPlaces = 4096

export class PayloadReader implements PayloadSpan {
  /** Stacks of the members and elements of the containers being read: a key and where its value is. */
  readonly keys = keyStack
  readonly memberOffsets = memberStack
  memberTop = 0
  readonly elementOffsets = elementStack
  elementTop = 0

  /** Bytes of the payload. Whatever lies behind them in the same memory is not its own, and never looked at. */
  readonly length: number
  readonly view: DataView
  readonly block: Uint8Array
  /** Where the payload starts in both. */
  readonly start: number
  private budget: number

  // Of the container being walked. Its walk ends before that of a nested one begins.
  private lastHash = 0
  private entryCount = 0
  private hasProbedKey = false

  /** Whatever another reader has on the stacks is lost: one payload is read after the other. */
  constructor({ block, length, start, view }: PayloadSpan) {
    this.block = block
    this.view = view
    this.start = start
    this.length = length
    if (length < nodeBytes) throw corrupt(`a payload of ${length} bytes is too short`)
    if (length > maxPayloadBytes) throw corrupt(`a payload of ${length} bytes is too long`)
    if (this.byteAt(0) !== ValueType.Object) throw corrupt("the payload does not begin with an object", 0)
    this.budget = length
    if (memberStack.length > mostKeptPlaces) memberStack.length = keyStack.length = 0
    if (elementStack.length > mostKeptPlaces) elementStack.length = 0
  }

  /** The byte must lie inside the payload. */
  byteAt(offset: number): number {
    return this.view.getUint8(this.start + offset)
  }

  /** All four bytes must lie inside the payload. */
  wordAt(offset: number): number {
    return this.view.getUint32(this.start + offset, true)
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
    const { length, memberOffsets, memberTop, start, view } = this
    const { keys } = guess
    const count = keys.length
    if (!guess.isGuessable || nesting > maxNesting) return false
    if ((node & 3) !== 0 || node < nodeBytes || node > length - nodeBytes) return false
    const at = start + node
    if (view.getInt32(at + sizeAt, true) !== ((count << sizeShift) | count)) return false
    let paid = nodeBytes
    for (let slot = 0; slot < count; slot++) {
      const key = keys[slot]!
      const entry = view.getUint32(at + entriesAt + slot * 4, true)
      if (view.getUint32(at + hashesAt + slot * 4, true) !== key.hash || entry < nodeBytes) return false
      if (entry > length - key.headBytes || !isHeadAt(key.head!, view, start + entry)) return false
      memberOffsets[memberTop + slot] = entry + key.headBytes
      paid += key.headBytes
    }
    for (let slot = 0; slot <= count; slot++) if (view.getInt32(at + childrenAt + slot * 4, true) !== 0) return false
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
    if (this.wordAt(node + sizeAt) >>> sizeShift !== this.entryCount) {
      throw corrupt("a container does not have as many entries as it says", node)
    }
  }

  private checkNodeOffset(node: number): void {
    if ((node & 3) !== 0) throw corrupt("a node is not aligned", node)
    if (node < nodeBytes || node > this.length - nodeBytes) throw corrupt("a node lies outside the payload", node)
  }

  /** In order: what is left of the first key, the first entry, what is between it and the second key … */
  private walk(node: number, type: number, height: number): void {
    this.charge(nodeBytes, node)
    const keyCount = this.byteAt(node + sizeAt) & keyCountMask
    const isBranch = this.wordAt(node + childrenAt) !== 0
    for (let slot = 1; slot <= keyCount; slot++) {
      if ((this.wordAt(node + childrenAt + slot * 4) !== 0) !== isBranch) {
        throw corrupt("a node has some of its children, but not all", node)
      }
    }
    for (let slot = 0; slot < keyCount; slot++) {
      if (isBranch) this.walkChild(node, slot, type, height)
      const hash = this.wordAt(node + hashesAt + slot * 4)
      const entry = this.wordAt(node + entriesAt + slot * 4)
      if (type === ValueType.Object) this.addMember(hash, entry)
      else this.addElement(hash, entry)
      this.entryCount++
    }
    if (isBranch) this.walkChild(node, keyCount, type, height)
  }

  private walkChild(parent: number, slot: number, type: number, height: number): void {
    const node = this.wordAt(parent + childrenAt + slot * 4)
    this.checkNodeOffset(node)
    if (this.byteAt(node) !== type) throw corrupt("a node has another type than its container", node)
    if ((this.byteAt(node + sizeAt) & keyCountMask) === 0) throw corrupt("a node has no keys", node)
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
    let key = knownKey(hash, this.view, this.start + entry, this.length - entry)
    if (key === undefined) key = this.readKey(hash, entry)
    else this.charge(key.headBytes, entry)
    if (!key.isAtHash) this.hasProbedKey = true
    this.keys[this.memberTop] = key
    this.memberOffsets[this.memberTop++] = entry + key.headBytes
  }

  private checkEntryOffset(entry: number): void {
    if (entry < nodeBytes || entry >= this.length) throw corrupt("an entry lies outside the payload", entry)
  }

  private readKey(hash: number, entry: number): StoredKey {
    const { block, length, start } = this
    const tagWidth = (this.byteAt(entry) & 3) + 1
    const text = entry + tagWidth
    if (text > length) throw corrupt("a key tag lies outside the payload", entry)
    let tag = 0
    for (let index = tagWidth - 1; index >= 0; index--) tag = tag * 256 + this.byteAt(entry + index)
    const keyBytes = Math.floor(tag / 4)
    if (keyBytes < 1 || keyBytes > length - text) throw corrupt("a key lies outside the payload", entry)
    if (tagWidth !== keyTagWidth(keyBytes)) throw corrupt("a key tag has the wrong width", entry)
    this.charge(tagWidth + keyBytes, entry)
    const from = start + text
    const end = from + keyBytes - 1
    if (block.indexOf(0, from) !== end) throw corrupt("a key does not end at its NUL", entry)
    const key = readUtf8(block, from, end)
    if (key === undefined) throw corrupt("a key is not well-formed UTF-8", text)
    const ownHash = hashKey(block, from, end)
    if (!isProbeOf(hash, ownHash)) throw corrupt("a key does not belong to its hash", entry)
    const stored = new StoredKey(key, tagWidth + keyBytes, hash, hash === ownHash)
    if (stored.isAtHash) rememberKey(stored, block, start + entry)
    return stored
  }

  /** Two entries with one key have different hashes, so at least one of them is not at its own. */
  private checkDuplicates(start: number, node: number): void {
    const seen = new Set<string>()
    for (let index = start; index < this.memberTop; index++) seen.add(this.keys[index]!.text)
    if (seen.size !== this.memberTop - start) throw corrupt("an object has two members with the same key", node)
  }

  /** The type of the value. As far as its length is fixed, it lies inside the payload. */
  valueType(offset: number): number {
    if (offset >= this.length) throw corrupt("a value lies outside the payload", offset)
    const type = this.byteAt(offset)
    if (type > ValueType.Array) throw corrupt(`there is no value of type ${type}`, offset)
    if (type < ValueType.Object && scalarBytes[type]! > this.length - offset) {
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
    const body = this.byteAt(offset + 1)
    if (body > 1) throw corrupt("a boolean is neither true nor false", offset)
    return body === 1
  }

  /** The low half of an integer, signed; it pays for the whole. */
  readIntegerLow(offset: number): number {
    this.charge(9, offset)
    return this.wordAt(offset + 1) | 0
  }

  readIntegerHigh(offset: number): number {
    return this.wordAt(offset + 5) | 0
  }

  readFloat(offset: number): number {
    this.charge(9, offset)
    const value = this.view.getFloat64(this.start + offset + 1, true)
    if (!Number.isFinite(value)) throw corrupt("a float is not finite", offset)
    return value
  }

  readString(offset: number): string {
    const end = this.stringEnd(offset)
    const text = offset + stringHeadBytes
    const value = readUtf8(this.block, this.start + text, end)
    if (value === undefined) throw notWellFormed(text)
    return value
  }

  /** Adds the string in quotes to a text. */
  writeString(offset: number, target: TextBytes): void {
    const end = this.stringEnd(offset)
    const text = offset + stringHeadBytes
    if (!target.string(this.block, this.start + text, end)) throw notWellFormed(text)
  }

  /** In the block. The string is paid for. */
  private stringEnd(offset: number): number {
    const { block, length, start } = this
    const text = offset + stringHeadBytes
    const size = this.wordAt(offset + 1)
    if (size > length - text) throw corrupt("a string runs past the end of the payload", offset)
    const end = start + text + size - 1
    if (size === 0 || block[end] !== 0) throw corrupt("a string does not end with a NUL", offset)
    this.charge(stringHeadBytes + size, offset)
    return end
  }

  readBytes(offset: number): Uint8Array {
    const { block, length, start } = this
    const body = offset + 5
    const size = this.wordAt(offset + 1)
    if (size > length - body) throw corrupt("a bytes value runs past the end of the payload", offset)
    this.charge(5 + size, offset)
    return block.subarray(start + body, start + body + size)
  }
}

const notWellFormed = (position: number): PoolError => corrupt("a string is not well-formed UTF-8", position)

/** Type byte and the length of what follows. */
const stringHeadBytes = 5

/** Type byte and the fixed part of the body. */
const scalarBytes = [1, 2, 9, 9, 5, 5]
