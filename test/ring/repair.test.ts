import { assert, describe, it } from "@effect/vitest"
import { assess } from "../../src/internal/ring/assess.js"
import { encodeGroup } from "../../src/internal/ring/group.js"
import { repairRing } from "../../src/internal/ring/repair.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { MemoryFile } from "./MemoryFile.js"
import { appendOne, assertSound, openWriter, payloadOf, readAll } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

const filled = (): MemoryFile => {
  const file = MemoryFile.create(4096 + 2000, 0)
  const writer = openWriter(file)
  for (let seq = 1; seq <= 30; seq++) appendOne(writer, payloadOf(seq, 100))
  return file
}

describe("a repair that was asked for", () => {
  it("brings back all messages of a pool whose header fields make no sense", () => {
    for (const damage of [{ head: 1 << 20 }, { tail: 12 }, { oldest: 99 }, { oldest: 0 }, { newest: 2, oldest: 7 }]) {
      const file = filled()
      const group = Ring.open(file).readGroup()
      const { seqs } = readAll(file)
      encodeGroup(new DataView(file.bytes.buffer), 64, { ...group, ...damage })
      assert.throws(() => Ring.open(file), /not a usable pool/)
      const report = repairRing(Ring.open(file, { allowUnsoundGroup: true }), undefined)
      assert.strictEqual(report?.finding, "crash")
      assert.deepStrictEqual(readAll(file).seqs, seqs)
      assertSound(file)
      assert.strictEqual(appendOne(openWriter(file), payloadOf(31, 100)), 31)
    }
  })

  it("gives up what lies before a hole only if told so", () => {
    const file = MemoryFile.golden("corrupt/middle-frame-bad-magic.plasmite")
    const ring = Ring.open(file)
    assert.isUndefined(repairRing(ring, undefined))
    assert.deepStrictEqual(readAll(file).seqs, [1, 2, 3, 5, 6, 7, 8])
    const report = repairRing(ring, undefined, { dropHoles: true })
    assert.include(report?.message, "messages 5 to 8")
    assert.deepStrictEqual(readAll(file).seqs, [5, 6, 7, 8])
    assertSound(file)
  })

  it("does nothing to a sound pool", () => {
    const file = filled()
    file.record()
    assert.isUndefined(repairRing(Ring.open(file), undefined))
    assert.deepStrictEqual(file.stores, [])
  })
})

describe("a writer", () => {
  it("does not take the newest message for whole because one of ours said where it is", () => {
    const file = filled()
    const { newest } = Ring.open(file).readGroup()
    const { offset, payload } = { offset: Ring.open(file).readGroup().head - 176, payload: 100 }
    file.bytes.fill(0, 4096 + offset + 64 + payload, 4096 + offset + 64 + payload + 8)
    const { firstSeq, repaired } = openWriter(file).appendAll([payloadOf(newest, 100)], 1, 2, undefined)
    assert.deepStrictEqual([firstSeq, repaired?.finding], [newest, "short"])
    assertSound(file)
    assert.strictEqual(readAll(file).seqs.at(-1), newest)
  })

  it("drops a hole with the messages before it, and no message behind it", () => {
    const file = MemoryFile.golden("corrupt/middle-frame-bad-magic.plasmite")
    const writer = openWriter(file)
    let previous = 1
    for (let seq = 9; seq < 40; seq++) {
      appendOne(writer, payloadOf(seq, 100))
      const { oldest } = Ring.open(file).readGroup()
      if (previous <= 3) assert.include([1, 2, 3, 5], oldest)
      if (oldest <= 3) assert.deepStrictEqual(readAll(file).seqs.slice(4 - oldest), seqs(5, seq))
      else assert.deepStrictEqual(readAll(file).seqs, seqs(oldest, seq))
      previous = oldest
    }
    assert.isAbove(previous, 8)
  })
})

const seqs = (first: number, last: number): Array<number> =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe("a first message published only in part", () => {
  it("does not make the pool unusable: readers see nothing, the next writer completes it", () => {
    for (const lastStores of [1, 2, 3, 4]) {
      const file = MemoryFile.create(4096 + 1000, 0)
      const before = file.bytes.slice()
      upstreamAppend(file, payloadOf(1, 50))
      // Frame, payload, marker and state are there; of the five header fields only the first ones.
      const image = new MemoryFile(before)
      for (const { bytes, offset } of file.stores.slice(0, file.stores.length - lastStores))
        image.bytes.set(bytes, offset)
      assert.deepStrictEqual(readAll(image).frames, [])
      const { finding } = assess(Ring.open(image), Ring.open(image).readGroupUnchecked())
      assert.strictEqual(finding, "crash")
      assert.include(verifyRing(Ring.open(image)).issues[0]?.message, "publishing message 1")
      assert.strictEqual(appendOne(openWriter(image), payloadOf(2, 50)), 2)
      assert.deepStrictEqual(readAll(image).seqs, [1, 2])
      assertSound(image)
    }
  })
})
