/**
 * Where payloads grow: each is written right behind the one before it, into a block that small payloads share and
 * that is given up when it is full. Nothing is zero in advance, so everything must be written in full. Positions are
 * those of the block; offsets within a payload count from `origin`.
 */
import type { InsertionPlan } from "./insertionPlan.js"
import {
  childrenAt,
  childWord,
  entriesAt,
  entryWord,
  keyCountMask,
  maxPayloadBytes,
  nodeBytes,
  nodeWords,
  sizeWord
} from "./layout.js"
import { PayloadRefused } from "./PayloadRefused.js"
import { newBlock } from "./utf8.js"

/** Making a buffer of its own for each small payload costs more than encoding it. */
const blockBytes = 64 * 1024
const mostSharedBytes = 4 * 1024

/** What one huge message needed beyond this is not kept. */
const mostKeptBytes = 4 * 1024 * 1024
const mostKeptPlaces = 4096

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export class Scratch {
  bytes = newBlock(blockBytes)
  view = viewOf(this.bytes)

  /** Where the payload begins: a multiple of 8. */
  origin = 0

  /** A stack of the offsets of entries and nodes: of each open container first its entries, then its nodes. */
  offsets = new Int32Array(256)
  private offsetsTop = 0

  /** A stack of the values of open objects, in the order of their own keys. */
  values: Array<unknown> = []
  valuesTop = 0

  /** Whether this payload has a number that came as a JavaScript number. */
  hasNumber = false

  /** The keys of the object that is just being looked at. */
  keys: Array<string> = []

  private block = this.bytes
  private buffer = this.bytes.buffer
  private blockView = this.view
  private spill: Uint8Array | undefined

  begin(): void {
    this.offsetsTop = 0
    this.valuesTop = 0
    this.hasNumber = false
    if (this.block.length - this.origin < mostSharedBytes) {
      this.block = newBlock(blockBytes)
      this.buffer = this.block.buffer
      this.blockView = viewOf(this.block)
      this.origin = 0
    }
    this.bytes = this.block
    this.view = this.blockView
  }

  /**
   * Moves the payload, which ends at `end`, to where there is room for so many more bytes. Positions stay what they are.
   */
  grow(end: number, moreBytes: number): void {
    if (end - this.origin > maxPayloadBytes) throw tooLarge()
    const needed = end + moreBytes
    const target =
      this.spill !== undefined && this.spill !== this.bytes && this.spill.length >= needed
        ? this.spill
        : new Uint8Array(Math.max(this.bytes.length * 2, needed))
    target.set(this.bytes.subarray(this.origin, end), this.origin)
    this.bytes = target
    this.view = viewOf(target)
    this.spill = target.length <= mostKeptBytes ? target : undefined
  }

  /** The payload that ends at `end`, in bytes that nobody else will touch. */
  take(end: number): Uint8Array {
    const { bytes, origin } = this
    const length = end - origin
    if (length > maxPayloadBytes) throw tooLarge()
    if (length > mostSharedBytes || bytes !== this.block) {
      this.forget()
      return bytes.slice(origin, end)
    }
    this.origin = (end + 7) & ~7
    // The constructor is faster than `subarray`, which must first ask what kind of array to make.
    return new Uint8Array(this.buffer, origin, length)
  }

  /** Lets go of what a message that was large, or could not be written, has left behind. */
  forget(): void {
    if (this.keys.length > mostKeptPlaces) this.keys = []
    if (this.offsets.length > mostKeptPlaces) this.offsets = new Int32Array(256)
    this.values = []
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

  /** Takes the next aligned 96 bytes at or behind `end`. They are filled when the container is complete. */
  placeNode(end: number): number {
    if (end + nodeBytes + 3 > this.bytes.length) this.grow(end, nodeBytes + 3)
    return this.pad(end, 0)
  }

  /** Zeros up to where something of `headBytes` bytes must start for what follows it to be aligned. There is room. */
  pad(end: number, headBytes: number): number {
    const start = end + (-(end + headBytes) & 3)
    for (let at = end; at < start; at++) this.bytes[at] = 0
    return start
  }

  /** Shifts an entry whose value turned out to be one that must be aligned. Returns by how much. */
  realign(entry: number, value: number, end: number): number {
    const padding = -value & 3
    if (padding === 0) return 0
    if (end + padding > this.bytes.length) this.grow(end, padding)
    this.bytes.copyWithin(entry + padding, entry, end)
    this.bytes.fill(0, entry, entry + padding)
    return padding
  }

  /**
   * Fills in the nodes of a container whose offsets are all known, and gives its places back. A root without other nodes
   * has its image already.
   */
  finishNodes(plan: InsertionPlan, base: number): void {
    this.offsetsTop = base
    const { offsets, origin, view } = this
    const { images } = plan
    if (plan.nodeCount === 1) {
      let at = origin + offsets[base + plan.entryCount]! + entriesAt
      for (let slot = 0; slot < plan.entryCount; slot++, at += 4) {
        view.setInt32(at, offsets[base + images[entryWord + slot]!]!, true)
      }
      return
    }
    const nodes = base + plan.entryCount
    for (let node = 0; node < plan.nodeCount; node++) {
      let image = node * nodeWords
      const keyCount = images[image + sizeWord]! & keyCountMask
      const isBranch = images[image + childWord] !== 0
      let at = origin + offsets[nodes + node]!
      const entries = at + entriesAt
      const children = at + childrenAt
      const end = at + nodeBytes
      for (; at < entries; at += 4) view.setUint32(at, images[image++]!, true)
      for (let slot = 0; slot < keyCount; slot++, at += 4) {
        view.setInt32(at, offsets[base + images[image++]!]!, true)
      }
      for (; at < children; at += 4) view.setInt32(at, 0, true)
      if (isBranch) {
        image = node * nodeWords + childWord
        for (let slot = 0; slot <= keyCount; slot++, at += 4) {
          view.setInt32(at, offsets[nodes + images[image++]!]!, true)
        }
      }
      for (; at < end; at += 4) view.setInt32(at, 0, true)
    }
  }
}

/** A `toJSON` or a getter that encodes another message meanwhile finds none, and makes its own. */
let idle: Scratch | undefined = new Scratch()

export const borrowScratch = (): Scratch => {
  const scratch = idle ?? new Scratch()
  idle = undefined
  scratch.begin()
  return scratch
}

export const returnScratch = (scratch: Scratch): void => {
  idle = scratch
}

export const tooLarge = (): PayloadRefused =>
  new PayloadRefused("limit", `the message takes more than ${maxPayloadBytes} bytes as a payload`)
