/**
 * Makes a pool sound again after an assessment: states put back, then the group, in one write. Nothing else in the
 * file changes, so a repair that is cut short is found and repeated by the next writer.
 */
import type { Barrier } from "../../Durability.js"
import type { Assessment, Finding } from "./assess.js"
import { assess } from "./assess.js"
import { Committer, restoreState } from "./commit.js"
import type { Group } from "./group.js"
import { messageCount, sameGroup } from "./group.js"
import type { Ring } from "./Ring.js"

/** What a repair found and did. */
export interface RepairReport {
  readonly finding: Finding
  /** What was wrong and what came of it. */
  readonly summary: string
  /** The same, with the name of the file: one sentence for whoever keeps the logs. */
  readonly message: string
  readonly before: Group
  readonly after: Group
  /** Frames that were taken for committed. */
  readonly restoredOffsets: ReadonlyArray<number>
  /** Unpublished messages that were published. */
  readonly adopted: number
}

/** Stores what the assessment asks for; `undefined` when that is nothing. */
export const applyRepair = (
  ring: Ring,
  committer: Committer,
  assessment: Assessment,
  barrier: Barrier | undefined
): RepairReport | undefined => {
  const { adopted, finding, group, repaired, started } = assessment
  const regroups = !sameGroup(group, repaired)
  if (!regroups && started.length === 0) return undefined
  for (const { offset } of started) restoreState(ring, offset, barrier)
  if (regroups) {
    // Whoever wrote what the header will speak of may have died before it reached the disk.
    barrier?.(ring.file, ring.geometry.ringOffset, ring.geometry.ringSize)
    committer.publishGroup(repaired, barrier)
  }
  const summary = describe(assessment)
  const message = `${ring.file.path}: ${summary}`
  const restoredOffsets = started.map(({ offset }) => offset)
  return { finding, summary, message, before: group, after: repaired, restoredOffsets, adopted }
}

/**
 * Assesses and repairs a pool that was opened for it; the caller holds the exclusive lock. With `dropHoles`, messages
 * before damaged ones are given up, so that upstream can read all of what remains.
 */
export const repairRing = (
  ring: Ring,
  barrier: Barrier | undefined,
  options: { readonly dropHoles?: boolean } = {}
): RepairReport | undefined => {
  const committer = new Committer(ring)
  committer.readPublished()
  const assessment = assess(ring, ring.readGroupUnchecked())
  const { finding, prefix, suffix } = assessment
  const keepsHole = finding === "hole" || (finding === "short" && prefix !== undefined)
  if (options.dropHoles !== true || !keepsHole || suffix === undefined)
    return applyRepair(ring, committer, assessment, barrier)
  const repaired: Group = {
    ...assessment.repaired,
    tail: suffix.firstOffset,
    tailNext: suffix.firstEnd,
    oldest: suffix.firstSeq
  }
  return applyRepair(ring, committer, { ...assessment, repaired }, barrier)
}

const describe = ({ adopted, finding, group, repaired }: Assessment): string => {
  const kept = messageCount(repaired)
  const { newest, oldest } = repaired
  const range = kept === 0 ? "no messages" : kept === 1 ? `message ${newest}` : `messages ${oldest} to ${newest}`
  const outcome = `${causes[finding]}; the pool now holds ${range}`
  const published = adopted === 0 ? "" : `, ${adopted} of them finished but unpublished until now`
  const reused = newest < group.newest ? `; numbers from ${newest + 1} on are given out again` : ""
  return outcome + published + reused
}

const causes: Record<Finding, string> = {
  clean: "nothing was wrong",
  hint: "the hint where the oldest message ends was wrong",
  healing: "the header did not say yet that the newest message has absorbed the padding behind it",
  unpublished: "a writer died just before publishing its message",
  crash: "a writer died in the middle of an append",
  "tail-loss": "the oldest messages were damaged",
  hole: "messages in the middle were damaged",
  short: "the header announced messages that the ring does not hold"
}
