/**
 * What is left of a pool that a crash or a bad disk has been at: which messages can be read, and which group a writer
 * should put into the header before it goes on. Looks only; the caller holds the lock, shared or exclusive.
 */
import { findChain, longestChain } from "./chainSearch.js"
import type { Chain, StartedMessage } from "./chain.js"
import { FrameJudge, walkChain } from "./chain.js"
import { findStartedFrames, markerReachesTail } from "./deadWriter.js"
import type { Group } from "./group.js"
import { emptyGroup, groupProblem, sameGroup } from "./group.js"
import type { Ring } from "./Ring.js"
import { unfinishedPublish } from "./Ring.js"

/**
 * - `clean`: nothing is wrong.
 * - `hint`: only the hint where the oldest frame ends is wrong.
 * - `unpublished`: the next message is there, finished, but its writer died before publishing it.
 * - `crash`: a writer died while overwriting; what its append was dropping is gone.
 * - `tail-loss`: the oldest messages are damaged.
 * - `hole`: messages in the middle are damaged.
 * - `short`: the header announces messages that the ring does not hold.
 */
export type Finding = "clean" | "hint" | "unpublished" | "crash" | "tail-loss" | "hole" | "short"

export interface Assessment {
  readonly finding: Finding
  /** The group as it was found. */
  readonly group: Group
  /** The messages that follow each other from the tail on, or undefined if not even the first one is whole. */
  readonly prefix: Chain | undefined
  /** The messages that lead up to the newest, if the prefix does not. */
  readonly suffix: Chain | undefined
  /** Frames of the two that a dead writer left as started although they are whole. */
  readonly started: ReadonlyArray<StartedMessage>
  /** The group that a writer should store. Equal to `group` if nothing has to be done. */
  readonly repaired: Group
  /** How many unpublished messages the repaired group adds. */
  readonly adopted: number
}

export const assess = (ring: Ring, group: Group): Assessment => {
  const judge = new FrameJudge(ring)
  const problem = groupProblem(group, ring.geometry.ringSize)
  if (problem !== undefined) return assessUnsound(ring, judge, group)
  judge.started = findStartedFrames(judge.probe, group)
  if (group.oldest === 0) return conclude(judge, group, "clean", undefined, undefined, group)

  const prefix = walkChain(judge, group.tail, group.oldest, group.newest)
  if (prefix !== undefined && prefix.lastSeq === group.newest) {
    const sound = prefix.end === group.head && prefix.started.length === 0
    if (!sound) return conclude(judge, group, "crash", prefix, undefined, groupOf(prefix))
    const hintHolds = group.tailNext === 0 || group.tailNext === prefix.firstEnd
    const repaired = hintHolds ? group : { ...group, tailNext: prefix.firstEnd }
    return conclude(judge, group, hintHolds ? "clean" : "hint", prefix, undefined, repaired)
  }

  const suffix = findChain(judge, group.oldest, group.newest, group.head)
  const writerDied =
    judge.started.found ||
    markerReachesTail(judge.probe, group) ||
    (suffix !== undefined && (suffix.end !== group.head || suffix.started.length > 0)) ||
    (prefix !== undefined && prefix.started.length > 0)
  if (writerDied) {
    const repaired = suffix === undefined ? groupWithout(judge, group) : groupOf(suffix)
    return conclude(judge, group, "crash", prefix, suffix, repaired)
  }
  if (suffix !== undefined) {
    return prefix === undefined
      ? conclude(judge, group, "tail-loss", prefix, suffix, groupOf(suffix))
      : conclude(judge, group, "hole", prefix, suffix, group)
  }
  const kept = prefix ?? longestChain(judge, group.oldest, group.newest)
  const repaired = kept === undefined ? emptyGroup(0, group.newest) : groupOf(kept)
  const short = conclude(judge, group, "short", prefix, undefined, repaired)
  return { ...short, started: kept?.started ?? [] }
}

/** The group itself makes no sense: a writer died between two of its stores, or the header is damaged. */
const assessUnsound = (ring: Ring, judge: FrameJudge, group: Group): Assessment => {
  const unfinished = unfinishedPublish(ring, group)
  if (unfinished >= 0) {
    const next = group.newest + 1
    const message = walkChain(judge, unfinished, next, next)!
    return { ...nothingReadable(group), repaired: groupOf(message) }
  }
  const suffix = findChain(judge, 1, group.newest, group.head) ?? longestChain(judge, 1, Number.MAX_SAFE_INTEGER)
  const newest = group.newest < Number.MAX_SAFE_INTEGER ? group.newest : 0
  if (suffix === undefined) return { ...nothingReadable(group), repaired: emptyGroup(0, newest) }
  return conclude(judge, group, "crash", undefined, suffix, groupOf(suffix))
}

const nothingReadable = (group: Group) =>
  ({ finding: "crash", group, prefix: undefined, suffix: undefined, started: [], adopted: 0 }) as const

/** The group of a ring that holds this chain and nothing else. */
const groupOf = (chain: Chain): Group => ({
  head: chain.end,
  tail: chain.firstOffset,
  tailNext: chain.firstEnd,
  oldest: chain.firstSeq,
  newest: chain.lastSeq
})

/** Everything announced is gone: what the dead writer was dropping it all for may be there. */
const groupWithout = (judge: FrameJudge, group: Group): Group => {
  const next = group.newest + 1
  for (const offset of [group.head, 0, group.tail]) {
    const { probe } = judge
    probe.load(offset)
    if (!probe.isMessage(next)) continue
    if (probe.end === group.head || (probe.hasChecksums && probe.checksumsHold)) {
      return { head: probe.end, tail: probe.offset, tailNext: probe.end, oldest: next, newest: next }
    }
  }
  return emptyGroup(0, group.newest)
}

/** Adds the messages that were finished but not published, and puts the assessment together. */
const conclude = (
  judge: FrameJudge,
  group: Group,
  finding: Finding,
  prefix: Chain | undefined,
  suffix: Chain | undefined,
  repaired: Group
): Assessment => {
  const adoptive = finding === "clean" || finding === "hint" || finding === "crash"
  const grown = adoptive ? adopt(judge, group, repaired) : repaired
  return {
    finding: finding === "clean" && !sameGroup(grown, repaired) ? "unpublished" : finding,
    group,
    prefix,
    suffix,
    started: [...(prefix?.started ?? []), ...(suffix?.started ?? [])],
    repaired: grown,
    adopted: grown.newest - repaired.newest
  }
}

/**
 * A finished message behind the head counts if its checksums hold, or if the head already stood behind it. The frames
 * started here are the ones that live frames were held against, so adopting them overlaps none.
 */
const adopt = (judge: FrameJudge, found: Group, repaired: Group): Group => {
  const { probe } = judge
  let group = repaired
  for (;;) {
    if (group.oldest !== 0 && group.head === group.tail) return group
    probe.follow(group.head)
    const next = group.newest + 1
    if (!probe.isMessage(next) || overlapsLive(group, probe.offset, probe.length)) return group
    const published = group === repaired && repaired !== found && probe.end === found.head
    if (!published && !(probe.hasChecksums && probe.checksumsHold)) return group
    const { end, offset } = probe
    group =
      group.oldest === 0
        ? { head: end, tail: offset, tailNext: end, oldest: next, newest: next }
        : { ...group, head: end, newest: next }
  }
}

const overlapsLive = ({ head, oldest, tail }: Group, offset: number, length: number): boolean => {
  if (oldest === 0) return false
  return head > tail ? offset < head && offset + length > tail : offset < head || offset + length > tail
}
