/**
 * Everything that can be asked of a pool, asked of one that may be damaged: opened, read through, read by number,
 * checked, appended to. Only a `PoolError` may come of it, in bounded work.
 */
import { isPoolError } from "../../src/PoolError.js"
import { payloadProblem } from "../../src/internal/payloadProblem.js"
import type { StoredFrame } from "../../src/internal/ring/cursor.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { measure } from "../../src/internal/ring/measure.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import type { RingVerification } from "../../src/internal/ring/verify.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { TestLock } from "../ring/MemoryFile.js"
import type { BoundedFile } from "./BoundedFile.js"
import { Finding, insist } from "./chance.js"

/** The answer, or `undefined` if the pool says that it is damaged. */
export const unlessRefused = <A>(body: () => A): A | undefined => {
  try {
    return body()
  } catch (error) {
    if (isPoolError(error)) {
      insist(error.reason === "Corrupt" || error.reason === "Usage", `refused with ${error.reason}: ${error.message}`)
      return undefined
    }
    throw error
  }
}

export interface Reading {
  readonly frames: ReadonlyArray<StoredFrame>
  /** Messages reported damaged, and gaps reported. */
  readonly reports: number
  /** The pool was refused, as a whole or on the way. */
  readonly refused: boolean
}

const refusedReading: Reading = { frames: [], reports: 0, refused: true }

/** Opens a pool and reads it from its first message on until nothing new comes. */
export const readThrough = (file: BoundedFile, batch = 7): Reading => {
  const ring = openRing(file)
  return ring === undefined ? refusedReading : readRing(ring, batch)
}

export const readRing = (ring: Ring, batch: number): Reading => {
  const frames: Array<StoredFrame> = []
  const cursor = new RingCursor(ring, new TestLock(), 1, { reportFirstGap: false })
  const mostLooks = 16 + 3 * Math.ceil(ring.geometry.ringSize / 72)
  let reports = 0
  let last = 0
  for (let looks = 0; looks < mostLooks; looks++) {
    const found = unlessRefused(() => cursor.read(batch, 1 << 20))
    if (found === undefined) return { frames, reports, refused: true }
    insist(!found.contended, "a reader alone with its pool was in somebody's way")
    for (const frame of found.frames) {
      insist(frame.seq > last, `message ${frame.seq} after message ${last}`)
      last = frame.seq
      frames.push(frame)
    }
    if (found.gap !== undefined) reports++
    if (found.damaged !== undefined) reports++
    if (found.gap === undefined && found.damaged === undefined && found.frames.length === 0)
      return { frames, reports, refused: false }
  }
  throw new Finding("the cursor goes on for ever")
}

/** One message by its number; `undefined` if it is damaged. */
export const readOne = (ring: Ring, seq: number): StoredFrame | "missing" | undefined =>
  unlessRefused(() => {
    const frame = readFrame(ring, new TestLock(), seq)
    if (frame === "contended") throw new Finding("a reader alone with its pool was in somebody's way")
    return frame
  })

/** The messages at both ends and between, by number, and the figures of the pool. */
export const readEnds = (ring: Ring): ReadonlyArray<StoredFrame> => {
  const group = unlessRefused(() => measure(ring).group)
  if (group === undefined || group.oldest === 0) return []
  const frames: Array<StoredFrame> = []
  for (const seq of [group.newest, group.newest - 3, Math.floor((group.oldest + group.newest) / 2), group.oldest]) {
    const frame = readOne(ring, seq)
    if (typeof frame === "object") {
      insist(frame.seq === seq, `message ${frame.seq} in place of ${seq}`)
      frames.push(frame)
    }
  }
  return frames
}

export const openRing = (file: BoundedFile): Ring | undefined =>
  unlessRefused(() => Ring.open(file, { payloadProblem }))

export const verify = (ring: Ring): RingVerification | undefined => unlessRefused(() => verifyRing(ring))

/** Appends one message after the other and reads each back; the numbers they got. `undefined` if refused. */
export const appendAndReadBack = (
  ring: Ring,
  payloads: ReadonlyArray<Uint8Array>
): ReadonlyArray<number> | undefined => {
  const writer = new RingWriter(ring)
  const seqs: Array<number> = []
  for (const payload of payloads) {
    const appended = unlessRefused(() => writer.appendAll([payload], 1, 2, undefined))
    if (appended === undefined) return undefined
    const { firstSeq } = appended
    const last = seqs.at(-1)
    insist(last === undefined || firstSeq === last + 1, `message ${firstSeq} was appended after ${last}`)
    seqs.push(firstSeq)
    const frame = readOne(ring, firstSeq)
    insist(typeof frame === "object", `message ${firstSeq} cannot be read after it was appended`)
    if (typeof frame === "object") insist(startsWith(frame.payload, payload), `message ${firstSeq} is not what it was`)
  }
  return seqs
}

/** What is stored may be longer than the message by zeros. */
export const startsWith = (stored: Uint8Array, message: Uint8Array): boolean => {
  if (stored.length < message.length) return false
  for (let at = 0; at < message.length; at++) if (stored[at] !== message[at]) return false
  for (let at = message.length; at < stored.length; at++) if (stored[at] !== 0) return false
  return true
}
