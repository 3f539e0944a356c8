/**
 * Looks at one frame of the file at a time, through a private copy of its header. It is how everything that walks
 * the ring (entry check, assessment, lookups, dropping) sees frames; what it reports was true of one moment, so
 * callers that need more than a hint hold the pool's lock.
 */
import { checksumsHold, frameLength, hasChecksums, headerChecksumHolds, isFrameHeader, isStarted } from "./frame.js"
import { isCommitMarker, isWrapMarker, lengthsInOrder, payloadBytesOf, seqOf, stateOf } from "./frame.js"
import { commitMarkerBytes, frameAt, frameHeaderBytes, frameState, smallestStub } from "./layout.js"
import type { Ring } from "./Ring.js"
import { WordCopy } from "./WordCopy.js"

export class FrameProbe {
  /** Ring offset of the frame looked at. */
  offset = 0
  private readonly header = new WordCopy(frameHeaderBytes)
  private readonly headerView = this.header.view
  /** Of a header: up to the number of the message. */
  private readonly beginning = new WordCopy(frameAt.timestamp)
  private readonly marker = new Uint8Array(commitMarkerBytes)
  private readonly markerView = new DataView(this.marker.buffer)

  constructor(readonly ring: Ring) {}

  /** Takes a copy of the 64 bytes at a ring offset; where fewer are left, there is no frame. */
  load(offset: number): void {
    this.offset = offset
    if (this.ring.geometry.ringSize - offset < frameHeaderBytes) this.header.words.fill(0)
    else this.header.take(this.ring.file, this.ring.geometry.ringOffset + offset)
  }

  /** The bytes loaded. */
  copyHeader(): Uint8Array {
    return this.header.bytes.slice()
  }

  /** The bytes loaded are these. */
  hasHeader(bytes: Uint8Array | undefined): boolean {
    return bytes !== undefined && this.header.bytes.every((byte, at) => byte === bytes[at])
  }

  /** The same, as words. */
  hasWords(words: Int32Array): boolean {
    return this.header.startsWith(words)
  }

  copyWords(target: Int32Array): void {
    target.set(this.header.words)
  }

  get seq(): number {
    return seqOf(this.headerView, 0)
  }

  get state(): number {
    return stateOf(this.headerView, 0)
  }

  get timestampLow(): number {
    return this.headerView.getUint32(frameAt.timestamp, true)
  }

  get timestampHigh(): number {
    return this.headerView.getUint32(frameAt.timestamp + 4, true)
  }

  get payloadBytes(): number {
    return payloadBytesOf(this.headerView, 0)
  }

  /** Of the whole frame. */
  get length(): number {
    return frameLength(this.payloadBytes)
  }

  /** Where the next frame starts; 0 when that is the ring end. */
  get end(): number {
    const end = this.offset + this.length
    return end === this.ring.geometry.ringSize ? 0 : end
  }

  /** Bytes of padding behind the frame, too few for a marker, which upstream's readers stumble over; mostly 0. */
  get paddingBehind(): number {
    const left = this.ring.geometry.ringSize - this.offset - this.length
    return left < smallestStub ? left : 0
  }

  get isWrapMarker(): boolean {
    return isWrapMarker(this.headerView, 0)
  }

  /** The same as loading what is there and asking `isStarted`, for somebody who asks nothing else. */
  beganAt(offset: number, seq: number): boolean {
    if (this.ring.geometry.ringSize - offset < frameHeaderBytes) return false
    this.beginning.take(this.ring.file, this.ring.geometry.ringOffset + offset)
    return isStarted(this.beginning.view, 0, seq)
  }

  /** See `isStarted` in `frame`. */
  isStarted(seq: number): boolean {
    return isStarted(this.headerView, 0, seq)
  }

  /** How far a started frame would reach; 0 when its header does not say. */
  get extent(): number {
    return lengthsInOrder(this.headerView, 0) ? this.length : 0
  }

  /** The header is valid, the frame ends inside the ring, and its commit marker is in place; in any state. */
  get isComplete(): boolean {
    const { geometry, maxPayload } = this.ring
    if (!isFrameHeader(this.headerView, 0, maxPayload)) return false
    const payloadBytes = payloadBytesOf(this.headerView, 0)
    if (this.offset + frameLength(payloadBytes) > geometry.ringSize) return false
    this.ring.read(this.offset + frameHeaderBytes + payloadBytes, this.marker, 0, commitMarkerBytes)
    return isCommitMarker(this.markerView, 0)
  }

  /** The frame loaded is this message, committed and complete. */
  isMessage(seq: number): boolean {
    // Most of what is looked at is another message, or none.
    return seqOf(this.headerView, 0) === seq && stateOf(this.headerView, 0) === frameState.committed && this.isComplete
  }

  /**
   * Follows the chain from a position, which may lie in padding or on a wrap marker, to the frame that comes next,
   * and says whether that is this message.
   */
  find(position: number, seq: number): boolean {
    this.follow(position)
    return this.isMessage(seq)
  }

  /** Loads whatever the chain leads to from this position. */
  follow(position: number): void {
    this.load(this.ring.geometry.ringSize - position < smallestStub ? 0 : position)
    if (this.offset !== 0 && this.isWrapMarker) this.load(0)
  }

  get hasChecksums(): boolean {
    return hasChecksums(this.headerView, 0)
  }

  /** The header has a checksum that does not hold: of two that lay here, each may have left a part. */
  get headerIsTorn(): boolean {
    return this.hasChecksums && !headerChecksumHolds(this.headerView, 0)
  }

  /** A copy of the payload. */
  readPayload(): Uint8Array {
    return this.readFrame().subarray(frameHeaderBytes)
  }

  /** For a frame that has checksums: they hold. */
  get checksumsHold(): boolean {
    return checksumsHold(new DataView(this.readFrame().buffer), 0, this.payloadBytes)
  }

  /** Header as loaded, and payload. */
  private readFrame(): Uint8Array {
    const frame = new Uint8Array(frameHeaderBytes + this.payloadBytes)
    frame.set(this.header.bytes)
    this.ring.read(this.offset + frameHeaderBytes, frame, frameHeaderBytes, this.payloadBytes)
    return frame
  }
}
