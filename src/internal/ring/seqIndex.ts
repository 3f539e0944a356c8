/**
 * From a message number to a ring offset: the index slot if it tells the truth, otherwise a walk along the ring.
 * Slots and marks are hints; an answer counts only if the frame found there carries the number.
 */
import type { Group } from "./group.js"
import { indexOffset, indexSlotBytes, smallestFrame } from "./layout.js"
import type { Ring } from "./Ring.js"
import { WordCopy } from "./WordCopy.js"
import { getNumber64, setNumber64 } from "./words.js"

/** A walk leaves a mark at every so many messages. */
const seqsPerMark = 16
const fewestMarks = 1024
/** For four million messages. Of more, marks take each other's place, and walks become longer. */
const mostMarks = 256 * 1024

/**
 * Offsets remembered from earlier walks, so that reading old messages in turn does not start over each time. A mark has
 * one place where it can be, and stays there until another one needs it.
 */
export class SeqMarks {
  /** By place: which message is marked, 0 for none, and its ring offset. */
  private seqs = new Float64Array(0)
  private offsets = new Float64Array(0)

  note(seq: number, offset: number): void {
    if (seq % seqsPerMark !== 0) return
    const place = this.placeOf(seq)
    this.seqs[place] = seq
    this.offsets[place] = offset
  }

  /** The nearest marked message at or before `seq` that is still retained, or 0. */
  before(seq: number, oldest: number): number {
    const { seqs } = this
    const first = seq - (seq % seqsPerMark)
    // Each place once: further back there is nothing that was not passed already.
    const last = Math.max(oldest, first - seqs.length * seqsPerMark)
    for (let marked = first; marked >= last; marked -= seqsPerMark) {
      if (seqs[this.placeOf(marked)] === marked) return marked
    }
    return 0
  }

  offsetOf(marked: number): number {
    return this.offsets[this.placeOf(marked)]!
  }

  forget(marked: number): void {
    this.seqs[this.placeOf(marked)] = 0
  }

  /** Makes room for a mark at each place of the pool that has one, as far as that is sensible. */
  reserve({ newest, oldest }: Group): void {
    const needed = Math.min((newest - oldest) / seqsPerMark + 1, mostMarks)
    if (this.seqs.length >= needed) return
    let places = fewestMarks
    while (places < needed) places *= 2
    const { offsets, seqs } = this
    this.seqs = new Float64Array(places)
    this.offsets = new Float64Array(places)
    for (let place = 0; place < seqs.length; place++) {
      if (seqs[place] !== 0) this.note(seqs[place]!, offsets[place]!)
    }
  }

  /** The number of places is a power of two; the low bits are those of the number, however large that is. */
  private placeOf(seq: number): number {
    return (seq / seqsPerMark) & (this.seqs.length - 1)
  }
}

/**
 * Ring offset of a retained message, or -1 when the chain that leads to it is broken, or being overwritten.
 */
export const locate = (ring: Ring, group: Group, seq: number): number =>
  lookUp(ring, seq) ? ring.probe.offset : walkTo(ring, group, seq, Number.POSITIVE_INFINITY)

/** The walk went as far as it was allowed to, and left marks: the next one goes on from there. */
export const notYet = -2

/** The same, but no walk passes more than so many messages: then it is `notYet`. */
export const locateWithin = (ring: Ring, group: Group, seq: number, mostSteps: number): number =>
  lookUp(ring, seq) ? ring.probe.offset : walkTo(ring, group, seq, Math.max(mostSteps, 2 * seqsPerMark))

/** Shared by all lookups: each is one synchronous call. */
const slot = new WordCopy(indexSlotBytes)

const lookUp = (ring: Ring, seq: number): boolean => {
  const { probe } = ring
  const { indexCapacity, ringSize } = ring.geometry
  if (indexCapacity === 0) return false
  slot.take(ring.file, indexOffset + (seq % indexCapacity) * indexSlotBytes)
  if (getNumber64(slot.view, 0) !== seq) return false
  const offset = getNumber64(slot.view, 8)
  if (offset >= ringSize || (offset & 7) !== 0) return false
  probe.load(offset)
  return probe.isMessage(seq)
}

const walkTo = (ring: Ring, group: Group, seq: number, mostSteps: number): number => {
  const { marks, probe } = ring
  const mostFrames = Math.floor(ring.geometry.ringSize / smallestFrame)
  // A damaged header may announce numbers that no ring could hold: nothing may be counted up to them.
  if (seq - group.oldest > mostFrames) return -1
  marks.reserve(group)
  let at = group.oldest
  let position = group.tail
  for (let marked = marks.before(seq, at); marked > 0; marked = marks.before(marked, at)) {
    probe.load(marks.offsetOf(marked))
    if (probe.isMessage(marked)) {
      at = marked
      position = probe.offset
      break
    }
    marks.forget(marked)
  }
  const steps = Math.min(mostFrames + 2, mostSteps)
  for (let step = 0; step < steps; step++) {
    if (!probe.find(position, at)) return -1
    marks.note(at, probe.offset)
    if (at === seq) return probe.offset
    position = probe.end
    at++
  }
  return steps === mostSteps ? notYet : -1
}

/** Slots are gathered up to this many before they are written. */
const slotsPerWrite = 64

/**
 * Fills the slots of messages just written. They are neighbours, so they go out in runs; a slot torn by a crash holds
 * a number whose frame is elsewhere, which every lookup notices.
 */
export class IndexWriter {
  private readonly run = new Uint8Array(slotsPerWrite * indexSlotBytes)
  private readonly runView = new DataView(this.run.buffer)

  constructor(private readonly ring: Ring) {}

  record(firstSeq: number, offsets: ReadonlyArray<number>, count: number): void {
    const { file, geometry } = this.ring
    const { indexCapacity } = geometry
    if (indexCapacity === 0) return
    for (let done = 0; done < count;) {
      const firstSlot = (firstSeq + done) % indexCapacity
      const length = Math.min(slotsPerWrite, indexCapacity - firstSlot, count - done)
      for (let at = 0; at < length; at++) {
        setNumber64(this.runView, at * indexSlotBytes, firstSeq + done + at)
        setNumber64(this.runView, at * indexSlotBytes + 8, offsets[done + at]!)
      }
      file.write(indexOffset + firstSlot * indexSlotBytes, this.run, 0, length * indexSlotBytes)
      done += length
    }
  }
}
