/**
 * The only code that appends to a file. At every store, so also when the process dies there, the file is a sound pool
 * that holds everything acknowledged except what the append was entitled to drop:
 *
 * 1. the drop is published, so that nothing refers to the bytes about to be overwritten;
 * 2. frames are written into space nothing refers to, as started, then committed one by one;
 * 3. one write publishes them all.
 *
 * A barrier runs after each of the three when the caller asked for durability: what a later step relies on has
 * reached the disk before that step begins.
 */
import type { Barrier } from "../../Durability.js"
import type { AppendPlan } from "./appendPlan.js"
import { crc32c, payloadChecksum } from "./checksum.js"
import { frameLength, wrapMarkerBytes, writeCommitMarker, writeFrameHeader } from "./frame.js"
import type { Group } from "./group.js"
import { encodeGroup } from "./group.js"
import {
  commitMarkerBytes,
  extensionAt,
  extensionMagicHigh,
  extensionMagicLow,
  frameAt,
  frameHeaderBytes,
  frameMagic,
  frameState,
  groupBytes,
  groupOffset,
  headerBytes,
  openingBytes,
  publishedBytes
} from "./layout.js"
import type { Ring } from "./Ring.js"
import { IndexWriter } from "./seqIndex.js"
import { WordCopy } from "./WordCopy.js"
import { getNumber64, setNumber64 } from "./words.js"

const smallestStaging = 1024
/** Larger frames go to the file in three pieces instead of through a copy. */
const largestStaging = 64 * 1024

export class Committer {
  /** How the file starts: the identity of the pool, and behind it group and header extension as they are in the file. */
  private readonly opening = new WordCopy(openingBytes)
  private readonly look = new WordCopy(openingBytes)
  private readonly page = new Uint8Array(this.opening.bytes.buffer, groupOffset, publishedBytes)
  private readonly pageView = new DataView(this.opening.bytes.buffer, groupOffset, publishedBytes)
  /** The identity was that of the pool. */
  private isPool = false
  /** Somebody else uses the bytes of the header extension: leave them alone. */
  private extensionIsForeign = false
  private readonly index: IndexWriter
  private staging = new Uint8Array(smallestStaging)
  private stagingView = new DataView(this.staging.buffer)
  /** Ring offset of the first byte staged, and how many there are. */
  private stagedFrom = 0
  private stagedBytes = 0
  /** What was written last, of what is staged: often the next one is as long, and a new view is dear. */
  private stagedRun = this.staging.subarray(0, 0)

  constructor(private readonly ring: Ring) {
    this.index = new IndexWriter(ring)
  }

  /**
   * Reads what publishing will replace, and says whether that is what it was when this committer last read or wrote it.
   * `published` shows it. Throws `Corrupt` when the file is not this pool any more.
   */
  readPublished(): boolean {
    const { look, opening } = this
    look.take(this.ring.file, 0)
    if (this.isPool && look.equals(opening)) return true
    this.isPool = false
    opening.words.set(look.words)
    this.ring.assertSamePool(opening)
    this.isPool = true
    this.extensionIsForeign = !this.hasExtension && this.page.subarray(extensionAt.magic).some((byte) => byte !== 0)
    return false
  }

  /** The group at its start, the extension at `extensionAt`. */
  get published(): DataView {
    return this.pageView
  }

  /** Where one of our writers left its newest message; whoever uses it checks the frame. */
  get rememberedNewest(): { readonly seq: number; readonly offset: number } | undefined {
    if (!this.hasExtension) return undefined
    return {
      seq: getNumber64(this.pageView, extensionAt.newest),
      offset: getNumber64(this.pageView, extensionAt.newestFrame)
    }
  }

  /** Takes that back. */
  forgetNewest(): void {
    this.readPublished()
    if (this.hasExtension) this.ring.file.store64(groupOffset + extensionAt.newest, 0, 0)
  }

  /** Step 1: from here on the old messages are gone. */
  publishDrop(plan: AppendPlan, barrier: Barrier | undefined): void {
    if (!this.extensionIsForeign) setNumber64(this.pageView, extensionAt.appending, plan.dropped.newest + 1)
    this.publishGroup(plan.dropped, barrier)
  }

  /** Step 2: the frames exist, but no header speaks of them. */
  writeFrames(
    plan: AppendPlan,
    payloads: ReadonlyArray<Uint8Array>,
    from: number,
    timestampLow: number,
    timestampHigh: number,
    barrier: Barrier | undefined
  ): void {
    const { file, geometry } = this.ring
    const firstSeq = plan.published.newest - plan.count + 1
    // An append that failed may have left something.
    this.stagedBytes = 0
    if (plan.markerOffset >= 0)
      file.write(geometry.ringOffset + plan.markerOffset, wrapMarkerBytes, 0, frameHeaderBytes)
    for (let at = 0; at < plan.count; at++) {
      this.stage(
        plan.offsets[at]!,
        firstSeq + at,
        timestampLow,
        timestampHigh,
        payloads[from + at]!,
        plan.storedBytes[at]!
      )
    }
    this.flushStaged()
    for (let at = 0; at < plan.count; at++) {
      file.store32(geometry.ringOffset + plan.offsets[at]! + frameAt.state, frameState.committed)
    }
    if (barrier !== undefined) this.settleFrames(plan, barrier)
    this.index.record(firstSeq, plan.offsets, plan.count)
  }

  /** Step 3: the messages are there. */
  publishAppend(plan: AppendPlan, barrier: Barrier | undefined): void {
    const { published } = plan
    if (!this.extensionIsForeign) {
      this.pageView.setUint32(extensionAt.magic, extensionMagicLow, true)
      this.pageView.setUint32(extensionAt.magic + 4, extensionMagicHigh, true)
      setNumber64(this.pageView, extensionAt.newest, published.newest)
      setNumber64(this.pageView, extensionAt.newestFrame, plan.offsets[plan.count - 1]!)
      setNumber64(this.pageView, extensionAt.bootId, 0)
      setNumber64(this.pageView, extensionAt.appending, 0)
    }
    this.publishGroup(published, barrier)
  }

  /** Replaces the group, and with it what the pool holds, in one write. */
  publishGroup(group: Group, barrier: Barrier | undefined): void {
    const { file } = this.ring
    encodeGroup(this.pageView, 0, group)
    file.publish(groupOffset, this.page, 0, this.extensionIsForeign ? groupBytes : publishedBytes)
    barrier?.(file, 0, headerBytes)
  }

  private get hasExtension(): boolean {
    return (
      this.pageView.getUint32(extensionAt.magic, true) === extensionMagicLow &&
      this.pageView.getUint32(extensionAt.magic + 4, true) === extensionMagicHigh
    )
  }

  /** Frames that touch in the ring are gathered and written in one go. */
  private stage(
    offset: number,
    seq: number,
    timestampLow: number,
    timestampHigh: number,
    payload: Uint8Array,
    storedBytes: number
  ): void {
    const length = frameLength(storedBytes)
    const touches = this.stagedBytes > 0 && offset === this.stagedFrom + this.stagedBytes
    const overflows = this.stagedBytes + length > this.staging.length
    if (!touches || overflows) this.flushStaged()
    if (length > largestStaging) {
      this.writeLarge(offset, seq, timestampLow, timestampHigh, payload, storedBytes)
      return
    }
    if (this.stagedBytes === 0) this.stagedFrom = offset
    if (overflows && this.staging.length < largestStaging) this.growStaging(length)
    const { staging, stagedBytes: at, stagingView } = this
    const payloadAt = at + frameHeaderBytes
    staging.set(payload, payloadAt)
    for (let behind = payloadAt + payload.length; behind < at + length; behind++) staging[behind] = 0
    writeCommitMarker(stagingView, payloadAt + storedBytes)
    const checksum = payloadChecksum(stagingView, payloadAt, payloadAt + storedBytes)
    writeFrameHeader(stagingView, at, seq, timestampLow, timestampHigh, storedBytes, checksum)
    this.stagedBytes = at + length
  }

  private flushStaged(): void {
    if (this.stagedBytes === 0) return
    if (this.stagedRun.length !== this.stagedBytes) this.stagedRun = this.staging.subarray(0, this.stagedBytes)
    this.ring.file.write(this.ring.geometry.ringOffset + this.stagedFrom, this.stagedRun, 0, this.stagedBytes)
    this.stagedBytes = 0
  }

  /** Only while nothing is staged. */
  private growStaging(needed: number): void {
    let size = this.staging.length * 2
    while (size < needed) size *= 2
    this.staging = new Uint8Array(size)
    this.stagingView = new DataView(this.staging.buffer)
    this.stagedRun = this.staging.subarray(0, 0)
  }

  private writeLarge(
    offset: number,
    seq: number,
    timestampLow: number,
    timestampHigh: number,
    payload: Uint8Array,
    storedBytes: number
  ): void {
    const { file, geometry } = this.ring
    const { staging, stagingView } = this
    const fileOffset = geometry.ringOffset + offset
    const behindPayload = frameLength(storedBytes) - frameHeaderBytes - payload.length
    staging.fill(0, 0, behindPayload)
    const payloadView = new DataView(payload.buffer, payload.byteOffset, payload.length)
    const checksum = crc32c(stagingView, 0, storedBytes - payload.length, crc32c(payloadView, 0, payload.length))
    writeCommitMarker(stagingView, storedBytes - payload.length)
    file.write(fileOffset + frameHeaderBytes + payload.length, staging, 0, behindPayload)
    writeFrameHeader(stagingView, 0, seq, timestampLow, timestampHigh, storedBytes, checksum)
    file.write(fileOffset, staging, 0, frameHeaderBytes)
    file.write(fileOffset + frameHeaderBytes, payload, 0, payload.length)
  }

  /** The pages of the marker and of every run of frames that touch. */
  private settleFrames(plan: AppendPlan, barrier: Barrier): void {
    const { file, geometry } = this.ring
    if (plan.markerOffset >= 0) barrier(file, geometry.ringOffset + plan.markerOffset, frameHeaderBytes)
    let from = plan.offsets[0]!
    let to = from
    for (let at = 0; at < plan.count; at++) {
      const offset = plan.offsets[at]!
      if (offset !== to) {
        barrier(file, geometry.ringOffset + from, to - from)
        from = offset
      }
      to = offset + frameLength(plan.storedBytes[at]!)
    }
    barrier(file, geometry.ringOffset + from, to - from)
  }
}

/** Takes a started frame for committed, as its dead writer was about to. */
export const restoreState = (ring: Ring, offset: number, barrier: Barrier | undefined): void => {
  const { file, geometry } = ring
  file.store64(geometry.ringOffset + offset, frameMagic, frameState.committed)
  barrier?.(file, geometry.ringOffset + offset, frameHeaderBytes)
}

const syncRange: Barrier = (file, offset, length) => file.sync(offset, length)

/** A payload grown over the padding behind it, the marker first, the length last. */
export const growPayload = (
  ring: Ring,
  offset: number,
  payloadBytes: number,
  by: number,
  barrier: Barrier | undefined
): void => {
  const { file, geometry } = ring
  const fileOffset = geometry.ringOffset + offset
  const marker = new Uint8Array(commitMarkerBytes)
  writeCommitMarker(new DataView(marker.buffer), 0)
  const grown = payloadBytes + by
  file.write(fileOffset + frameHeaderBytes + grown, marker, 0, commitMarkerBytes)
  // Also where nothing else is waited for: the message may have been on the disk for long, and must not lose its end.
  const settle = barrier ?? syncRange
  settle(file, fileOffset + frameHeaderBytes + grown, commitMarkerBytes)
  file.store64(fileOffset + frameAt.payloadLength, grown, ~grown >>> 0)
  barrier?.(file, fileOffset, frameHeaderBytes)
}
