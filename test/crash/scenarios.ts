/**
 * One append (or repair, or absorbed padding) with everything a crash test needs: the file before it, its stores in
 * order, the places where it waited for the disk, and what the pool must hold after each store.
 */
import type { Barrier } from "../../src/Durability.js"
import { decodeGroup, emptyGroup, encodeGroup } from "../../src/internal/ring/group.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import type { Store } from "../ring/MemoryFile.js"
import { MemoryFile } from "../ring/MemoryFile.js"
import { lengthOf, upstreamAppend } from "../ring/UpstreamWriter.js"
import type { LiveChain, Written } from "./chainModel.js"
import { chainOf, entitledDrop, ringOffsetOf } from "./chainModel.js"
import { Ledger, Violation } from "./Ledger.js"

/** Messages `from` to `to` must be readable; none when `from` is greater. */
export interface Promised {
  readonly from: number
  readonly to: number
}

/** The disk was waited for after so many stores. */
export interface Settling extends Written {
  readonly after: number
}

export interface Scenario {
  readonly writer: "ours" | "upstream"
  /** Everything the append does that is worth telling apart. */
  readonly kind: string
  readonly before: Uint8Array
  /** The file as those who were there before knew it: at rest, before whatever `before` suffers from. */
  readonly atRest: Uint8Array
  readonly after: Uint8Array
  readonly stores: ReadonlyArray<Store>
  readonly settlings: ReadonlyArray<Settling>
  /** Where it waits although nobody asked for durability. */
  readonly fastSettlings: ReadonlyArray<Settling>
  /** By number of stores done; one longer than `stores`. */
  readonly promised: ReadonlyArray<Promised>
  /** What has been written, this append included. */
  readonly ledger: Ledger
  /** What the writer was asked to append. */
  readonly payloads: ReadonlyArray<Uint8Array>
}

const groupAtOffset = 64
const wrapMarkerState = 3

/** Runs our writer over a copy of `before`, with barriers, and records it. */
export const recordOurs = (
  before: Uint8Array,
  ledger: Ledger,
  payloads: ReadonlyArray<Uint8Array>,
  fixed?: { readonly kind: string; readonly promised: Promised; readonly atRest: Uint8Array }
): Scenario => {
  const file = new MemoryFile(before.slice())
  const settlings: Array<Settling> = []
  const barrier: Barrier = (_, offset, length) => {
    settlings.push({ after: file.stores.length, from: offset, to: offset + length })
  }
  const { firstSeq } = new RingWriter(Ring.open(file)).appendAll(payloads, 7, 9, barrier)
  const fastSettlings = settlingsOfFast(before, payloads)
  const { stores } = file
  const promised =
    fixed === undefined
      ? promisedAfterEach(before, stores)
      : Array.from({ length: stores.length + 1 }, () => fixed.promised)
  const last = chainOf(file.bytes)
  if (payloads.length > 0 && last.newest !== firstSeq + payloads.length - 1)
    throw new Violation("lost", `acknowledged up to ${firstSeq + payloads.length - 1}, the newest is ${last.newest}`)
  const kind = fixed?.kind ?? kindOf(before, file.bytes, stores, payloads)
  const atRest = fixed?.atRest ?? before
  const after = file.bytes
  return { writer: "ours", kind, before, atRest, after, stores, settlings, fastSettlings, promised, ledger, payloads }
}

const settlingsOfFast = (before: Uint8Array, payloads: ReadonlyArray<Uint8Array>): Array<Settling> => {
  const file = new MemoryFile(before.slice())
  const settlings: Array<Settling> = []
  file.onSync = (offset, length) => settlings.push({ after: file.stores.length, from: offset, to: offset + length })
  new RingWriter(Ring.open(file)).appendAll(payloads, 7, 9, undefined)
  return settlings
}

/** Runs the model of upstream over a copy of `before`. What it leaves when it lives must be there wherever it dies. */
export const recordUpstream = (before: Uint8Array, ledger: Ledger, payload: Uint8Array): Scenario => {
  const file = new MemoryFile(before.slice())
  const oldest = chainOf(before)
  const { dropped, seq } = upstreamAppend(file, payload)
  const from = Math.max(oldest.oldest === 0 ? seq : oldest.oldest, ...dropped.map((gone) => gone + 1))
  const promised: Array<Promised> = file.stores.map(() => ({ from, to: seq - 1 }))
  promised.push({ from, to: seq })
  const kind = `upstream drop-${Math.min(dropped.length, 3)}`
  const { stores } = file
  return {
    writer: "upstream",
    kind,
    before,
    atRest: before,
    after: file.bytes,
    stores,
    settlings: [],
    fastSettlings: [],
    promised,
    ledger,
    payloads: [payload]
  }
}

/**
 * What must be readable after each store of ours: what the header announces. That the header gives messages up only
 * for what is written next is checked here.
 */
const promisedAfterEach = (before: Uint8Array, stores: ReadonlyArray<Store>): Array<Promised> => {
  const bytes = before.slice()
  const ringOffset = ringOffsetOf(before)
  const promised = [announced(bytes)]
  for (const [index, { bytes: stored, offset }] of stores.entries()) {
    const chain = offset === groupAtOffset ? chainOf(bytes) : undefined
    bytes.set(stored, offset)
    const next = chain === undefined ? promised.at(-1)! : announced(bytes)
    if (chain !== undefined && chain.oldest !== 0 && next.from > chain.oldest) {
      const entitled = entitledDrop(chain, writtenNext(stores, index + 1, ringOffset))
      if (next.from > entitled + 1) throw new Violation("lost", `dropped up to ${next.from - 1}, needed ${entitled}`)
    }
    promised.push(next)
  }
  return promised
}

const announced = (bytes: Uint8Array): Promised => {
  const { newest, oldest } = chainOf(bytes)
  return { from: oldest === 0 ? newest + 1 : oldest, to: newest }
}

/** Ring ranges stored before the group changes again. */
const writtenNext = (stores: ReadonlyArray<Store>, from: number, ringOffset: number): Array<Written> => {
  const written = []
  for (let at = from; at < stores.length && stores[at]!.offset !== groupAtOffset; at++) {
    const { bytes, offset } = stores[at]!
    if (offset >= ringOffset) written.push({ from: offset - ringOffset, to: offset - ringOffset + bytes.length })
  }
  return written
}

/** The shape of an append of ours, in words, as its stores show it. */
const kindOf = (
  before: Uint8Array,
  after: Uint8Array,
  stores: ReadonlyArray<Store>,
  payloads: ReadonlyArray<Uint8Array>
): string => {
  const words: Array<string> = []
  const [was, is] = [chainOf(before), chainOf(after)]
  const view = new DataView(before.buffer)
  const ringSize = view.getUint32(48, true)
  const firstNew = is.newest - payloads.length + 1
  const length = lengthOf(payloads[0]?.length ?? 0)
  const first = is.frames.find(({ seq }) => seq === firstNew)
  if (was.newest + payloads.length < is.newest) words.push("adopts")
  if (endsInPadding(was, ringSize)) words.push("heals")
  words.push(payloads.length === 0 ? "nothing" : payloads.length === 1 ? "one" : "batch")
  if (payloads.length > 1 && first === undefined) words.push("beyond-ring")
  if (was.oldest === 0) words.push(was.newest === 0 ? "new-pool" : "emptied-pool")
  else {
    const dropped = Math.min(is.oldest, is.newest - payloads.length + 1) - was.oldest
    const everything = dropped >= was.frames.length
    words.push(everything ? "drop-all" : dropped > 2 ? "drop-many" : `drop-${dropped}`)
  }
  const marked = stores.some(({ bytes }) => bytes.length === 64 && bytes[4] === wrapMarkerState)
  const wraps = first !== undefined && first.offset === 0 && was.head !== 0
  if (wraps || marked) words.push(marked ? "wrap-marker" : "wrap")
  if (wraps && payloads.length === 1 && ringSize - was.head >= length) words.push("early")
  if (first !== undefined && first.length > length) words.push("zero-fill")
  const used = is.frames.reduce((sum, frame) => sum + frame.length, 0)
  if (is.frames.length === 1 && used === ringSize) words.push("single-frame-full")
  else if (used === ringSize) words.push("exactly-full")
  const { head, tail } = decodeGroup(view, groupAtOffset)
  if (was.oldest !== 0 && tail !== was.frames[0]?.offset) words.push("parked-tail")
  if (was.oldest !== 0 && was.frames[0] !== undefined && head === was.frames[0].offset) words.push("from-full")
  return words.join(" ")
}

/** Upstream left too little behind a frame for a marker; our next writer absorbs that. */
const endsInPadding = ({ frames }: LiveChain, ringSize: number): boolean =>
  frames.some(({ length, offset }) => offset + length < ringSize && ringSize - offset - length < 64)

/** An empty pool in which numbers were given out before: what is left when everything was dropped. */
export const emptiedPool = (ringSize: number, capacity: number, head: number, newest: number): Uint8Array => {
  const { bytes } = MemoryFile.create(4096 + 16 * capacity + ringSize, capacity)
  encodeGroup(new DataView(bytes.buffer), groupAtOffset, emptyGroup(head, newest))
  return bytes
}

/** A pool with a history, whose messages the ledger knows. */
export interface Pool {
  readonly bytes: Uint8Array
  readonly ledger: Ledger
}

export interface PoolShape {
  readonly ringSize: number
  readonly capacity: number
  readonly appends: number
  readonly largest: number
  /** How likely an append is upstream's. */
  readonly upstreamShare: number
}

export const growPool = (shape: PoolShape, random: () => number): Pool => {
  const file = MemoryFile.create(4096 + 16 * shape.capacity + shape.ringSize, shape.capacity)
  const ledger = new Ledger()
  const writer = new RingWriter(Ring.open(file))
  for (let seq = 1; seq <= shape.appends; seq++) {
    const payload = ledger.payload(seq, Math.floor(random() * (shape.largest + 1)))
    if (random() < shape.upstreamShare) upstreamAppend(file, payload)
    else writer.appendAll([payload], 7, 9, undefined)
  }
  return { bytes: file.bytes, ledger }
}

/** Padding before the ring end is absorbed first, which is a kind of its own. */
export const withoutPadding = ({ bytes, ledger }: Pool): Pool => {
  const file = new MemoryFile(bytes.slice())
  new RingWriter(Ring.open(file)).appendAll([], 7, 9, undefined)
  return { bytes: file.bytes, ledger }
}

/** Payloads for our next append, known to a ledger of their own. */
export const appendOf = ({ bytes, ledger }: Pool, lengths: ReadonlyArray<number>): Scenario => {
  const own = new Ledger(ledger)
  // A message that a dead writer had finished gets its number first.
  const next = new RingWriter(Ring.open(new MemoryFile(bytes.slice()))).appendAll([], 7, 9, undefined).firstSeq
  return recordOurs(
    bytes,
    own,
    lengths.map((length, index) => own.payload(next + index, length))
  )
}
