/**
 * Damage that chance seldom makes: what each of these pools needs is decided in one place of the recovery.
 */
import { assert, describe, it } from "@effect/vitest"
import { isPoolError } from "../../src/PoolError.js"
import { assess } from "../../src/internal/ring/assess.js"
import { decodeGroup, encodeGroup } from "../../src/internal/ring/group.js"
import { groupOffset } from "../../src/internal/ring/layout.js"
import { planRepair } from "../../src/internal/ring/planRepair.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { MemoryFile } from "./MemoryFile.js"
import { upstreamAppend } from "./UpstreamWriter.js"
import { appendOne, openWriter, payloadOf, readAll } from "./tools.js"

const ringOffset = 4096
const frameBytes = 80

/** Messages 1 to `count`, of 80 bytes each from ring offset 0 on. */
const pool = (count: number): MemoryFile => {
  const file = MemoryFile.create(ringOffset + 1024, 0)
  const writer = openWriter(file)
  for (let seq = 1; seq <= count; seq++) appendOne(writer, payloadOf(seq, 8))
  return file
}

const frameAt = (seq: number): number => ringOffset + (seq - 1) * frameBytes

describe("damage of a rare kind", () => {
  it("of two frames that carry the newest number, the one at the head counts", () => {
    const file = pool(5)
    file.bytes.copyWithin(frameAt(2), frameAt(5), frameAt(6))
    file.bytes.fill(0, frameAt(3), frameAt(5))
    const ring = Ring.open(file)
    const { finding, suffix } = assess(ring, ring.readGroup())
    assert.deepStrictEqual([finding, suffix?.firstOffset], ["hole", 4 * frameBytes])
    assert.deepStrictEqual(readAll(file).seqs, [1, 5])
  })

  it("a newest message whose torn header leads past the head is not there", () => {
    const file = pool(5)
    const header = new DataView(file.bytes.buffer, file.bytes.byteOffset + frameAt(5), 64)
    header.setUint32(32, 8 + frameBytes, true)
    header.setUint32(36, ~(8 + frameBytes), true)
    const marker = frameAt(5) + frameBytes - 8
    file.bytes.copyWithin(marker + frameBytes, marker, marker + 8)
    const ring = Ring.open(file)
    const { finding, repaired } = assess(ring, ring.readGroup())
    assert.deepStrictEqual([finding, repaired.newest, repaired.head], ["short", 4, 4 * frameBytes])
    assert.strictEqual(appendOne(openWriter(file), payloadOf(5, 8)), 5)
    assert.deepStrictEqual(readAll(file).seqs, [1, 2, 3, 4, 5])
  })

  it("the newest message damaged, and damage not wanted: the pool is empty and goes on with the next number", () => {
    const file = pool(5)
    file.bytes[frameAt(5) + 64]! ^= 1
    const { outcome, readable } = planRepair(file, { payloadProblem: () => undefined, dropDamaged: true })
    assert.deepStrictEqual(readable, [])
    outcome.perform()
    assert.deepStrictEqual(readAll(file).seqs, [])
    assert.strictEqual(appendOne(openWriter(file), payloadOf(6, 8)), 6)
    assert.deepStrictEqual(readAll(file).seqs, [6])
  })

  it("a hole that a power cut made, and damage not wanted: only what lies behind it stays", () => {
    const file = pool(7)
    for (const lost of [3, 7]) file.bytes.fill(0, frameAt(lost), frameAt(lost + 1))
    const kept = planRepair(file.copy(), { payloadProblem: () => undefined, dropDamaged: false })
    assert.deepStrictEqual(kept.readable, [
      { from: 1, to: 2 },
      { from: 4, to: 6 }
    ])
    assert.deepStrictEqual(kept.lost, [
      { from: 3, to: 3 },
      { from: 7, to: 7 }
    ])
    const dropped = planRepair(file, { payloadProblem: () => undefined, dropDamaged: true })
    assert.deepStrictEqual(dropped.readable, [{ from: 4, to: 6 }])
  })

  it("a state is on the disk before a durable repair goes on", () => {
    const file = pool(3)
    file.bytes[frameAt(2) + 4] = 1
    const settled: Array<ReadonlyArray<number>> = []
    openWriter(file).forgetNewest()
    openWriter(file).appendAll([], 1, 2, (_, offset, length) => settled.push([offset, length]))
    assert.deepStrictEqual(settled[0], [frameAt(2), 64])
  })

  it("of a header, in a pool without messages to prove what it was, is not guessed at", () => {
    const file = MemoryFile.create(ringOffset + 64 + 1024, 4)
    file.bytes[40]! ^= 8
    let reason: string | undefined
    try {
      planRepair(file, { payloadProblem: () => undefined, dropDamaged: false })
    } catch (error) {
      if (isPoolError(error)) reason = error.reason
    }
    assert.strictEqual(reason, "Corrupt")
  })

  it("the extension of a header naming an offset outside of the ring is not followed", () => {
    const file = pool(3)
    new DataView(file.bytes.buffer).setUint32(64 + 80, 1 << 20, true)
    assert.strictEqual(appendOne(openWriter(file), payloadOf(4, 8)), 4)
    assert.deepStrictEqual(readAll(file).seqs, [1, 2, 3, 4])
  })

  // Taken for true, these would make all but a few bytes of the ring free room: an append would write over live messages.
  for (const damage of [
    { head: 1008, tail: 0 },
    { head: 1000, tail: 992 },
    { head: 992, tail: 968 }
  ]) {
    it(`of a header, with head or tail within the padding at the ring end, hides no message: ${JSON.stringify(damage)}`, () => {
      const file = MemoryFile.create(ringOffset + 1024, 0)
      for (let seq = 1; seq <= 12; seq++) upstreamAppend(file, payloadOf(seq, seq < 12 ? 8 : 40))
      const view = new DataView(file.bytes.buffer)
      const group = decodeGroup(view, groupOffset)
      assert.deepStrictEqual([group.oldest, group.newest, group.head, group.tail], [1, 12, 992, 0])
      encodeGroup(view, groupOffset, { ...group, ...damage, tailNext: 0 })
      assert.strictEqual(appendOne(openWriter(file), payloadOf(13, 8)), 13)
      assert.deepStrictEqual(
        readAll(file).seqs,
        Array.from({ length: 12 }, (_, index) => index + 2)
      )
    })
  }
})
