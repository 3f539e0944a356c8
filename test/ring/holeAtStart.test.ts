/**
 * A hole at ring offset 0 of a wrapped pool: each append looks there for a dead writer, and must not search the whole pool for
 * one each time.
 */
import { assert, describe, it } from "@effect/vitest"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { MemoryFile } from "./MemoryFile.js"
import { appendOne, openWriter, payloadOf, readAll } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

const ringBytes = 32 * 1024

/** Wrapped, the head a little behind offset 0, and the frame at offset 0 damaged. */
const holed = (): MemoryFile => {
  const file = MemoryFile.create(4096 + ringBytes, 0)
  const writer = openWriter(file)
  const perRing = Math.floor(ringBytes / 128)
  for (let count = 0; count < perRing + 4; count++) appendOne(writer, payloadOf(count, 56))
  assert.isAtLeast(Ring.open(file).readGroup().tail, Ring.open(file).readGroup().head)
  file.bytes[4096 + 32]! ^= 1
  return file
}

const readsOf = (file: MemoryFile, run: () => void): number => {
  const before = file.reads
  run()
  return file.reads - before
}

describe("a hole at ring offset 0", () => {
  it("is searched for once by a writer, and only its first append looks at the whole pool", () => {
    const file = holed()
    assert.strictEqual(verifyRing(Ring.open(file)).finding, "hole")
    const writer = openWriter(file)
    const first = readsOf(file, () => appendOne(writer, payloadOf(1, 56)))
    const later = Array.from({ length: 20 }, () => readsOf(file, () => appendOne(writer, payloadOf(1, 56))))
    assert.isAbove(first, ringBytes / 128)
    assert.isBelow(Math.max(...later), 20)
    const { frames, gaps } = readAll(file)
    assert.deepStrictEqual(
      gaps.map(({ expected, found }) => found - expected),
      [1]
    )
    assert.strictEqual(frames.at(-1)?.seq, Math.floor(ringBytes / 128) + 25)
  })

  it("does not hide somebody who begins to write there later", () => {
    const file = holed()
    const writer = openWriter(file)
    appendOne(writer, payloadOf(1, 56))
    // Upstream dies when its first store has replaced magic and state of what lies at offset 0.
    const { head, newest } = Ring.open(file).readGroup()
    assert.isAbove(head, 0)
    const view = new DataView(file.bytes.buffer)
    view.setUint32(4096 + 4, 1, true)
    const again = readsOf(file, () => appendOne(writer, payloadOf(1, 56)))
    assert.isAbove(again, ringBytes / 128)
    assert.strictEqual(Ring.open(file).readGroup().newest, newest + 1)
  })

  it("leaves with the tail, and others go on meanwhile", () => {
    const file = holed()
    const writer = openWriter(file)
    for (let count = 0; count < 600; count++) {
      if (count % 5 === 4 && verifyRing(Ring.open(file)).finding !== "hole") upstreamAppend(file, payloadOf(count, 56))
      else appendOne(writer, payloadOf(count, 40 + (count % 30)))
    }
    assert.deepStrictEqual(verifyRing(Ring.open(file)).issues, [])
  })
})
