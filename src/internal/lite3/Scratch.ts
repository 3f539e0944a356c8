/**
 * Where payloads grow, one at a time, in memory that the next one is written over: most begin like the one before, so
 * much of it stands there already. Nothing else is zero in advance, so everything must be written in full. Who keeps a
 * payload gets a copy in a block that small payloads share; who only appends it borrows it, and gives it back.
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

/** Views of the first bytes are kept by their length: a new one would cost as much as a third of encoding. */
const viewPlaces = 256

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The payload begins at 0. */
export class Scratch {
  private readonly workspace = newBlock(blockBytes)
  private readonly workspaceView = viewOf(this.workspace)
  private readonly payloads = Array.from<Uint8Array | undefined>({ length: viewPlaces })
  private spill: Uint8Array | undefined

  /** Where it is written: the workspace, or something larger, once it did not fit. */
  bytes = this.workspace
  view = this.workspaceView

  /** Which image the workspace begins with, apart from the offsets of entries in the node at its end. */
  standingImage: Uint8Array | undefined

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

  begin(): void {
    this.offsetsTop = 0
    this.valuesTop = 0
    this.hasNumber = false
    this.bytes = this.workspace
    this.view = this.workspaceView
  }

  /** Moves the payload, which ends at `end`, to where there is room for so many more bytes. */
  grow(end: number, moreBytes: number): void {
    if (end > maxPayloadBytes) throw tooLarge()
    const needed = end + moreBytes
    const target =
      this.spill !== undefined && this.spill !== this.bytes && this.spill.length >= needed
        ? this.spill
        : new Uint8Array(Math.max(this.bytes.length * 2, needed))
    target.set(this.bytes.subarray(0, end))
    this.bytes = target
    this.view = viewOf(target)
    this.spill = target.length <= mostKeptBytes ? target : undefined
  }

  /** The node image that the payload begins with is this one; only the offsets of entries are still to be written. */
  placeImage(image: Uint8Array): void {
    if (this.bytes !== this.workspace) this.bytes.set(image)
    else if (this.standingImage !== image) {
      this.standingImage = image
      this.bytes.set(image)
    }
  }

  /** Whether a payload that ends at `end` is small, and in the memory that the next one is written over. */
  isShared(end: number): boolean {
    return end <= mostSharedBytes && this.bytes === this.workspace
  }

  /** The payload that ends at `end`, where it was written: the next one overwrites it. For one that `isShared`. */
  inPlace(end: number): Uint8Array {
    const place = end & (viewPlaces - 1)
    const known = this.payloads[place]
    if (known !== undefined && known.length === end) return known
    return (this.payloads[place] = new Uint8Array(this.workspace.buffer, 0, end))
  }

  /** The payload that ends at `end`, in bytes that nobody else will touch. */
  take(end: number): Uint8Array {
    if (this.isShared(end)) return keep(this.inPlace(end))
    if (end > maxPayloadBytes) throw tooLarge()
    this.forget()
    return this.bytes.slice(0, end)
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
    const { offsets, view } = this
    const { images } = plan
    if (plan.nodeCount === 1) {
      let at = offsets[base + plan.entryCount]! + entriesAt
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
      let at = offsets[nodes + node]!
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

/** The second is for what is encoded while the first is borrowed or lent, as by a `toJSON` that encodes another message. */
let idle: Scratch | undefined = new Scratch()
let spare: Scratch | undefined

export const borrowScratch = (): Scratch => {
  const scratch = idle ?? spare ?? new Scratch()
  if (idle === undefined) spare = undefined
  idle = undefined
  scratch.begin()
  return scratch
}

export const returnScratch = (scratch: Scratch): void => {
  spare = idle
  idle = scratch
}

/** The payload that is on loan, and the scratch it lies in, which nobody gets before it is given back. */
let lent: Uint8Array | undefined
let lender: Scratch | undefined

/** A payload that was not given back after so many others never will be: its scratch is lost, and another one lends. */
const mostRefusals = 1024
let refusals = 0

/** The payload that ends at `end`, until it is given back; while one is on loan, others get a copy. */
export const lendPayload = (scratch: Scratch, end: number): Uint8Array => {
  if (!scratch.isShared(end) || (lent !== undefined && ++refusals < mostRefusals)) {
    const payload = scratch.take(end)
    returnScratch(scratch)
    return payload
  }
  refusals = 0
  lender = scratch
  return (lent = scratch.inPlace(end))
}

/** Nobody looks at the payload any more. For one that is not on loan nothing happens. */
export const giveBack = (payload: Uint8Array): void => {
  if (payload !== lent) return
  returnScratch(lender!)
  lent = lender = undefined
}

/** The block that small payloads are copied into, and how much of it is taken. */
let block = newBlock(blockBytes)
let blockBuffer = block.buffer
let blockTaken = 0

const keep = (payload: Uint8Array): Uint8Array => {
  const { length } = payload
  if (blockTaken + length > blockBytes) {
    block = newBlock(blockBytes)
    blockBuffer = block.buffer
    blockTaken = 0
  }
  const start = blockTaken
  block.set(payload, start)
  blockTaken = (start + length + 7) & ~7
  // The constructor is faster than `subarray`, which must first ask what kind of array to make.
  return new Uint8Array(blockBuffer, start, length)
}

export const tooLarge = (): PayloadRefused =>
  new PayloadRefused("limit", `the message takes more than ${maxPayloadBytes} bytes as a payload`)
