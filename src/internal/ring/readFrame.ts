/**
 * One message by its number: the frame that the index leads to, where its checksums prove it whole; otherwise a cursor
 * that reads a single message and is forgotten.
 */
import { PoolError } from "../../PoolError.js"
import type { PoolLockHandle } from "../../PoolLock.js"
import type { StoredFrame } from "./cursor.js"
import { RingCursor } from "./cursor.js"
import type { Ring } from "./Ring.js"
import { locate } from "./seqIndex.js"

/**
 * The message, proved whole; `missing` if the pool does not hold it now; `contended` if it could not be proved because
 * somebody is appending. Throws `Corrupt` for a message that should be there but is damaged.
 */
export const readFrame = (ring: Ring, lock: PoolLockHandle, seq: number): StoredFrame | "missing" | "contended" => {
  if (!Number.isSafeInteger(seq) || seq < 1 || seq > ring.newestSeq()) return "missing"
  return readProved(ring, seq) ?? readByCursor(ring, lock, seq)
}

const readProved = (ring: Ring, seq: number): StoredFrame | undefined => {
  const group = ring.readGroup()
  if (group.oldest === 0 || seq < group.oldest || seq > group.newest) return undefined
  return locate(ring, group, seq) < 0 ? undefined : ring.probe.copyProved(ring.copies)
}

const readByCursor = (ring: Ring, lock: PoolLockHandle, seq: number): StoredFrame | "missing" | "contended" => {
  const { contended, damaged, frames, gap } = new RingCursor(ring, lock, seq, { reportFirstGap: true }).read(
    1,
    Infinity
  )
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
