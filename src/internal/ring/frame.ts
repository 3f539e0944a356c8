/**
 * Frames as bytes: reading the fields of a frame header out of a copy, and deciding what the copy is. Nothing here
 * touches a file, so what is judged here cannot change while it is judged.
 */
import { crc32c, payloadChecksum } from "./checksum.js"
import {
  checkedFrom,
  checkedTo,
  checksumTag,
  commitMarkerHigh,
  commitMarkerLow,
  frameAt,
  frameHeaderBytes,
  frameMagic,
  frameOverhead,
  frameState
} from "./layout.js"
import { getNumber64, setNumber64 } from "./words.js"

/** Bytes from the start of a frame to the start of the next. */
export const frameLength = (payloadBytes: number): number => (payloadBytes + frameOverhead + 7) & ~7

export const stateOf = (view: DataView, at: number): number => view.getUint32(at + frameAt.state, true)

export const seqOf = (view: DataView, at: number): number => getNumber64(view, at + frameAt.seq)

export const payloadBytesOf = (view: DataView, at: number): number => view.getUint32(at + frameAt.payloadLength, true)

/** The length field and its complement agree, and the header is one this version knows. */
export const lengthsInOrder = (view: DataView, at: number): boolean =>
  view.getUint32(at + frameAt.headerLength, true) === frameHeaderBytes &&
  ~view.getInt32(at + frameAt.payloadLengthInverse, true) === view.getInt32(at + frameAt.payloadLength, true)

/** The bytes are the header of a frame, in any state, with a payload that a ring could hold. */
export const isFrameHeader = (view: DataView, at: number, maxPayload: number): boolean =>
  view.getUint32(at + frameAt.magic, true) === frameMagic &&
  stateOf(view, at) <= frameState.wrapMarker &&
  lengthsInOrder(view, at) &&
  payloadBytesOf(view, at) <= maxPayload

/** The bytes say that the rest of the ring is dead space. */
export const isWrapMarker = (view: DataView, at: number): boolean =>
  view.getUint32(at + frameAt.magic, true) === frameMagic &&
  stateOf(view, at) === frameState.wrapMarker &&
  lengthsInOrder(view, at)

/** Somebody began to write this very message here, and may have finished. */
export const isStarted = (view: DataView, at: number, seq: number): boolean => {
  if (view.getUint32(at + frameAt.magic, true) !== frameMagic) return false
  const state = stateOf(view, at)
  return (state === frameState.started || state === frameState.committed) && seqOf(view, at) === seq
}

export const isCommitMarker = (view: DataView, at: number): boolean =>
  view.getUint32(at, true) === commitMarkerLow && view.getUint32(at + 4, true) === commitMarkerHigh

export const writeCommitMarker = (view: DataView, at: number): void => {
  view.setUint32(at, commitMarkerLow, true)
  view.setUint32(at + 4, commitMarkerHigh, true)
}

export const hasChecksums = (view: DataView, at: number): boolean =>
  view.getUint32(at + frameAt.checksumTag, true) === checksumTag

/** The checksum of flags and header length as every known writer writes them; the number follows. */
const usualBeginning = ((): number => {
  const view = new DataView(new ArrayBuffer(frameAt.seq))
  view.setUint32(frameAt.headerLength, frameHeaderBytes, true)
  return crc32c(view, checkedFrom, frameAt.seq)
})()

export const headerChecksum = (view: DataView, at: number): number =>
  view.getUint32(at + frameAt.flags, true) === 0 && view.getUint32(at + frameAt.headerLength, true) === frameHeaderBytes
    ? crc32c(view, at + frameAt.seq, at + checkedTo, usualBeginning)
    : crc32c(view, at + checkedFrom, at + checkedTo)

export const headerChecksumHolds = (view: DataView, at: number): boolean =>
  headerChecksum(view, at) === view.getUint32(at + frameAt.headerChecksum, true)

/** For a frame that has checksums: the frame at `at`, header and payload, is what its writer wrote. */
export const checksumsHold = (view: DataView, at: number, payloadBytes: number): boolean => {
  const payloadAt = at + frameHeaderBytes
  return (
    headerChecksumHolds(view, at) &&
    payloadChecksum(view, payloadAt, payloadAt + payloadBytes) === view.getUint32(at + frameAt.payloadChecksum, true)
  )
}

/** A header in state "started", with both checksums; the commit is a later store. */
export const writeFrameHeader = (
  view: DataView,
  at: number,
  seq: number,
  timestampLow: number,
  timestampHigh: number,
  payloadBytes: number,
  checksum: number
): void => {
  view.setUint32(at + frameAt.magic, frameMagic, true)
  view.setUint32(at + frameAt.state, frameState.started, true)
  view.setUint32(at + frameAt.flags, 0, true)
  view.setUint32(at + frameAt.headerLength, frameHeaderBytes, true)
  setNumber64(view, at + frameAt.seq, seq)
  view.setUint32(at + frameAt.timestamp, timestampLow, true)
  view.setUint32(at + frameAt.timestamp + 4, timestampHigh, true)
  view.setUint32(at + frameAt.payloadLength, payloadBytes, true)
  view.setUint32(at + frameAt.payloadLengthInverse, ~payloadBytes, true)
  view.setUint32(at + frameAt.payloadChecksum, checksum, true)
  view.setUint32(at + frameAt.checksumTag, checksumTag, true)
  view.setUint32(at + frameAt.headerChecksum, headerChecksum(view, at), true)
  view.setUint32(at + frameAt.reserved, 0, true)
  view.setUint32(at + frameAt.reserved + 4, 0, true)
  view.setUint32(at + frameAt.reserved + 8, 0, true)
}

/** The 64 bytes that send a reader to the start of the ring. */
export const wrapMarkerBytes = ((): Uint8Array => {
  const bytes = new Uint8Array(frameHeaderBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(frameAt.magic, frameMagic, true)
  view.setUint32(frameAt.state, frameState.wrapMarker, true)
  view.setUint32(frameAt.headerLength, frameHeaderBytes, true)
  view.setUint32(frameAt.payloadLengthInverse, 0xffffffff, true)
  return bytes
})()
