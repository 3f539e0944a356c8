/**
 * Where the next frames go, and which old ones have to go for them: pure arithmetic. Two promises are made here. A
 * frame never leaves a stub of 1 to 63 bytes before the ring end, because upstream's readers do not get past one;
 * and the tail is always left on a frame, never on a wrap marker.
 */
import { frameLength } from "./frame.js"
import type { Group } from "./group.js"
import { GroupRecord } from "./group.js"
import { frameOverhead, smallestStub } from "./layout.js"

/** The oldest frame that is still kept while a plan is made. */
export interface OldestFrame {
  /** Ring offset, and where the next frame starts (0 at the ring end). */
  readonly offset: number
  readonly end: number
  readonly seq: number
  /** Gives the frame up and goes on to the next one; false when there is none. */
  readonly drop: () => boolean
}

export interface PlanLimits {
  readonly ringSize: number
  readonly maxPayload: number
}

/**
 * A batch of several frames takes at most this share of the ring. So it drops little before it writes, and never
 * reaches round to its own start: with the space that its wrap skips, it takes less than two such shares and a marker.
 */
const batchShare = 4
const batchLimit = 1024 * 1024

/**
 * In a ring of at least this size, who must give up messages gives up the next ones with them, as far as they lie within
 * so many bytes behind the append. The appends that fill these bytes then have nothing to drop, and so nothing to publish
 * before they write. A message that does not lie within them whole is kept: large ones are never dropped ahead.
 */
const smallestRingToDropAhead = 1024 * 1024
const dropAheadBytes = 64 * 1024

/** A plan is reused from one append to the next, with all in it; `planAppend` overwrites all of it. */
export class AppendPlan {
  /** How many payloads this batch takes. */
  count = 0
  /** Ring offsets of their frames. */
  readonly offsets: Array<number> = []
  /** Payload lengths to store: some are longer than the payload, filled up with zeros. */
  readonly storedBytes: Array<number> = []
  /** Where a wrap marker goes, or -1. */
  markerOffset = -1
  /** The pool while the batch is being written: old messages in the way are gone, new ones not there yet. */
  readonly dropped = new GroupRecord()
  /** The pool with the batch in it. */
  readonly published = new GroupRecord()
}

/** A frame of this length, put there, ends at the ring end or leaves room for a wrap marker. */
const fits = (ringSize: number, offset: number, length: number): boolean => {
  const behind = ringSize - offset - length
  return behind === 0 || behind >= smallestStub
}

/**
 * The payload length to store at offset 0: where even that would leave a stub, zeros fill the ring up. What reads
 * payloads ignores bytes behind the document. In a ring that is not a multiple of 8 there is no way, and a stub stays.
 */
const storedBytesAtStart = ({ maxPayload, ringSize }: PlanLimits, payloadBytes: number): number => {
  const whole = ringSize - frameOverhead
  return fits(ringSize, 0, frameLength(payloadBytes)) || ringSize % 8 !== 0 || whole > maxPayload ? payloadBytes : whole
}

/**
 * Plans the longest batch from `payloads[from]` on that fits the ring at once, so that its messages can be written
 * together and published together. `group` is not one of the plan's own. `oldest` stands on the frame at the tail of `group`, or is undefined for an empty
 * pool; dropping moves it.
 */
export const planAppend = (
  plan: AppendPlan,
  limits: PlanLimits,
  group: Group,
  oldest: OldestFrame | undefined,
  payloads: ReadonlyArray<Uint8Array>,
  from: number
): void => {
  const { ringSize } = limits
  const batchBytes = Math.min(ringSize / batchShare, batchLimit)
  let survivors = oldest !== undefined
  let head = group.head
  let taken = 0
  plan.count = 0
  plan.markerOffset = -1
  while (from + plan.count < payloads.length) {
    const payloadBytes = payloads[from + plan.count]!.length
    const wraps = !fits(ringSize, head, frameLength(payloadBytes))
    const offset = wraps ? 0 : head
    const storedBytes = wraps ? storedBytesAtStart(limits, payloadBytes) : payloadBytes
    const length = frameLength(storedBytes)
    if (plan.count > 0 && taken + length > batchBytes) break
    while (survivors && isInTheWay(oldest!.offset, head, wraps, length)) survivors = oldest!.drop()
    const ringIsFree = !survivors && plan.count === 0
    if (wraps && !ringIsFree && head !== 0 && ringSize - head >= smallestStub) plan.markerOffset = head
    plan.offsets[plan.count] = offset
    plan.storedBytes[plan.count] = storedBytes
    plan.count++
    taken += length
    head = offset + length === ringSize ? 0 : offset + length
  }
  if (survivors && oldest!.seq !== group.oldest) dropAhead(oldest!, head, ringSize)
  finish(plan, group, survivors ? oldest : undefined, head, ringSize)
}

/** The newest message stays: it cannot be given up for one behind it. */
const dropAhead = (oldest: OldestFrame, head: number, ringSize: number): void => {
  if (ringSize < smallestRingToDropAhead) return
  const limit = head + dropAheadBytes
  while (oldest.offset >= head) {
    const end = oldest.end === 0 ? ringSize : oldest.end
    if (end > limit || !oldest.drop()) return
  }
}

/**
 * Frames are given up oldest first until none overlaps what is to be written. Wrapping also gives up all behind the
 * head, because the chain leaves there for offset 0.
 */
const isInTheWay = (offset: number, head: number, wraps: boolean, length: number): boolean =>
  wraps ? offset >= head || offset < length : offset >= head && offset < head + length

const finish = (
  plan: AppendPlan,
  group: Group,
  oldest: OldestFrame | undefined,
  head: number,
  ringSize: number
): void => {
  const first = plan.offsets[0]!
  const newest = group.newest + plan.count
  if (oldest === undefined) {
    const firstEnd = first + frameLength(plan.storedBytes[0]!)
    const tailNext = firstEnd === ringSize ? 0 : firstEnd
    plan.dropped.set(first, first, first, 0, group.newest)
    plan.published.set(head, first, tailNext, group.newest + 1, newest)
  } else {
    const { end: tailNext, offset: tail, seq } = oldest
    plan.dropped.set(group.head, tail, tailNext, seq, group.newest)
    plan.published.set(head, tail, tailNext, seq, newest)
  }
}

/** The old messages have to be given up in public before anything is written. */
export const dropsAnything = ({ dropped }: AppendPlan, group: Group): boolean =>
  dropped.tail !== group.tail || dropped.oldest !== group.oldest || dropped.head !== group.head
