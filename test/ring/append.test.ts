import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isPoolError } from "../../src/PoolError.js"
import { messageCount } from "../../src/internal/ring/group.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { MemoryFile, TestLock } from "./MemoryFile.js"
import { appendOne, assertSound, openWriter, payloadOf, readAll, withoutFilling } from "./tools.js"
import { lengthOf, upstreamAppend } from "./UpstreamWriter.js"

/** What a pool should hold: everything ever appended; of that, some newest part is retained. */
class Model {
  readonly lengths: Array<number> = []
  add(length: number): Uint8Array {
    this.lengths.push(length)
    return payloadOf(this.lengths.length, length)
  }
  check(file: MemoryFile, filling: "zeros" | "any" = "zeros"): void {
    const { damaged, frames, gaps, seqs } = readAll(file)
    assert.deepStrictEqual({ damaged, gaps }, { damaged: [], gaps: [] })
    const newest = this.lengths.length
    const oldest = newest - seqs.length + 1
    assert.deepStrictEqual(
      seqs,
      Array.from({ length: seqs.length }, (_, index) => oldest + index)
    )
    for (const { payload, seq } of frames) {
      const length = this.lengths[seq - 1]!
      const stored = filling === "zeros" ? withoutFilling(payload, length) : payload.subarray(0, length)
      assert.deepStrictEqual(stored, payloadOf(seq, length))
    }
  }
}

const runs = { seed: 20, numRuns: 120 }

const history = fc.record({
  fileSize: fc.integer({ min: 4096 + 72, max: 4096 + 2400 }),
  indexed: fc.boolean(),
  batches: fc.array(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 9 }), {
    minLength: 1,
    maxLength: 40
  })
})

const createPool = (fileSize: number, indexed: boolean): MemoryFile =>
  indexed && fileSize > 4400 ? MemoryFile.create(fileSize, 4) : MemoryFile.create(fileSize, 0)

describe("append", () => {
  it("agrees with an array, for any sizes, in any batches", () => {
    fc.assert(
      fc.property(history, ({ batches, fileSize, indexed }) => {
        const file = createPool(fileSize, indexed)
        const ring = Ring.open(file)
        const writer = new RingWriter(ring)
        const model = new Model()
        for (const batch of batches) {
          const payloads = batch
            .filter((length) => lengthOf(length) <= ring.geometry.ringSize)
            .map((length) => model.add(length))
          const { firstSeq, repaired } = writer.appendAll(payloads, 1, 2, undefined)
          assert.strictEqual(firstSeq, model.lengths.length - payloads.length + 1)
          assert.isUndefined(repaired)
          model.check(file)
          assertSound(file)
        }
      }),
      runs
    )
  })

  it("agrees with an array when upstream, other handles and fresh processes take turns", () => {
    fc.assert(
      fc.property(
        fc.record({ fileSize: fc.integer({ min: 4096 + 600, max: 4096 + 3000 }), foreign: fc.boolean() }),
        fc.array(fc.tuple(fc.constantFrom("one", "other", "fresh", "upstream"), fc.integer({ min: 0, max: 500 })), {
          minLength: 1,
          maxLength: 150
        }),
        ({ fileSize, foreign }, turns) => {
          const file = foreign ? MemoryFile.createForeign(fileSize) : MemoryFile.create(fileSize, 4)
          const one = openWriter(file)
          const other = openWriter(file)
          const model = new Model()
          for (const [who, length] of turns) {
            if (lengthOf(length) > Ring.open(file).geometry.ringSize) continue
            const payload = model.add(length)
            if (who === "upstream") upstreamAppend(file, payload)
            else {
              const writer = who === "one" ? one : who === "other" ? other : openWriter(file)
              const { firstSeq, repaired } = writer.appendAll([payload], 1, 2, undefined)
              assert.strictEqual(firstSeq, model.lengths.length)
              assert.isUndefined(repaired)
            }
            model.check(file, "any")
            assertSound(file)
          }
        }
      ),
      { ...runs, seed: 21 }
    )
  })

  it("never leaves a stub at the ring end, nor the tail on a marker", () => {
    fc.assert(
      fc.property(history, ({ batches, fileSize, indexed }) => {
        const file = createPool(fileSize, indexed)
        const ring = Ring.open(file)
        const writer = new RingWriter(ring)
        for (const length of batches.flat()) {
          if (lengthOf(length) > ring.geometry.ringSize) continue
          appendOne(writer, payloadOf(1, length))
          const { head, oldest, tail, tailNext } = ring.readGroup()
          const left = ring.geometry.ringSize - head
          assert.isTrue(left >= 64)
          const view = new DataView(file.bytes.buffer, ring.geometry.ringOffset)
          assert.strictEqual(view.getUint32(tail + 4, true), 2)
          assert.strictEqual(view.getUint32(tail + 16, true), oldest)
          const end = tail + lengthOf(view.getUint32(tail + 32, true))
          assert.strictEqual(tailNext, end === ring.geometry.ringSize ? 0 : end)
        }
      }),
      { ...runs, seed: 22 }
    )
  })

  it("drops no more than it needs: a single append keeps what upstream's would keep", () => {
    const random = [120, 300, 40, 0, 500, 77, 260, 900, 33, 64]
    const ours = MemoryFile.create(4096 + 4000, 0)
    const writer = openWriter(ours)
    for (let count = 0; count < 400; count++) {
      const length = random[count % random.length]!
      const theirs = ours.copy()
      upstreamAppend(theirs, payloadOf(count, length))
      appendOne(writer, payloadOf(count, length))
      const kept = Ring.open(ours).readGroup()
      const keptByUpstream = Ring.open(theirs).readGroup()
      // An early wrap may cost the frames behind the head, nothing else.
      if (kept.oldest > keptByUpstream.oldest) assert.isBelow(4000 - keptByUpstream.head, 64)
    }
  })

  it("a ring of a MiB or more gives up at most 64 KiB ahead, so that dropping is published rarely", () => {
    const ringSize = 1024 * 1024
    const file = MemoryFile.create(4096 + ringSize, 0)
    const writer = openWriter(file)
    const length = 1000
    const ring = Ring.open(file)
    const frame = 1072
    let drops = 0
    for (let count = 1; count <= 4000; count++) {
      const before = ring.readGroup()
      file.record()
      appendOne(writer, payloadOf(count, length))
      const group = ring.readGroup()
      if (group.oldest !== before.oldest && before.oldest !== 0) drops++
      const capacity = Math.floor(ringSize / frame)
      // The frames behind the head that a wrap costs, and the one being written.
      assert.isAtLeast(messageCount(group), Math.min(count, capacity - 2 - Math.floor(65536 / frame)))
      assert.strictEqual(
        file.stores.filter(({ offset }) => offset === 64).length,
        group.oldest === before.oldest || before.oldest === 0 ? 1 : 2
      )
    }
    assert.isBelow(drops, 4000 / 30)
  })

  it("what is large is not given up ahead", () => {
    const ringSize = 1024 * 1024
    const file = MemoryFile.create(4096 + ringSize, 0)
    const writer = openWriter(file)
    const ring = Ring.open(file)
    for (let count = 1; count <= 20; count++) {
      appendOne(writer, payloadOf(count, 200_000))
      const group = ring.readGroup()
      assert.strictEqual(messageCount(group), Math.min(count, 5))
    }
  })

  it("the message behind one that fills most of the ring is not given up ahead", () => {
    const file = MemoryFile.create(4096 + 1024 * 1024, 0)
    const writer = openWriter(file)
    for (const [index, length] of [900_000, 20_000, 890_000].entries()) appendOne(writer, payloadOf(index + 1, length))
    assert.deepStrictEqual(readAll(file).seqs, [2, 3])
  })

  it("one call may append more than the ring holds", () => {
    const file = MemoryFile.create(4096 + 2000, 8)
    const writer = openWriter(file)
    const payloads = Array.from({ length: 500 }, (_, index) => payloadOf(index + 1, (index * 29) % 300))
    assert.strictEqual(writer.appendAll(payloads, 1, 2, undefined).firstSeq, 1)
    const { frames, seqs } = readAll(file)
    assert.strictEqual(seqs.at(-1), 500)
    assert.isAbove(seqs.length, 5)
    for (const { payload, seq } of frames) {
      const expected = payloads[seq - 1]!
      assert.deepStrictEqual(withoutFilling(payload, expected.length), expected)
    }
    assertSound(file)
  })

  it("publishes a batch that fits at once, with one drop before it", () => {
    const file = MemoryFile.create(4096 + 8000, 16)
    const writer = openWriter(file)
    const batch = Array.from({ length: 10 }, (_, index) => payloadOf(index, 100))
    for (let count = 0; count < 7; count++) writer.appendAll(batch, 1, 2, undefined)
    file.record()
    writer.appendAll(batch, 1, 2, undefined)
    const publishes = file.stores.filter(({ offset }) => offset === 64)
    assert.strictEqual(publishes.length, 2)
    assert.isTrue(publishes.every(({ atomic }) => atomic))
  })

  it("a small append is a handful of stores", () => {
    const file = MemoryFile.create(1 << 20)
    const writer = openWriter(file)
    appendOne(writer, payloadOf(1, 100))
    file.record()
    file.reads = 0
    appendOne(writer, payloadOf(2, 100))
    // Frame, commit, index slot, header.
    assert.strictEqual(file.stores.length, 4)
    // Is it still this pool, the header, where a dead writer would have begun.
    assert.isAtMost(file.reads, 5)
  })

  it("goes on after a disk that failed at any store", () => {
    for (let failing = 0; failing < 8; failing++) {
      const file = MemoryFile.create(4096 + 1500, 4)
      const writer = openWriter(file)
      for (let seq = 1; seq <= 12; seq++) appendOne(writer, payloadOf(seq, 130))
      let left = failing
      file.failure = () => left-- === 0
      try {
        writer.appendAll([payloadOf(13, 200), payloadOf(14, 10)], 1, 2, undefined)
      } catch (error) {
        assert.strictEqual(String(error), "Error: disk full")
      }
      file.failure = undefined
      assertSound(file)
      const other = openWriter(file)
      for (let more = 0; more < 3; more++) appendOne(other, payloadOf(more, 90))
      const next = Ring.open(file).newestSeq() + 1
      assert.isAtLeast(appendOne(writer, payloadOf(50, 40)), next)
      assertSound(file)
      assert.deepStrictEqual(readAll(file).frames.at(-1)?.payload, payloadOf(50, 40))
    }
  })

  it("refuses what can never fit, before writing anything", () => {
    const file = MemoryFile.create(4096 + 512, 0)
    const writer = openWriter(file)
    appendOne(writer, payloadOf(1, 10))
    file.record()
    for (const tooLarge of [441, 5000]) {
      try {
        writer.appendAll([payloadOf(2, 10), payloadOf(3, tooLarge)], 1, 2, undefined)
        assert.fail("was not refused")
      } catch (error) {
        assert.isTrue(isPoolError(error) && error.reason === "Usage" && error.message.includes("ring capacity"))
      }
    }
    assert.deepStrictEqual(file.stores, [])
    assert.strictEqual(appendOne(writer, payloadOf(2, 440)), 2)
    assert.deepStrictEqual(readAll(file).seqs, [2])
  })

  it("large payloads, beyond what is staged", () => {
    const file = MemoryFile.create(1 << 20)
    const writer = openWriter(file)
    const lengths = [70_000, 5, 300_000, 65_536 - 72, 65_536 - 71, 900_000]
    for (const [index, length] of lengths.entries()) {
      appendOne(writer, payloadOf(index + 1, length))
      const frame = readFrame(Ring.open(file), new TestLock(), index + 1)
      assert.isObject(frame)
      if (typeof frame === "object") assert.deepStrictEqual(frame.payload, payloadOf(index + 1, length))
      assertSound(file)
    }
    const ringSize = Ring.open(file).geometry.ringSize
    appendOne(writer, payloadOf(7, ringSize - 72 - 40))
    const filled = readAll(file).frames[0]!
    assert.strictEqual(filled.payload.length, ringSize - 72)
    withoutFilling(filled.payload, ringSize - 72 - 40)
    assertSound(file)
  })

  it("a ring that holds a single message", () => {
    const file = MemoryFile.create(4096 + 96, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 20; seq++) {
      assert.strictEqual(appendOne(writer, payloadOf(seq, seq % 25)), seq)
      const { frames } = readAll(file)
      assert.deepStrictEqual(
        frames.map((frame) => frame.seq),
        [seq]
      )
      assert.deepStrictEqual(withoutFilling(frames[0]!.payload, seq % 25), payloadOf(seq, seq % 25))
      assertSound(file)
    }
  })

  it("keeps the time it was given", () => {
    const file = MemoryFile.create(8192)
    openWriter(file).appendAll([payloadOf(1, 3), payloadOf(2, 3)], 0xfffffffe, 0x80000001, undefined)
    for (const { timestampHigh, timestampLow } of readAll(file).frames)
      assert.deepStrictEqual([timestampLow, timestampHigh], [0xfffffffe, 0x80000001])
  })

  it("a fresh handle on a big pool looks at the newest message, not at all of them", () => {
    const file = MemoryFile.create(1 << 20)
    const writer = openWriter(file)
    writer.appendAll(
      Array.from({ length: 3000 }, (_, index) => payloadOf(index, 60)),
      1,
      2,
      undefined
    )
    const fresh = openWriter(file)
    file.reads = 0
    fresh.appendAll([payloadOf(1, 60)], 1, 2, undefined)
    assert.isBelow(file.reads, 12)
    upstreamAppend(file, payloadOf(3002, 60))
    file.reads = 0
    openWriter(file).appendAll([payloadOf(1, 60)], 1, 2, undefined)
    assert.isBelow(file.reads, 14)
    assertSound(file)
  })
})
