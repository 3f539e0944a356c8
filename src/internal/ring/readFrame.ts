/**
 * One message by its number: the frame that the index leads to, where its checksums prove it whole; otherwise a cursor
 * that reads a single message and is forgotten.
 */
import { PoolError } from "../../PoolError.js"
import type { PoolLockHandle } from "../../PoolLock.js"
import type { CopyBuffer } from "./copyBuffer.js"
import type { StoredFrame } from "./cursor.js"
import { RingCursor } from "./cursor.js"
import { groupProblem } from "./group.js"
import { copyProved } from "./provedFrame.js"
import type { Ring } from "./Ring.js"
import { indexedOffset, locate } from "./seqIndex.js"

/**
 * The message, proved whole; `missing` if the pool does not hold it now; `contended` if it could not be proved because
 * somebody is appending. Throws `Corrupt` for a message that should be there but is damaged. Its payload is good for as
 * long as `copies` lets it be.
 */
export const readFrame = (
  ring: Ring,
  lock: PoolLockHandle,
  seq: number,
  copies: CopyBuffer = ring.copies
): StoredFrame | "missing" | "contended" => {
  if (!Number.isSafeInteger(seq) || seq < 1) return "missing"
  copies.startOver()
  return readIndexed(ring, seq, copies) ?? readOthers(ring, lock, seq, copies)
}

/**
 * The usual case, with one look at each thing. The message was retained when the group was looked at, as far as that made
 * sense; that it is whole, and this one, its copy proves.
 */
const readIndexed = (ring: Ring, seq: number, copies: CopyBuffer): StoredFrame | undefined => {
  const group = ring.readGroupUnchecked()
  const { newest, oldest } = group
  if (oldest === 0 || seq < oldest || seq > newest) return undefined
  if (groupProblem(group, ring.geometry.ringSize) !== undefined) return undefined
  const offset = indexedOffset(ring, seq)
  return offset < 0 ? undefined : copyProved(ring, offset, seq, copies)
}

const readOthers = (
  ring: Ring,
  lock: PoolLockHandle,
  seq: number,
  copies: CopyBuffer
): StoredFrame | "missing" | "contended" => {
  if (seq > ring.newestSeq()) return "missing"
  return readProved(ring, seq, copies) ?? readByCursor(ring, lock, seq, copies)
}

const readProved = (ring: Ring, seq: number, copies: CopyBuffer): StoredFrame | undefined => {
  const group = ring.readGroup()
  if (group.oldest === 0 || seq < group.oldest || seq > group.newest) return undefined
  const offset = locate(ring, group, seq)
  return offset < 0 ? undefined : copyProved(ring, offset, seq, copies)
}

const readByCursor = (
  ring: Ring,
  lock: PoolLockHandle,
  seq: number,
  copies: CopyBuffer
): StoredFrame | "missing" | "contended" => {
  const cursor = new RingCursor(ring, lock, seq, { reportFirstGap: true, copies })
  const { contended, damaged, frames, gap } = cursor.read(1, Infinity)
  const frame = frames[0]
  if (frame !== undefined && frame.seq === seq) return frame
  if (damaged !== undefined && damaged.seq === seq) throw damagedMessage(ring, seq, damaged.offset, damaged.message)
  if (gap === undefined) return contended ? "contended" : "missing"
  const { newest, oldest } = ring.readGroup()
  if (oldest === 0 || seq < oldest || seq > newest) return "missing"
  throw damagedMessage(ring, seq, undefined, "its place in the ring holds something else")
}

const damagedMessage = (ring: Ring, seq: number, offset: number | undefined, problem: string): PoolError =>
  new PoolError({
    reason: "Corrupt",
    message: `message ${seq} of ${ring.file.path} is damaged: ${problem}`,
    hint: "The other messages can be read. Run `pls doctor` on the pool to see the extent of the damage.",
    path: ring.file.path,
    seq,
    ...(offset === undefined ? {} : { offset })
  })
