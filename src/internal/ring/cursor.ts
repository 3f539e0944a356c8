/**
 * Reads messages in order while others append. The position is a message number; the offset kept with it only saves
 * looking it up. A message is returned once it is proved whole: by its checksums, or by a moment under the shared
 * lock in which nobody was appending. Nobody is ever waited for here.
 */
import type { PoolLockHandle } from "../../PoolLock.js"
import { freshArray } from "../freshArray.js"
import type { Assessment } from "./assess.js"
import { assess } from "./assess.js"
import type { Chain, StartedMessage } from "./chain.js"
import type { CopyBuffer } from "./copyBuffer.js"
import type { CopiedRun, StoredFrame } from "./copyFrames.js"
import { copyFrames, cutRun, headerOf } from "./copyFrames.js"
import type { StartedFrames } from "./deadWriter.js"
import { findStartedFrames, isOverlapped } from "./deadWriter.js"
import { frameLength } from "./frame.js"
import type { Group } from "./group.js"
import { sameGroup } from "./group.js"
import { frameHeaderBytes } from "./layout.js"
import type { Ring } from "./Ring.js"
import { locate } from "./seqIndex.js"

export type { StoredFrame } from "./copyFrames.js"

/** What one look brought, in this order. All of it empty means that there is nothing new. */
export class CursorBatch {
  /** Messages from `expected` to before `found` are gone: overwritten, or damaged. */
  gap: { readonly expected: number; readonly found: number } | undefined = undefined
  frames: Array<StoredFrame> = freshArray()
  /** The next message is damaged; the cursor has moved past it. */
  damaged: { readonly seq: number; readonly offset: number; readonly message: string } | undefined = undefined
  /** What comes next could not be proved, because somebody is appending. Nothing is lost; ask again. */
  contended = false
}

export interface RingCursorOptions {
  /** Whether messages missing at the very first look count as a gap. */
  readonly reportFirstGap: boolean
  /** Where copies go; by default memory that is never used again, so that payloads may be kept. */
  readonly copies?: CopyBuffer
}

/** How often one look starts over because a writer was faster. */
const attempts = 8

const unknown = -1

export class RingCursor {
  /** Number of the message to be read next. */
  nextSeq: number
  /** Where the chain goes on, if known. */
  private position = unknown
  private reportsGaps: boolean
  private readonly copies: CopyBuffer
  /** The last assessment, good as long as the group does not change. */
  private assessment: Assessment | undefined
  /** Messages that the header announced but the ring did not hold: a repair will give their numbers out again. */
  private lost: { readonly seq: number; readonly group: Group } | undefined

  constructor(
    private readonly ring: Ring,
    private readonly lock: PoolLockHandle,
    nextSeq: number,
    options: RingCursorOptions
  ) {
    this.nextSeq = Math.max(nextSeq, 1)
    this.reportsGaps = options.reportFirstGap
    this.copies = options.copies ?? ring.copies
  }

  /** Throws `Corrupt` when the whole pool is unusable. */
  read(maxMessages: number, maxBytes: number): CursorBatch {
    this.copies.startOver()
    const batch = new CursorBatch()
    for (let attempt = 0; attempt < attempts; attempt++) {
      const group = this.ring.readGroup()
      this.catchUp(group, batch)
      if (this.nextSeq > group.newest) return batch
      const run = this.copy(group, maxMessages, maxBytes)
      if (run !== undefined && run.frames.length > 0 && run.unproved.length === 0) return this.deliver(run, batch)
      if (run === undefined || run.frames.length === 0) {
        // Overtaken between two looks: that is a gap, and needs no lock to be seen.
        const now = this.ring.readGroup()
        if (now.oldest === 0 || now.oldest > this.nextSeq) continue
      }
      if (this.lock.tryAcquire("shared")) {
        try {
          if (this.readQuiet(run, maxMessages, maxBytes, batch)) return batch
        } finally {
          this.lock.release()
        }
      } else if (run !== undefined && run.unproved.length > 0 && run.unproved[0]! > 0) {
        cutRun(run, run.unproved[0]!)
        batch.contended = true
        return this.deliver(run, batch)
      } else break
    }
    batch.contended = true
    return batch
  }

  /** Notices what was overwritten, and numbers that a repair took back. */
  private catchUp(group: Group, batch: CursorBatch): void {
    if (this.lost !== undefined && !sameGroup(this.lost.group, group)) {
      this.moveTo(this.lost.seq, unknown)
      this.lost = undefined
    }
    const first = group.oldest === 0 ? group.newest + 1 : group.oldest
    if (this.nextSeq < first) this.skipTo(first, this.reportsGaps, batch)
    this.reportsGaps = true
  }

  private skipTo(found: number, reported: boolean, batch: CursorBatch): void {
    if (reported) batch.gap = { expected: batch.gap?.expected ?? this.nextSeq, found }
    this.moveTo(found, unknown)
  }

  private moveTo(seq: number, position: number): void {
    this.nextSeq = seq
    this.position = position
  }

  private deliver(run: CopiedRun, batch: CursorBatch): CursorBatch {
    batch.frames = run.frames
    this.moveTo(this.nextSeq + run.frames.length, run.end)
    return batch
  }

  private copy(group: Group, maxMessages: number, maxBytes: number): CopiedRun | undefined {
    let { position } = this
    if (position === unknown) {
      position = this.nextSeq === group.oldest ? group.tail : locate(this.ring, group, this.nextSeq)
      if (position < 0) return undefined
    }
    return this.copyFrom(position, group.newest, group.head, maxMessages, maxBytes)
  }

  private copyFrom(
    position: number,
    lastSeq: number,
    head: number,
    maxMessages: number,
    maxBytes: number,
    started: ReadonlyArray<StartedMessage> = []
  ): CopiedRun {
    const { copies, nextSeq: firstSeq, ring } = this
    return copyFrames(ring, { copies, position, firstSeq, lastSeq, head, maxMessages, maxBytes, started })
  }

  /**
   * The shared lock is held: the pool stands still. Proves what was copied before, or copies again, or finds out what
   * is wrong. False if a writer was faster before the lock was had.
   */
  private readQuiet(copied: CopiedRun | undefined, maxMessages: number, maxBytes: number, batch: CursorBatch): boolean {
    const { ring } = this
    const group = ring.readGroup()
    if (this.nextSeq > group.newest || group.oldest === 0 || this.nextSeq < group.oldest) return false
    const started = findStartedFrames(ring.probe, group)
    if (copied !== undefined) {
      this.prove(copied, group, started)
      if (copied.frames.length > 0) {
        this.deliver(copied, batch)
        return true
      }
    }
    const position = locate(ring, group, this.nextSeq)
    if (position >= 0) {
      const run = this.copyFrom(position, group.newest, group.head, maxMessages, maxBytes)
      this.cutOverlapped(run, started)
      if (this.settle(run, batch)) return true
    }
    return this.readDamaged(group, maxMessages, maxBytes, batch)
  }

  /** Keeps the messages from the front that are as they were, still live, and not under a dead writer's frame. */
  private prove(run: CopiedRun, group: Group, started: StartedFrames): void {
    const header = new Uint8Array(frameHeaderBytes)
    for (const index of run.unproved) {
      const frame = run.frames[index]!
      const offset = run.offsets[index]!
      this.ring.read(offset, header, 0, frameHeaderBytes)
      const holds =
        frame.seq >= group.oldest &&
        frame.seq <= group.newest &&
        sameBytes(header, headerOf(frame)) &&
        !isOverlapped(started, offset, frameLength(frame.payload.length))
      if (!holds) return cutRun(run, index)
    }
  }

  private cutOverlapped(run: CopiedRun, started: StartedFrames): void {
    for (const index of run.unproved) {
      if (isOverlapped(started, run.offsets[index]!, frameLength(run.frames[index]!.payload.length)))
        return cutRun(run, index)
    }
  }

  /** Delivers what was copied under the lock, or reports the message at which copying stopped; false if neither. */
  private settle(run: CopiedRun, batch: CursorBatch): boolean {
    if (run.frames.length > 0) {
      this.deliver(run, batch)
      return true
    }
    if (run.stop !== "mismatch") return false
    batch.damaged = { seq: this.nextSeq, offset: run.stopOffset, message: "its checksum does not match" }
    this.moveTo(this.nextSeq + 1, run.stopEnd)
    return true
  }

  /** The chain does not lead to the next message: reads what an assessment says can be read. */
  private readDamaged(group: Group, maxMessages: number, maxBytes: number, batch: CursorBatch): boolean {
    if (this.assessment === undefined || !sameGroup(this.assessment.group, group))
      this.assessment = assess(this.ring, group)
    const { prefix, started, suffix } = this.assessment
    const chain = [prefix, suffix].find((chain) => chain !== undefined && chain.lastSeq >= this.nextSeq)
    if (chain === undefined) {
      this.reportLost(group, prefix, batch)
      return true
    }
    if (this.nextSeq < chain.firstSeq) this.skipTo(chain.firstSeq, true, batch)
    const position = this.positionIn(chain)
    const run = this.copyFrom(position, chain.lastSeq, group.head, maxMessages, maxBytes, started)
    if (this.settle(run, batch)) return true
    const message = "its frame cannot be read"
    batch.damaged = { seq: this.nextSeq, offset: position, message }
    this.moveTo(this.nextSeq + 1, unknown)
    return true
  }

  private positionIn(chain: Chain): number {
    const { probe } = this.ring
    let position = chain.firstOffset
    for (let seq = chain.firstSeq; seq < this.nextSeq; seq++) {
      probe.follow(position)
      position = probe.end
    }
    return position
  }

  private reportLost(group: Group, prefix: Chain | undefined, batch: CursorBatch): void {
    const seq = this.nextSeq
    const offset = prefix === undefined ? group.tail : prefix.end
    const rest = seq === group.newest ? "it" : `messages ${seq} to ${group.newest}`
    batch.damaged = { seq, offset, message: `the header announces ${rest}, but the ring does not hold it` }
    this.lost = { seq, group }
    this.moveTo(group.newest + 1, unknown)
  }
}

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}
