import { assert, describe, it } from "@effect/vitest"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { forEachCrash, makeRandom, MemoryFile } from "./MemoryFile.js"
import { appendOne, assertSound, openWriter, payloadOf, readAll } from "./tools.js"
import { lengthOf, upstreamAppend } from "./UpstreamWriter.js"

const hasPadding = (file: MemoryFile): boolean =>
  verifyRing(Ring.open(file)).hints.some((hint) => hint.includes("padding"))

/** A pool as upstream leaves it: its newest message ends `left` bytes before the ring end. */
const padded = (left: number, behind: number): MemoryFile => {
  const file = MemoryFile.create(4096 + 1000, 4)
  const { ringSize } = Ring.open(file).geometry
  upstreamAppend(file, payloadOf(1, 100))
  upstreamAppend(file, payloadOf(2, 300))
  const head = lengthOf(100) + lengthOf(300)
  upstreamAppend(file, payloadOf(3, ringSize - head - left - 72))
  for (let seq = 4; seq < 4 + behind; seq++) upstreamAppend(file, payloadOf(seq, 20))
  return file
}

describe("padding that upstream left", () => {
  for (const left of [8, 24, 56]) {
    for (const behind of [0, 1, 3, 5]) {
      it(`of ${left} bytes, with ${behind} messages after it, is absorbed by our next append`, () => {
        const file = padded(left, behind)
        assert.isTrue(hasPadding(file))
        const before = readAll(file)
        assert.strictEqual(before.seqs.at(-1), 3 + behind)
        const writer = openWriter(file)
        assert.deepStrictEqual(writer.appendAll([], 1, 2, undefined), { firstSeq: 4 + behind })
        assert.isFalse(hasPadding(file))
        assertSound(file)
        const after = readAll(file)
        assert.deepStrictEqual(after.seqs, before.seqs)
        for (const [index, { payload }] of after.frames.entries()) {
          const old = before.frames[index]!.payload
          assert.deepStrictEqual(payload.slice(0, old.length), old)
          assert.strictEqual(payload.length - old.length, after.seqs[index] === 3 ? left : 0)
        }
        for (let count = 0; count < 40; count++) {
          if (count % 3 === 0) upstreamAppend(file, payloadOf(count, 90))
          else appendOne(writer, payloadOf(count, 90))
          assertSound(file)
        }
      })
    }
  }

  it("stays if the writer was told so", () => {
    const file = padded(24, 1)
    new RingWriter(Ring.open(file), { keepPadding: true }).appendAll([], 1, 2, undefined)
    assert.isTrue(hasPadding(file))
  })

  it("loses nothing when the healer dies", () => {
    for (const behind of [0, 1, 4]) {
      const file = padded(40, behind)
      const before = file.bytes.slice()
      const { seqs } = readAll(file)
      file.record()
      openWriter(file).appendAll([], 1, 2, undefined)
      const images = forEachCrash(before, file.stores, "upwards", makeRandom(1), (image) => {
        assert.deepStrictEqual(readAll(image).seqs, seqs)
        const again = image.copy()
        upstreamAppend(again, payloadOf(99, 20))
        assertSound(again)
        openWriter(image).appendAll([], 1, 2, undefined)
        assertSound(image)
        assert.isFalse(hasPadding(image))
        assert.deepStrictEqual(readAll(image).seqs, seqs)
      })
      assert.isAbove(images, 2)
    }
  })

  it("of a ring of odd size cannot be absorbed, and disturbs no reader of ours", () => {
    const file = MemoryFile.createForeign(4096 + 1003)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 60; seq++) {
      if (seq % 2 === 0) upstreamAppend(file, payloadOf(seq, (seq * 37) % 300))
      else appendOne(writer, payloadOf(seq, (seq * 37) % 300))
      assert.strictEqual(readAll(file).seqs.at(-1), seq)
      assertSound(file)
    }
    appendOne(writer, payloadOf(61, 1000 - 72))
    assert.deepStrictEqual(readAll(file).seqs, [61])
    assert.strictEqual(appendOne(writer, payloadOf(62, 1)), 62)
    assertSound(file)
  })
})
