/**
 * The buffer in which a payload grows, reused from message to message, so everything written must be written in
 * full: old bytes are lying around. Offsets are those of the finished payload, which begins at byte 0.
 */
import type { InsertionPlan } from "./insertionPlan.js"
import {
  childrenAt,
  childWord,
  entriesAt,
  keyCountMask,
  maxPayloadBytes,
  nodeBytes,
  nodeWords,
  sizeWord
} from "./layout.js"
import { PayloadRefused } from "./PayloadRefused.js"

const initialBytes = 16 * 1024

/** A buffer that one huge message has grown beyond this is not kept. */
const mostKeptBytes = 4 * 1024 * 1024

/** Small results share blocks: making a buffer of its own for each costs more than encoding it. */
const blockBytes = 64 * 1024
const mostSharedBytes = 4 * 1024

export class Scratch {
  bytes = new Uint8Array(initialBytes)
  view = new DataView(this.bytes.buffer)
  length = 0

  /** What the buffer is known to begin with. */
  private prefix: Uint8Array | undefined

  /**
   * A stack of offsets of entries and nodes of the containers being written. A container takes one place for each
   * entry, then one for each node.
   */
  offsets = new Int32Array(256)
  private offsetsTop = 0

  private block = new Uint8Array(0)
  private blockUsed = 0

  /** Starts a payload with these bytes, which must not change any more. */
  begin(prefix: Uint8Array): void {
    if (this.bytes.length > mostKeptBytes) {
      this.bytes = new Uint8Array(initialBytes)
      this.view = new DataView(this.bytes.buffer)
      this.prefix = undefined
    }
    if (this.offsets.length * 4 > mostKeptBytes) this.offsets = new Int32Array(256)
    this.offsetsTop = 0
    this.length = 0
    if (this.prefix !== prefix) {
      this.reserve(prefix.length)
      this.bytes.set(prefix)
      this.prefix = prefix
    }
    this.length = prefix.length
  }

  /** Makes room for so many more bytes. */
  reserve(moreBytes: number): void {
    if (this.length + moreBytes > this.bytes.length) this.grow(moreBytes)
  }

  private grow(moreBytes: number): void {
    if (this.length > maxPayloadBytes) throw tooLarge()
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + moreBytes))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** Zeros up to where something of `headBytes` bytes must start for what follows it to be aligned. */
  padBefore(headBytes: number): void {
    const target = this.length + (-(this.length + headBytes) & 3)
    while (this.length < target) this.bytes[this.length++] = 0
  }

  /** Takes the next aligned 96 bytes. They are filled when the container is complete. */
  appendNode(): number {
    this.reserve(nodeBytes + 3)
    this.padBefore(0)
    const offset = this.length
    this.length += nodeBytes
    return offset
  }

  /** Shifts an entry whose value turned out to be one that must be aligned. Returns its new offset. */
  realign(entry: number, value: number): number {
    const padding = -value & 3
    if (padding === 0) return entry
    this.reserve(padding)
    this.bytes.copyWithin(entry + padding, entry, this.length)
    this.bytes.fill(0, entry, entry + padding)
    this.length += padding
    return entry + padding
  }

  /** Returns the index of the first place. */
  pushOffsets(plan: InsertionPlan): number {
    const base = this.offsetsTop
    this.offsetsTop += plan.entryCount + plan.nodeCount
    if (this.offsetsTop > this.offsets.length) {
      const grown = new Int32Array(this.offsetsTop * 2)
      grown.set(this.offsets)
      this.offsets = grown
    }
    return base
  }

  /** Fills in the nodes of a container whose offsets are all known, and gives its places back. */
  finishNodes(plan: InsertionPlan, base: number): void {
    const { offsets, view } = this
    const { images } = plan
    const nodes = base + plan.entryCount
    for (let node = 0; node < plan.nodeCount; node++) {
      let image = node * nodeWords
      const keyCount = images[image + sizeWord]! & keyCountMask
      const isBranch = images[image + childWord] !== 0
      const start = offsets[nodes + node]!
      let at = start
      for (; at < start + entriesAt; at += 4) view.setUint32(at, images[image++]!, true)
      for (let slot = 0; slot < keyCount; slot++, at += 4) view.setInt32(at, offsets[base + images[image++]!]!, true)
      for (; at < start + childrenAt; at += 4) view.setInt32(at, 0, true)
      if (isBranch) {
        image = node * nodeWords + childWord
        for (let slot = 0; slot <= keyCount; slot++, at += 4)
          view.setInt32(at, offsets[nodes + images[image++]!]!, true)
      }
      for (; at < start + nodeBytes; at += 4) view.setInt32(at, 0, true)
    }
    this.offsetsTop = base
  }

  /** The payload, in bytes that nobody else will touch. */
  take(): Uint8Array {
    const { length } = this
    if (length > maxPayloadBytes) throw tooLarge()
    if (length > mostSharedBytes) return this.bytes.slice(0, length)
    if (this.blockUsed + length > this.block.length) {
      this.block = new Uint8Array(blockBytes)
      this.blockUsed = 0
    }
    const start = this.blockUsed
    this.blockUsed = (start + length + 7) & ~7
    // The constructor is faster than `subarray`, which must first ask what kind of array to make.
    const payload = new Uint8Array(this.block.buffer, start, length)
    payload.set(new Uint8Array(this.bytes.buffer, 0, length))
    return payload
  }
}

export const tooLarge = (): PayloadRefused =>
  new PayloadRefused("limit", `the message takes more than ${maxPayloadBytes} bytes as a payload`)
