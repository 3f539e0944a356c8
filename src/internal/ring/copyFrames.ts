/**
 * Copies a run of messages out of the ring in large pieces and judges the copies. A frame with checksums that hold is
 * proved whole by them; any other may have been overwritten while it was copied, and is left for the caller to
 * prove under the lock.
 */
import { checksumsHold, frameLength, hasChecksums, isCommitMarker, isFrameHeader, isWrapMarker } from "./frame.js"
import { payloadBytesOf, seqOf, stateOf } from "./frame.js"
import { freshArray } from "../freshArray.js"
import type { StartedMessage } from "./chain.js"
import { type PayloadSpan, spanOf } from "../lite3/PayloadSpan.js"
import type { CopyBuffer } from "./copyBuffer.js"
import { frameAt, frameHeaderBytes, frameState, smallestStub } from "./layout.js"
import type { Ring } from "./Ring.js"

/** A message as stored. The payload is a copy; payloads read one after the other may share a buffer. */
export interface StoredFrame {
  readonly seq: number
  /** Nanoseconds since 1970, as two 32-bit halves. */
  readonly timestampLow: number
  readonly timestampHigh: number
  readonly payload: Uint8Array
}

/**
 * A message in the block it was copied to. A class, because literals made in such numbers may be taken for what lives long:
 * see `freshArray`.
 */
export class CopiedFrame implements StoredFrame, PayloadSpan {
  private ownPayload: Uint8Array | undefined = undefined

  constructor(
    readonly seq: number,
    readonly timestampLow: number,
    readonly timestampHigh: number,
    readonly block: Uint8Array,
    readonly view: DataView,
    /** Of the payload, in the block. */
    readonly start: number,
    readonly length: number
  ) {}

  /** Made when it is asked for: whoever decodes the message reads it where it lies. */
  get payload(): Uint8Array {
    return (this.ownPayload ??= new Uint8Array(this.block.buffer, this.start, this.length))
  }
}

/** Where the payload is, without a view of it if it lies in the block it was copied to. */
export const payloadSpan = (frame: StoredFrame): PayloadSpan =>
  frame instanceof CopiedFrame ? frame : spanOf(frame.payload)

export interface CopyRequest {
  /** Where the copies go. */
  readonly copies: CopyBuffer
  /** Position in the chain, which may lie in padding or on a wrap marker, and the message that comes there. */
  readonly position: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** Up to here it is worth copying; beyond, the ring holds nothing newer. */
  readonly head: number
  readonly maxMessages: number
  /** Bytes of payload, though one message is always copied. */
  readonly maxBytes: number
  /** Frames in state "started" that were found to be whole. */
  readonly started: ReadonlyArray<StartedMessage>
}

/**
 * Why copying stopped: there is enough; or no such message is at this place now; or it is there, but its checksums do
 * not hold.
 */
export type CopyStop = "enough" | "broken" | "mismatch"

export class CopiedRun {
  readonly frames: Array<StoredFrame> = freshArray()
  /** Ring offset of each. */
  readonly offsets: Array<number> = freshArray()
  /** Which of them nothing proves but their structure. */
  readonly unproved: Array<number> = freshArray()
  stop: CopyStop = "enough"
  /** For a mismatch: where, and the position behind it. */
  stopOffset = 0
  stopEnd = 0

  /** Position in the chain behind the last of them. */
  constructor(public end: number) {}
}

/** Bytes copied at once for many messages; and for a few, as many as they are likely to take. */
const largestChunk = 256 * 1024
const smallestChunk = 1024
const bytesPerMessage = 256

export const copyFrames = (ring: Ring, request: CopyRequest): CopiedRun => {
  const { copies, firstSeq, head, lastSeq, maxBytes, maxMessages } = request
  const { ringSize } = ring.geometry
  const run = new CopiedRun(request.position)
  const last = Math.min(lastSeq, firstSeq + maxMessages - 1)
  let payloadBytes = 0
  let needed = 0
  for (let seq = firstSeq; seq <= last;) {
    const start = ringSize - run.end < smallestStub ? 0 : run.end
    // A ring too small for any frame: its header announces messages all the same.
    if (ringSize - start < frameHeaderBytes) return stopAt(run, "broken", start)
    const worth = (start < head ? head : ringSize) - start
    const wished = Math.max(smallestChunk, Math.min(largestChunk, (last - seq + 1) * bytesPerMessage, maxBytes))
    const length = Math.min(Math.max(Math.min(wished, worth), needed, frameHeaderBytes), ringSize - start)
    const base = copies.take(length)
    const { bytes, view } = copies
    ring.read(start, bytes, base, length)
    const asked = needed
    needed = 0
    let at = base
    for (; seq <= last; seq++) {
      if (at + frameHeaderBytes > base + length) break
      const offset = start + at - base
      if (offset !== 0 && isWrapMarker(view, at)) {
        run.end = 0
        break
      }
      if (!isFrameHeader(view, at, ring.maxPayload) || seqOf(view, at) !== seq) return stopAt(run, "broken", offset)
      if (stateOf(view, at) !== frameState.committed && !request.started.some((frame) => frame.offset === offset))
        return stopAt(run, "broken", offset)
      const payload = payloadBytesOf(view, at)
      const frameBytes = frameLength(payload)
      if (offset + frameBytes > ringSize) return stopAt(run, "broken", offset)
      if (run.frames.length > 0 && payloadBytes + payload > maxBytes) return run
      if (at + frameBytes > base + length) {
        // A frame that grew after its length was asked for is being overwritten.
        if (at === base && asked > 0) return stopAt(run, "broken", offset)
        needed = frameBytes
        break
      }
      if (!isCommitMarker(view, at + frameHeaderBytes + payload)) return stopAt(run, "broken", offset)
      const end = offset + frameBytes === ringSize ? 0 : offset + frameBytes
      if (!hasChecksums(view, at)) run.unproved.push(run.frames.length)
      else if (!checksumsHold(view, at, payload)) {
        run.stopEnd = end
        return stopAt(run, "mismatch", offset)
      }
      run.frames.push(
        new CopiedFrame(
          seq,
          view.getUint32(at + frameAt.timestamp, true),
          view.getUint32(at + frameAt.timestamp + 4, true),
          bytes,
          view,
          at + frameHeaderBytes,
          payload
        )
      )
      run.offsets.push(offset)
      run.end = end
      payloadBytes += payload
      at += frameBytes
    }
  }
  return run
}

const stopAt = (run: CopiedRun, stop: CopyStop, offset: number): CopiedRun => {
  run.stop = stop
  run.stopOffset = offset
  return run
}

/** The header of a copied frame, which lies before its payload in the same buffer. */
export const headerOf = ({ payload }: StoredFrame): Uint8Array =>
  new Uint8Array(payload.buffer, payload.byteOffset - frameHeaderBytes, frameHeaderBytes)

/** A run keeps only its first `count` messages. */
export const cutRun = (run: CopiedRun, count: number): void => {
  if (count === run.frames.length) return
  run.end = run.offsets[count]!
  run.frames.length = count
  run.offsets.length = count
  run.stop = "broken"
}
