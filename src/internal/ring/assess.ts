/**
 * What is left of a pool that a crash or a bad disk has been at: which messages can be read, and which group a writer
 * should put into the header before it goes on. Looks only; the caller holds the lock, shared or exclusive.
 */
import { findChain, longestChain } from "./chainSearch.js"
import type { Chain, StartedMessage } from "./chain.js"
import { FrameJudge, walkChain } from "./chain.js"
import { deathExplains, findStartedFrames, markerReachesTail } from "./deadWriter.js"
import type { Group } from "./group.js"
import { emptyGroup, endsAtHead, groupProblem, sameGroup } from "./group.js"
import type { Ring } from "./Ring.js"
import { unfinishedPublish } from "./Ring.js"

/**
 * - `clean`: nothing is wrong.
 * - `hint`: only the hint where the oldest frame ends is wrong.
 * - `healing`: padding was absorbed, but the disk lost that the head says so; every message is in its place.
 * - `unpublished`: the next message is there, finished, but its writer died before publishing it.
 * - `crash`: a writer died while overwriting; what its append was dropping is gone.
 * - `tail-loss`: the oldest messages are damaged.
 * - `hole`: messages in the middle are damaged.
 * - `short`: the header announces a newest message that the ring does not hold: it was on the disk sooner.
 */
export type Finding = "clean" | "hint" | "healing" | "unpublished" | "crash" | "tail-loss" | "hole" | "short"

export interface Assessment {
  readonly finding: Finding
  /** The group as it was found. */
  readonly group: Group
  /** The messages that follow each other from the tail on, or undefined if not even the first one is whole. */
  readonly prefix: Chain | undefined
  /** The messages that lead up to the newest, if the prefix does not; in a `short` pool, the most of those behind it. */
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

  const whole = walkChain(judge, group.tail, group.oldest, group.newest)
  const reachesNewest = whole !== undefined && whole.lastSeq === group.newest
  const isAstray = reachesNewest && judge.isAstray({ end: whole.end, offset: whole.lastOffset }, group.head)
  if (reachesNewest && !isAstray) return assessWhole(judge, group, whole)
  const prefix = isAstray ? chainBefore(judge, group, group.newest) : whole

  const suffix = findChain(judge, group.oldest, group.newest, group.head)
  if (suffix === undefined) return assessWithoutNewest(judge, group, prefix)
  // A writer that died overwrites from the oldest message on; what else is missing, it did not take.
  const writerDied =
    suffix.end !== group.head ||
    (prefix === undefined
      ? isOverwritten(judge, group) || suffix.started.length > 0
      : deathExplains(judge, group, prefix))
  if (writerDied) return conclude(judge, group, "crash", prefix, suffix, groupOf(suffix))
  return prefix === undefined
    ? conclude(judge, group, "tail-loss", prefix, suffix, groupOf(suffix))
    : conclude(judge, group, "hole", prefix, suffix, group)
}

const chainBefore = (judge: FrameJudge, { oldest, tail }: Group, seq: number): Chain | undefined =>
  seq === oldest ? undefined : walkChain(judge, tail, oldest, seq - 1)

/** Every message announced is there. */
const assessWhole = (judge: FrameJudge, group: Group, prefix: Chain): Assessment => {
  if (prefix.started.length > 0 || !endsAtHead(prefix.end, group, judge.ring.geometry.ringSize))
    return conclude(judge, group, "crash", prefix, undefined, groupOf(prefix))
  const hintHolds = group.tailNext === 0 || group.tailNext === prefix.firstEnd
  const hinted = hintHolds ? group : { ...group, tailNext: prefix.firstEnd }
  // Padding that is still there is nobody's fault; a head inside of a message leads upstream's next writer astray.
  if (prefix.end === 0 && group.head !== 0) return conclude(judge, group, "healing", prefix, undefined, groupOf(prefix))
  return conclude(judge, group, hintHolds ? "clean" : "hint", prefix, undefined, hinted)
}

/**
 * The newest message is not there. A writer that died in the middle of overwriting all there was explains that, and then
 * the numbers given out stay given out; nothing else does but a disk that lost what was written before the header.
 */
const assessWithoutNewest = (judge: FrameJudge, group: Group, prefix: Chain | undefined): Assessment => {
  const rest = longestChain(judge, prefix === undefined ? group.oldest : prefix.lastSeq + 1, group.newest - 1)
  const writerDied =
    isOverwritten(judge, group) &&
    (prefix === undefined || deathExplains(judge, group, prefix)) &&
    (rest === undefined || deathExplains(judge, group, rest))
  if (writerDied) return conclude(judge, group, "crash", prefix, undefined, groupWithout(judge, group))
  if (prefix === undefined) {
    const repaired = rest === undefined ? emptyGroup(0, group.newest) : groupOf(rest)
    return conclude(judge, group, "short", undefined, rest, repaired)
  }
  const suffix = rest !== undefined && liesBehind(judge, group, prefix, rest) ? rest : undefined
  const { end: head, lastSeq: newest } = suffix ?? prefix
  return conclude(judge, group, "short", prefix, suffix, { ...groupOf(prefix), head, newest })
}

/** Somebody died here after beginning to write the next message. */
const isOverwritten = ({ probe, started }: FrameJudge, group: Group): boolean =>
  started.found || markerReachesTail(probe, group)

/** In the part of the ring between a chain and the head; anything elsewhere is older than its number says. */
const liesBehind = ({ ring }: FrameJudge, { head }: Group, prefix: Chain, rest: Chain): boolean => {
  const { ringSize } = ring.geometry
  const behindPrefix = (offset: number): number => (offset - prefix.end + ringSize) % ringSize
  const first = behindPrefix(rest.firstOffset)
  const last = behindPrefix(rest.lastOffset)
  const room = behindPrefix(head) || ringSize
  return first <= last && last < room
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
  const adoptive = finding !== "tail-loss" && finding !== "hole" && finding !== "short"
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
