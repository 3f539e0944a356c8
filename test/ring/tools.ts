/**
 * Short ways to say what ring tests say all the time: append, read everything, check that nothing is wrong.
 */
import { assert } from "@effect/vitest"
import type { StoredFrame } from "../../src/internal/ring/cursor.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import type { MemoryFile } from "./MemoryFile.js"
import { TestLock } from "./MemoryFile.js"

/** Bytes that say which message they are, and how long. */
export const payloadOf = (seq: number, length: number): Uint8Array => {
  const payload = new Uint8Array(length)
  for (let at = 0; at < length; at++) payload[at] = (seq * 31 + at * 7 + length) & 255
  return payload
}

export const appendOne = (writer: RingWriter, payload: Uint8Array): number =>
  writer.appendAll([payload], 7, 9, undefined).firstSeq

export interface Everything {
  readonly seqs: Array<number>
  readonly frames: Array<StoredFrame>
  readonly damaged: Array<number>
  readonly gaps: Array<{ readonly expected: number; readonly found: number }>
}

/** Reads a pool from a message on until nothing new comes, in batches of a given size. */
export const readAll = (
  file: MemoryFile,
  options: {
    readonly from?: number
    readonly batch?: number
    readonly reportFirstGap?: boolean
    readonly ring?: Ring
  } = {}
): Everything => {
  const ring = options.ring ?? Ring.open(file)
  const cursor = new RingCursor(ring, new TestLock(), options.from ?? 1, {
    reportFirstGap: options.reportFirstGap ?? false
  })
  const everything: Everything = { seqs: [], frames: [], damaged: [], gaps: [] }
  for (let looks = 0; looks < 10_000; looks++) {
    const { contended, damaged, frames, gap } = cursor.read(options.batch ?? 7, 1 << 20)
    assert.isFalse(contended)
    if (gap !== undefined) everything.gaps.push(gap)
    everything.frames.push(...frames)
    everything.seqs.push(...frames.map(({ seq }) => seq))
    if (damaged !== undefined) everything.damaged.push(damaged.seq)
    if (gap === undefined && damaged === undefined && frames.length === 0) return everything
  }
  throw new Error("the cursor goes on for ever")
}

/** The full check finds nothing. */
export const assertSound = (file: MemoryFile): void => {
  const { issues } = verifyRing(Ring.open(file))
  assert.deepStrictEqual(issues, [])
}

/** Zeros behind a payload do not belong to it. */
export const withoutFilling = (stored: Uint8Array, length: number): Uint8Array => {
  assert.isAtLeast(stored.length, length)
  assert.isTrue(stored.subarray(length).every((byte) => byte === 0))
  return stored.subarray(0, length)
}

export const openWriter = (file: MemoryFile): RingWriter => new RingWriter(Ring.open(file))
