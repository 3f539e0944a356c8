/**
 * One message from the place where it should be: copied first, judged afterwards, so that nothing can change between
 * the two. Only checksums can prove it here; whatever they do not prove is left to somebody who holds the lock.
 */
import type { CopyBuffer } from "./copyBuffer.js"
import { CopiedFrame, type StoredFrame } from "./copyFrames.js"
import { checksumsHold, hasChecksums, isCommitMarker, isFrameHeader, payloadBytesOf, seqOf, stateOf } from "./frame.js"
import { frameAt, frameHeaderBytes, frameOverhead, frameState } from "./layout.js"
import type { Ring } from "./Ring.js"

const mostLikelyBytes = 4096

/** The message, if its frame is at this ring offset, has checksums, and they hold. */
export const copyProved = (ring: Ring, offset: number, seq: number, copies: CopyBuffer): StoredFrame | undefined => {
  const left = ring.geometry.ringSize - offset
  if (left < frameOverhead) return undefined
  let copied = Math.min(left, ring.likelyFrameBytes)
  let at = copies.take(copied)
  ring.read(offset, copies.bytes, at, copied)
  if (!isSought(ring, copies.view, at, seq)) return undefined
  const payloadBytes = payloadBytesOf(copies.view, at)
  const needed = frameOverhead + payloadBytes
  if (needed > left) return undefined
  ring.likelyFrameBytes = Math.min(needed, mostLikelyBytes)
  if (needed > copied) {
    copied = needed
    at = copies.take(copied)
    ring.read(offset, copies.bytes, at, copied)
    // What was judged before was another copy.
    if (!isSought(ring, copies.view, at, seq) || payloadBytesOf(copies.view, at) !== payloadBytes) return undefined
  }
  const { view } = copies
  const payloadAt = at + frameHeaderBytes
  if (!isCommitMarker(view, payloadAt + payloadBytes) || !checksumsHold(view, at, payloadBytes)) return undefined
  return new CopiedFrame(
    seq,
    view.getUint32(at + frameAt.timestamp, true),
    view.getUint32(at + frameAt.timestamp + 4, true),
    copies.bytes,
    view,
    payloadAt,
    payloadBytes
  )
}

/** A committed frame with this number that can be proved. */
const isSought = (ring: Ring, view: DataView, at: number, seq: number): boolean =>
  isFrameHeader(view, at, ring.maxPayload) &&
  stateOf(view, at) === frameState.committed &&
  seqOf(view, at) === seq &&
  hasChecksums(view, at)
