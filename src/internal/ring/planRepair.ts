/**
 * The repair of a damaged pool as somebody asked for it: more than a writer does on its way, and known in full before
 * anything is changed. Order of the stores: header, states, group, index; a pool is never worse off in between.
 */
import type { PoolFile } from "../../PoolStorage.js"
import { isPoolError, PoolError } from "../../PoolError.js"
import { Committer } from "./commit.js"
import type { Group } from "./group.js"
import { emptyGroup } from "./group.js"
import { seqLimit } from "./layout.js"
import { mendHeader, provenGeometry } from "./mendHeader.js"
import { rebuildIndex } from "./rebuildIndex.js"
import { Rehearsal } from "./rehearsal.js"
import { repairRing } from "./repair.js"
import type { PayloadProblem } from "./Ring.js"
import { Ring } from "./Ring.js"
import type { RingIssue, SeqRange } from "./verify.js"
import { verifyRing } from "./verify.js"

export interface RepairPlan {
  /** The pool as it will be. */
  readonly outcome: Rehearsal
  /** What will be done, a sentence each; empty if nothing can be. */
  readonly changes: ReadonlyArray<string>
  /** What will be readable then. */
  readonly readable: ReadonlyArray<SeqRange>
  /** What the header announced and will not be readable. */
  readonly lost: ReadonlyArray<SeqRange>
}

export interface RepairPlanOptions {
  readonly payloadProblem: PayloadProblem
  /** Give up every message before damaged ones, so that what remains is without a hole. */
  readonly dropDamaged: boolean
}

/** Changes nothing. Throws `Corrupt` or `Usage` for a file whose header cannot be restored with certainty. */
export const planRepair = (file: PoolFile, { dropDamaged, payloadProblem }: RepairPlanOptions): RepairPlan => {
  const outcome = new Rehearsal(file)
  const changes: Array<string> = []
  const open = (): Ring => Ring.open(outcome, { payloadProblem, allowUnsoundGroup: true })
  if (mendIfNeeded(outcome, open))
    changes.push("the header was damaged; length and messages of the file say what it was")

  const ring = open()
  const announced = announcedBy(ring.readGroupUnchecked())
  const report = repairRing(ring, undefined, { dropHoles: dropDamaged })
  if (report !== undefined) changes.push(report.summary)
  const dropped = dropDamaged ? dropDamagedMessages(ring) : undefined
  if (dropped !== undefined) changes.push(dropped)
  const slots = rebuildIndex(ring)
  if (slots > 0) changes.push(`index slots that led nowhere: ${slots}; each leads to its message again`)

  const { readable } = verifyRing(ring)
  return { outcome, changes, readable, lost: without(announced, readable) }
}

const mendIfNeeded = (file: PoolFile, open: () => Ring): boolean => {
  try {
    open()
    return false
  } catch (error) {
    if (!isPoolError(error) || error.reason !== "Corrupt") throw error
    const geometry = provenGeometry(file)
    if (geometry === undefined) throw beyondRepair(error)
    mendHeader(file, geometry)
    return true
  }
}

const beyondRepair = ({ message, path }: PoolError): PoolError =>
  new PoolError({
    reason: "Corrupt",
    message,
    hint: "What the header was cannot be told with certainty, so nothing was changed. Restore the file from a copy, or delete and recreate the pool.",
    ...(path === undefined ? {} : { path })
  })

/** Gives up the messages up to the last one whose content is damaged. */
const dropDamagedMessages = (ring: Ring): string | undefined => {
  const last = lastDamaged(verifyRing(ring).issues)
  if (last === undefined) return undefined
  const committer = new Committer(ring)
  committer.readPublished()
  committer.publishGroup(groupAfter(ring, last), undefined)
  return `messages up to ${last} were given up, because the content of ${last} is damaged`
}

const lastDamaged = (issues: ReadonlyArray<RingIssue>): number | undefined => {
  const seqs = issues.flatMap(({ seq }) => (seq === null ? [] : [seq]))
  return seqs.length === 0 ? undefined : Math.max(...seqs)
}

/** The chain is whole: it can be walked. */
const groupAfter = (ring: Ring, seq: number): Group => {
  const { probe } = ring
  const group = ring.readGroupUnchecked()
  if (seq >= group.newest) return emptyGroup(group.head, group.newest)
  let position = group.tail
  for (let before = group.oldest; before <= seq; before++) {
    probe.follow(position)
    position = probe.end
  }
  probe.follow(position)
  return { ...group, tail: probe.offset, tailNext: probe.end, oldest: seq + 1 }
}

/** Numbers of a header that contradicts itself promise nothing. */
const announcedBy = ({ newest, oldest }: Group): SeqRange | undefined =>
  oldest === 0 || oldest > newest || newest > seqLimit ? undefined : { from: oldest, to: newest }

const without = (whole: SeqRange | undefined, parts: ReadonlyArray<SeqRange>): ReadonlyArray<SeqRange> => {
  if (whole === undefined) return []
  const rest: Array<SeqRange> = []
  let from = whole.from
  for (const part of parts) {
    if (part.from > from) rest.push({ from, to: Math.min(part.from - 1, whole.to) })
    from = Math.max(from, part.to + 1)
  }
  if (from <= whole.to) rest.push({ from, to: whole.to })
  return rest
}
