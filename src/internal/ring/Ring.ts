/**
 * An open pool file, seen as a ring: its fixed geometry, and its group as read by somebody who holds no lock.
 * Opening checks the header once; the geometry of a pool never changes.
 */
import type { PoolError } from "../../PoolError.js"
import type { PoolFile } from "../../PoolStorage.js"
import { CopyBuffer } from "./copyBuffer.js"
import { FrameProbe } from "./frameProbe.js"
import type { Group } from "./group.js"
import { decodeGroup, emptyGroup, endsAtHead, groupProblem } from "./group.js"
import type { Geometry } from "./header.js"
import { decodeGeometry, maxPayloadBytes, notAPool } from "./header.js"
import { groupBytes, groupOffset, headerBytes, identityBytes, newestOffset } from "./layout.js"
import { SeqMarks } from "./seqIndex.js"
import { WordCopy } from "./WordCopy.js"
import { getNumber64 } from "./words.js"

/** A foreign writer stores the group field by field: for some nanoseconds it does not add up. */
const looksAtUnsoundGroup = 64

/** A pair of looks rarely straddles a publish; a writer that never pauses cannot make it go on for ever. */
const looksAtMovingGroup = 1000

/** Says what is wrong with a payload, or `undefined`. */
export type PayloadProblem = (payload: Uint8Array) => string | undefined

export interface RingOptions {
  /** Asked before a message without a checksum, whose writer died, is taken for whole. */
  readonly payloadProblem?: PayloadProblem
  /** Opens a file whose group makes no sense, for a repair that was asked for. */
  readonly allowUnsoundGroup?: boolean
}

export class Ring {
  /** Bytes. */
  readonly maxPayload: number
  /** Where messages were found by scanning. */
  readonly marks = new SeqMarks()
  /** Where copies of messages go. */
  readonly copies = new CopyBuffer()
  /** How long the last frame was that was read by its number: most are alike, and one copy of that length has them whole. */
  likelyFrameBytes = 512
  /** For looking at frames within one synchronous call. */
  readonly probe = new FrameProbe(this)
  private group = new WordCopy(groupBytes)
  private groupAgain = new WordCopy(groupBytes)
  /** What identifies the file as this pool, as it was when opened. */
  private readonly identity = new WordCopy(identityBytes)
  private readonly newest = new WordCopy(8)

  private constructor(
    readonly file: PoolFile,
    readonly geometry: Geometry,
    readonly payloadProblem: PayloadProblem
  ) {
    this.maxPayload = maxPayloadBytes(geometry.ringSize)
  }

  /** Throws `Corrupt` when the file is not a usable pool, `Usage` when it is one of another format version. */
  static open(file: PoolFile, options: RingOptions = {}): Ring {
    if (file.byteLength < headerBytes)
      throw notAPool(file.path, `it has ${file.byteLength} bytes, a header alone takes ${headerBytes}`)
    const page = new Uint8Array(headerBytes)
    file.read(0, page, 0, headerBytes)
    const geometry = decodeGeometry(new DataView(page.buffer), file.byteLength, file.path)
    const ring = new Ring(file, geometry, options.payloadProblem ?? (() => undefined))
    ring.identity.bytes.set(page.subarray(0, identityBytes))
    if (options.allowUnsoundGroup !== true) ring.readGroup()
    return ring
  }

  /**
   * The group as of one moment; `oldest` is 0 when there is nothing to read. Throws `Corrupt` when it makes no sense
   * and goes on making none.
   */
  readGroup(): Group {
    let problem: string | undefined
    for (let look = 0; look < looksAtUnsoundGroup; look++) {
      const group = this.readStableGroup()
      problem = groupProblem(group, this.geometry.ringSize)
      if (problem === undefined) return group
      if (unfinishedPublish(this, group) >= 0) return emptyGroup(group.head, group.newest)
    }
    throw this.corrupt(problem!)
  }

  /**
   * Given a copy of how the file starts now, throws `Corrupt` when something has overwritten what makes it this pool: then
   * nobody could open it any more.
   */
  assertSamePool(opening: WordCopy): void {
    if (!opening.startsWith(this.identity.words)) throw this.corrupt("its header was overwritten while it was open")
  }

  /** One cheap look at the number of the newest message, for polling. */
  newestSeq(): number {
    this.newest.take(this.file, newestOffset)
    return getNumber64(this.newest.view, 0)
  }

  /** One look at the group, unchecked: as it stands for a caller who holds the lock, otherwise perhaps of two moments. */
  readGroupUnchecked(): Group {
    this.group.take(this.file, groupOffset)
    return decodeGroup(this.group.view, 0)
  }

  /** Copies bytes of the ring. */
  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    this.file.read(this.geometry.ringOffset + offset, target, targetStart, length)
  }

  /** The whole pool is unusable. */
  corrupt(problem: string): PoolError {
    return notAPool(this.file.path, problem)
  }

  /** Two looks in a row that agree saw one moment. */
  private readStableGroup(): Group {
    this.group.take(this.file, groupOffset)
    for (let look = 0; look < looksAtMovingGroup; look++) {
      const before = this.group
      this.groupAgain.take(this.file, groupOffset)
      this.group = this.groupAgain
      this.groupAgain = before
      if (this.group.equals(before)) break
    }
    return decodeGroup(this.group.view, 0)
  }
}

/**
 * A foreign writer stored the group of its message only in part: the message stands complete and ends at the head, but
 * the fields still say that the pool is empty, or that the oldest message is one that does not exist yet. Nothing is
 * published then; a writer completes it. Returns where the message is, or -1. It is at the tail, or, when the pool was
 * empty and the tail was not stored either, perhaps at 0: what led there from the old tail may be overwritten by it.
 */
export const unfinishedPublish = (ring: Ring, group: Group): number => {
  const { head, newest, oldest, tail, tailNext } = group
  const { ringSize } = ring.geometry
  if (oldest !== 0 && oldest !== newest + 1) return -1
  if (groupProblem({ head, tail, tailNext, oldest: 1, newest: 1 }, ringSize) !== undefined) return -1
  if (newest >= Number.MAX_SAFE_INTEGER) return -1
  const { probe } = ring
  if (probe.find(tail, newest + 1) && endsAtHead(probe.end, group, ringSize)) return probe.offset
  if (oldest === 0 && probe.find(0, newest + 1) && endsAtHead(probe.end, group, ringSize)) return 0
  return -1
}
