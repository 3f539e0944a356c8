/**
 * Appends to one pool, for a caller that holds its exclusive lock. Each call looks for a dead predecessor first,
 * repairs what it left, and then writes in an order that never leaves anything to repair for long.
 */
import type { Barrier } from "../../Durability.js"
import { isPoolError, PoolError } from "../../PoolError.js"
import { AppendPlan, dropsAnything, planAppend } from "./appendPlan.js"
import type { PlanLimits } from "./appendPlan.js"
import { assess } from "./assess.js"
import { Committer } from "./commit.js"
import { EntryCheck } from "./entryCheck.js"
import { frameLength } from "./frame.js"
import type { Group } from "./group.js"
import { GroupRecord } from "./group.js"
import { healPadding } from "./heal.js"
import { frameOverhead, seqLimit } from "./layout.js"
import { RingTail } from "./oldestFrame.js"
import type { RepairReport } from "./repair.js"
import { applyRepair } from "./repair.js"
import type { Ring } from "./Ring.js"

export interface Appended {
  readonly firstSeq: number
  /** What a dead writer, or a bad disk, had left behind. */
  readonly repaired?: RepairReport
}

export interface RingWriterOptions {
  /** Leave the padding that upstream puts before the ring end. */
  readonly keepPadding?: boolean
}

export class RingWriter {
  private readonly check: EntryCheck
  private readonly committer: Committer
  private readonly tail: RingTail
  private readonly found = new GroupRecord()
  private readonly plan = new AppendPlan()
  private readonly limits: PlanLimits
  private readonly healsPadding: boolean
  /** The file is as the last append left it, unless it says otherwise: the plan has what it published. */
  private isSettled = false

  constructor(
    private readonly ring: Ring,
    options: RingWriterOptions = {}
  ) {
    const { ringSize } = ring.geometry
    this.check = new EntryCheck(ring)
    this.committer = new Committer(ring)
    this.tail = new RingTail(ring)
    this.healsPadding = options.keepPadding !== true
    this.limits = { ringSize, maxPayload: ring.maxPayload }
  }

  /**
   * All payloads are messages of the pool, in order and without a number in between, when it returns. Throws `Usage`
   * before writing anything if one of them is too large for the ring.
   */
  appendAll(
    payloads: ReadonlyArray<Uint8Array>,
    timestampLow: number,
    timestampHigh: number,
    barrier: Barrier | undefined
  ): Appended {
    for (const payload of payloads) this.refuseTooLarge(payload)
    const { found, plan } = this
    const repaired = this.settle(barrier)
    let group: Group = this.heal(repaired === undefined ? found : repaired.after, barrier)
    if (group.newest + payloads.length > seqLimit) throw this.numbersUsedUp(group)
    const firstSeq = group.newest + 1
    for (let done = 0; done < payloads.length; done += plan.count) {
      if (done > 0) {
        const { head, newest, oldest, tail, tailNext } = plan.published
        found.set(head, tail, tailNext, oldest, newest)
        group = found
      }
      this.appendBatch(group, payloads, done, timestampLow, timestampHigh, barrier)
    }
    this.isSettled = true
    return repaired === undefined ? { firstSeq } : { firstSeq, repaired }
  }

  /** The pool is in order when it returns: what a dead writer left is repaired. An append begins with this. */
  settle(barrier: Barrier | undefined): RepairReport | undefined {
    const { committer, found } = this
    const nothingHappened = committer.readPublished() && this.isSettled
    this.isSettled = false
    found.decode(committer.published, 0)
    if (nothingHappened && this.check.stillSound(found)) return undefined
    // The report outlives what it was made from.
    return this.lookAround(found) === "sound" ? undefined : this.repair({ ...found }, barrier)
  }

  /**
   * Whoever opens the pool next walks it from its oldest message, instead of trusting where the newest was left. For a
   * file that may not be what its writers think. Only advice is lost, so failing to do it is no failure.
   */
  forgetNewest(): void {
    try {
      this.committer.forgetNewest()
    } catch (error) {
      if (!isPoolError(error)) throw error
    }
  }

  private appendBatch(
    group: Group,
    payloads: ReadonlyArray<Uint8Array>,
    from: number,
    timestampLow: number,
    timestampHigh: number,
    barrier: Barrier | undefined
  ): void {
    const { check, committer, limits, plan, tail } = this
    const isEmpty = group.oldest === 0
    if (!isEmpty) tail.reset(group, check.tailOffset, check.tailEnd)
    planAppend(plan, limits, group, isEmpty ? undefined : tail, payloads, from)
    if (dropsAnything(plan, group)) committer.publishDrop(plan, barrier)
    committer.writeFrames(plan, payloads, from, timestampLow, timestampHigh, barrier)
    committer.publishAppend(plan, barrier)
    const { published } = plan
    check.tailOffset = published.tail
    check.tailEnd = published.tailNext
    check.remember(published.newest, published.head)
  }

  private lookAround(group: Group): "sound" | "unsound" {
    const { check, committer } = this
    if (check.remembersNothing) {
      const hint = committer.rememberedNewest
      if (hint !== undefined) check.trust(group, hint.seq, hint.offset)
    }
    return check.run(group) === "sound" ? "sound" : "unsound"
  }

  /** Nothing is reported when the suspicion was unfounded, or when what is wrong will go away by itself. */
  private repair(group: Group, barrier: Barrier | undefined): RepairReport | undefined {
    const assessment = assess(this.ring, group)
    const report = applyRepair(this.ring, this.committer, assessment, barrier)
    this.check.settle(assessment.repaired, assessment.suffix)
    return report
  }

  private heal(group: Group, barrier: Barrier | undefined): Group {
    const { check } = this
    const padded = check.paddedFrame
    if (padded < 0 || !this.healsPadding) return group
    check.paddedFrame = -1
    const healed = healPadding(this.ring, this.committer, group, padded, barrier)
    if (healed === undefined) return group
    if (check.tailOffset === padded) check.tailEnd = 0
    if (healed.head !== group.head) check.remember(healed.newest, healed.head)
    return healed
  }

  private refuseTooLarge(payload: Uint8Array): void {
    const { maxPayload, ringSize } = this.limits
    if (payload.length <= maxPayload && frameLength(payload.length) <= ringSize) return
    throw this.tooLarge(payload)
  }

  // Errors are made apart from where they are thrown: the compiler would make their texts for appends that go well, too.

  private numbersUsedUp({ newest }: Group): PoolError {
    return this.ring.corrupt(`its message numbers have reached ${newest}`)
  }

  private tooLarge(payload: Uint8Array): PoolError {
    const { ringSize } = this.limits
    return new PoolError({
      reason: "Usage",
      message: `a message of ${payload.length} bytes is too large: the ring capacity of ${this.ring.file.path} is ${ringSize} bytes, with ${frameOverhead} for the frame`,
      hint: "Split the message, or create a pool with a larger size.",
      path: this.ring.file.path
    })
  }
}
