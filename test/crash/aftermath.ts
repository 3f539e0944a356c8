/**
 * What is looked at after a crash: every way to read, and every kind of next writer. An image passes when all that was
 * promised is read, whole, once and in order, whatever is missing is reported as a gap, and the next appends leave
 * a sound pool.
 */
import { PoolError } from "../../src/PoolError.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { MemoryFile, TestLock } from "../ring/MemoryFile.js"
import { upstreamAppend } from "../ring/UpstreamWriter.js"
import { chainOf, entitledDrop, ringOffsetOf } from "./chainModel.js"
import { Ledger, Violation } from "./Ledger.js"
import type { Promised } from "./scenarios.js"

/** `whole`: everything promised, nothing damaged. `partial`: damaged messages are reported, and passed over. */
export type Strictness = "whole" | "partial"

export const nextWriters = ["fresh", "surviving", "upstream"] as const
export type NextWriter = (typeof nextWriters)[number]

export interface Aftermath {
  readonly image: Uint8Array
  /** The file at rest before the crash, as a process that was there then knew it. */
  readonly before: Uint8Array
  readonly promised: Promised
  readonly ledger: Ledger
  readonly strictness: Strictness
  /** Messages that must be read although the disk lost others. */
  readonly survivors?: ReadonlyArray<number>
  /** A handle that knew the newest message before it was lengthened does not look at it again before it appends. */
  readonly soundFrom?: "entry" | "append"
  /** Payload lengths of the next appends. */
  readonly nextLengths?: ReadonlyArray<number>
}

/** No look at a pool of a few kilobytes takes that many reads: more means that it does not end. */
const mostReads = 200_000

export class WatchedFile extends MemoryFile {
  override read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    if (this.reads > mostReads) throw new Violation("hung", "reads without end")
    super.read(offset, target, targetStart, length)
  }
}

/** Runs something that must not fail, whatever happened before. */
const mustWork = <A>(step: string, run: () => A): A => {
  try {
    return run()
  } catch (exception) {
    if (exception instanceof Violation) throw new Violation(exception.breach, `${step}: ${exception.message}`)
    throw new Violation("failed", `${step}: ${exception instanceof Error ? exception.message : String(exception)}`)
  }
}

const mostLooks = 10_000

/** The frame header lies before the payload in the copy. Without the tag in it nothing can prove a frame whole. */
const carriesChecksums = ({ buffer, byteOffset }: Uint8Array): boolean =>
  new DataView(buffer, byteOffset - 64, 64).getUint32(44, true) === 0x43323343

export interface Drained {
  readonly first: number
  readonly last: number
  readonly seqs: ReadonlySet<number>
}

/** Whatever else the disk lost, these are there. */
export const checkSurvivors = ({ seqs }: Drained, survivors: ReadonlyArray<number> = []): void => {
  for (const seq of survivors)
    if (!seqs.has(seq)) throw new Violation("lost", `message ${seq} reached the disk, but is not read`)
}

/** Reads on until nothing new comes, and holds every message against the ledger and the promise. */
export const drain = (
  cursor: RingCursor,
  { ledger, promised, strictness }: Pick<Aftermath, "ledger" | "promised" | "strictness">,
  isFirstRead: boolean
): Drained => {
  let expected = isFirstRead ? 0 : cursor.nextSeq
  let first = 0
  let last = 0
  const seqs = new Set<number>()
  const missing = (from: number, to: number): void => {
    const isPromised = from <= promised.to && to >= promised.from
    if (isPromised && strictness === "whole") throw new Violation("lost", `messages ${from} to ${to} are passed over`)
  }
  for (let looks = 0; looks < mostLooks; looks++) {
    const { contended, damaged, frames, gap } = cursor.read(4, 1 << 20)
    if (contended) throw new Violation("hung", "contended although nobody writes")
    if (gap !== undefined) {
      if (gap.found <= gap.expected || (expected !== 0 && gap.expected !== expected))
        throw new Violation("unreported", `a gap from ${gap.expected} to ${gap.found} where ${expected} is due`)
      missing(gap.expected, gap.found - 1)
      expected = gap.found
    }
    for (const { payload, seq } of frames) {
      if (expected !== 0 && seq !== expected)
        throw new Violation(
          seq < expected ? "reordered" : "unreported",
          `message ${seq} comes where ${expected} is due`
        )
      if (strictness === "whole" || carriesChecksums(payload)) ledger.check(seq, payload)
      if (first === 0) first = seq
      last = seq
      seqs.add(seq)
      expected = seq + 1
    }
    if (damaged !== undefined) {
      if (strictness === "whole" && damaged.seq >= promised.from && damaged.seq <= promised.to)
        throw new Violation("lost", `message ${damaged.seq} is damaged: ${damaged.message}`)
      expected = 0
    }
    if (gap === undefined && damaged === undefined && frames.length === 0) {
      if (strictness === "partial") return { first, last, seqs }
      if (isFirstRead && promised.from <= promised.to && (first === 0 || first > promised.from))
        throw new Violation("lost", `the oldest message read is ${first}, ${promised.from} was promised`)
      if (promised.from <= promised.to && cursor.nextSeq <= promised.to)
        throw new Violation("lost", `reading ends before ${cursor.nextSeq}, ${promised.to} was promised`)
      return { first, last, seqs }
    }
  }
  throw new Violation("hung", "the cursor goes on for ever")
}

/** A fresh reader from the oldest message, one that was half way through before the crash, and every number by itself. */
export const checkReaders = (aftermath: Aftermath): void => {
  const { before, image, ledger, promised, strictness } = aftermath
  const ring = mustWork("open", () => Ring.open(new WatchedFile(image)))
  mustWork("fresh reader", () =>
    drain(new RingCursor(ring, new TestLock(), 1, { reportFirstGap: false }), aftermath, true)
  )
  mustWork("reader from before", () => {
    const file = new WatchedFile(before.slice())
    const cursor = new RingCursor(Ring.open(file), new TestLock(), 1, { reportFirstGap: false })
    cursor.read(Math.max(1, Math.floor(chainOf(before).frames.length / 2)), 1 << 20)
    file.bytes.set(image)
    drain(cursor, aftermath, false)
  })
  for (let seq = Math.max(1, promised.from - 2); seq <= promised.to + 2; seq++) {
    const isPromised = strictness === "whole" && seq >= promised.from && seq <= promised.to
    const frame = isPromised
      ? mustWork(`get ${seq}`, () => readFrame(ring, new TestLock(), seq))
      : unlessDamaged(() => readFrame(ring, new TestLock(), seq))
    if (frame === "contended") throw new Violation("hung", `get ${seq} is contended`)
    if (frame === "missing" && isPromised) throw new Violation("lost", `get ${seq} finds nothing`)
    if (typeof frame === "object") ledger.check(seq, frame.payload)
  }
}

const unlessDamaged = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch (exception) {
    if (exception instanceof PoolError && exception.reason === "Corrupt") return undefined
    throw exception
  }
}

/** The full check finds nothing, and a plain walk of the chain agrees. */
export const checkSound = (bytes: Uint8Array): void => {
  const { issues } = verifyRing(Ring.open(new WatchedFile(bytes)))
  if (issues.length > 0) throw new Violation("unsound", issues[0]!.message)
  if (chainOf(bytes).isBroken) throw new Violation("unsound", "a plain reader does not get to the newest message")
}

const nothing: Promised = { from: 1, to: 0 }

const usualLengths = [5, 100]

/** Appends by the next writer; after each the pool is sound, and holds all but what the append had to drop. */
export const checkWriter = (
  aftermath: Aftermath,
  kind: NextWriter,
  surviving?: { readonly writer: RingWriter; readonly file: MemoryFile }
): void => {
  const { before, image, nextLengths = usualLengths, promised, soundFrom, strictness, survivors } = aftermath
  const ledger = new Ledger(aftermath.ledger)
  const file = surviving?.file ?? new WatchedFile(image.slice())
  const isWhole = strictness === "whole"
  const mostPayload = new DataView(image.buffer).getUint32(48, true) - 72
  mustWork(`${kind} writer`, () => {
    if (kind === "upstream") {
      const payload = ledger.payload(chainOf(image).newest + 1, Math.min(nextLengths[0]!, mostPayload))
      const { dropped, seq } = upstreamAppend(file, payload)
      checkSound(file.bytes)
      checkRest(file, ledger, { from: Math.max(promised.from, ...dropped.map((gone) => gone + 1)), to: seq }, isWhole)
      return
    }
    const writer = surviving?.writer ?? openBefore(kind, file, before, image)
    writer.appendAll([], 7, 9, undefined)
    if (isWhole && soundFrom !== "append") checkSound(file.bytes)
    checkSurvivors(checkRest(file, ledger, isWhole ? promised : nothing, isWhole), survivors)
    for (const length of nextLengths) {
      const was = chainOf(file.bytes)
      const payload = ledger.payload(was.newest + 1, Math.min(length, mostPayload))
      file.record()
      const { firstSeq } = writer.appendAll([payload], 7, 9, undefined)
      if (firstSeq !== was.newest + 1) throw new Violation("invented", `number ${firstSeq} after ${was.newest}`)
      if (isWhole) checkSound(file.bytes)
      const ringOffset = ringOffsetOf(file.bytes)
      const written = file.stores
        .filter(({ offset }) => offset >= ringOffset)
        .map(({ bytes, offset }) => ({ from: offset - ringOffset, to: offset - ringOffset + bytes.length }))
      const upTo = was.oldest === 0 ? was.newest : Math.max(was.oldest - 1, entitledDrop(was, written))
      const kept = { from: isWhole ? upTo + 1 : firstSeq, to: firstSeq }
      checkRest(file, ledger, kept, isWhole)
      if (chainOf(file.bytes).newest !== firstSeq) throw new Violation("lost", `message ${firstSeq} is not the newest`)
    }
  })
}

const openBefore = (kind: NextWriter, file: MemoryFile, before: Uint8Array, image: Uint8Array): RingWriter => {
  if (kind === "fresh") return new RingWriter(Ring.open(file))
  file.bytes.set(before)
  const writer = new RingWriter(Ring.open(file), { keepPadding: true })
  writer.appendAll([], 7, 9, undefined)
  file.bytes.set(image)
  return writer
}

const checkRest = (file: MemoryFile, ledger: Ledger, promised: Promised, isWhole: boolean): Drained => {
  const cursor = new RingCursor(Ring.open(file), new TestLock(), 1, { reportFirstGap: false })
  const drained = drain(cursor, { ledger, promised, strictness: isWhole ? "whole" : "partial" }, true)
  if (promised.to >= promised.from && drained.last < promised.to)
    throw new Violation("lost", `the newest message read is ${drained.last}, ${promised.to} was promised`)
  return drained
}
