/**
 * The five mutable header fields: where the ring is filled, and with which messages. Everything else in a file
 * follows from them; they are always written together.
 */
import { groupAt, seqLimit, smallestStub } from "./layout.js"
import { getNumber64, setNumber64 } from "./words.js"

export interface Group {
  /** Ring offset at which the next frame goes. */
  readonly head: number
  /** Ring offset of the oldest frame. */
  readonly tail: number
  /** Ring offset behind the oldest frame; 0 may also mean unknown. */
  readonly tailNext: number
  /** Number of the oldest message; 0 when the pool is empty. */
  readonly oldest: number
  /** Last number given out; never goes back, not even when the pool is empty. */
  readonly newest: number
}

/** A group that takes on other values: who appends all the time need not make new ones. */
export class GroupRecord implements Group {
  head = 0
  tail = 0
  tailNext = 0
  oldest = 0
  newest = 0

  set(head: number, tail: number, tailNext: number, oldest: number, newest: number): void {
    this.head = head
    this.tail = tail
    this.tailNext = tailNext
    this.oldest = oldest
    this.newest = newest
  }

  decode(view: DataView, at: number): void {
    this.head = getNumber64(view, at + groupAt.head)
    this.tail = getNumber64(view, at + groupAt.tail)
    this.tailNext = getNumber64(view, at + groupAt.tailNext)
    this.oldest = getNumber64(view, at + groupAt.oldest)
    this.newest = getNumber64(view, at + groupAt.newest)
  }
}

export const decodeGroup = (view: DataView, at: number): Group => ({
  head: getNumber64(view, at + groupAt.head),
  tail: getNumber64(view, at + groupAt.tail),
  tailNext: getNumber64(view, at + groupAt.tailNext),
  oldest: getNumber64(view, at + groupAt.oldest),
  newest: getNumber64(view, at + groupAt.newest)
})

export const encodeGroup = (view: DataView, at: number, group: Group): void => {
  setNumber64(view, at + groupAt.head, group.head)
  setNumber64(view, at + groupAt.tail, group.tail)
  setNumber64(view, at + groupAt.tailNext, group.tailNext)
  setNumber64(view, at + groupAt.oldest, group.oldest)
  setNumber64(view, at + groupAt.newest, group.newest)
}

export const sameGroup = (one: Group, other: Group): boolean =>
  one.newest === other.newest &&
  one.head === other.head &&
  one.tail === other.tail &&
  one.oldest === other.oldest &&
  one.tailNext === other.tailNext

/** An empty pool whose next frame goes to `offset`. */
export const emptyGroup = (offset: number, newest: number): Group => ({
  head: offset,
  tail: offset,
  tailNext: offset,
  oldest: 0,
  newest
})

/** Why the fields cannot all be true, or `undefined`. A crashed or running foreign writer may leave such a group. */
export const groupProblem = (group: Group, ringSize: number): string | undefined => {
  const { head, newest, oldest, tail, tailNext } = group
  if (head >= ringSize || tail >= ringSize || tailNext >= ringSize) return "a ring offset lies outside the ring"
  // The remainder of numbers as large as these would be a call of a function.
  if (((head | tail | tailNext) & 7) !== 0) return "a ring offset is not a multiple of 8"
  if (newest > seqLimit || oldest > seqLimit) return "a message number is 2^53 or greater"
  if (oldest > newest) return oldestIsNewer(group)
  if (oldest === 0 && (head !== tail || tailNext !== tail)) return "the pool is empty but its ring offsets differ"
  return undefined
}

/** On its own, because the compiler would otherwise make the texts of numbers for each group that is in order. */
const oldestIsNewer = ({ newest, oldest }: Group): string =>
  `the oldest message (${oldest}) is newer than the newest (${newest})`

/** Bytes of the ring that are taken: frames, markers and padding between tail and head. */
export const usedBytes = ({ head, oldest, tail }: Group, ringSize: number): number => {
  if (oldest === 0) return 0
  return head > tail ? head - tail : ringSize - (tail - head)
}

export const messageCount = ({ newest, oldest }: Group): number => (oldest === 0 ? 0 : newest - oldest + 1)

/**
 * A chain that ends here ends at the head: there, or where padding begins while the head has gone on to 0, or the other
 * way round. No writer leaves a head elsewhere in padding.
 */
export const endsAtHead = (end: number, { head }: Pick<Group, "head">, ringSize: number): boolean =>
  end === head || (head === 0 && isPadding(end, ringSize)) || (end === 0 && isPadding(head, ringSize))

const isPadding = (offset: number, ringSize: number): boolean => ringSize - offset < smallestStub
