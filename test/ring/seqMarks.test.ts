/** What a reader remembers of its walks: the nearest place before a message, within a fixed amount of memory. */
import { assert, describe, it } from "@effect/vitest"
import { SeqMarks } from "../../src/internal/ring/seqIndex.js"

const groupOf = (oldest: number, newest: number) => ({ head: 0, tail: 0, tailNext: 0, oldest, newest })

describe("marks", () => {
  it("lead to the nearest one at or before a message that is still there", () => {
    const marks = new SeqMarks()
    marks.reserve(groupOf(1, 1_000))
    for (let seq = 1; seq <= 500; seq++) marks.note(seq, seq * 8)
    for (const [seq, found] of [
      [500, 496],
      [496, 496],
      [495, 480],
      [900, 496],
      [15, 0]
    ] as const)
      assert.strictEqual(marks.before(seq, 1), found)
    assert.strictEqual(marks.offsetOf(496), 496 * 8)
    assert.strictEqual(marks.before(500, 497), 0)
    marks.forget(496)
    assert.strictEqual(marks.before(500, 1), 480)
  })

  it("are all kept as the pool grows, also beyond 2^32 messages", () => {
    const marks = new SeqMarks()
    const first = 2 ** 40
    for (let newest = first + 1_000; newest <= first + 128_000; newest += 1_000) {
      marks.reserve(groupOf(first, newest))
      for (let seq = newest - 1_000; seq <= newest; seq++) marks.note(seq, seq - first)
    }
    for (let marked = first; marked <= first + 127_000; marked += 16) {
      assert.strictEqual(marks.before(marked + 15, first), marked)
      assert.strictEqual(marks.offsetOf(marked), marked - first)
    }
  })

  it("give way to each other where there are more than places", () => {
    const marks = new SeqMarks()
    marks.reserve(groupOf(1, 1e15))
    const places = 256 * 1024
    marks.note(16, 8)
    marks.note(32, 16)
    marks.note(16 + places * 16, 24)
    assert.strictEqual(marks.before(31, 1), 0)
    assert.strictEqual(marks.before(47, 1), 32)
    assert.strictEqual(marks.before(16 + places * 16, 1), 16 + places * 16)
  })

  it("are none before anybody walked", () => {
    assert.strictEqual(new SeqMarks().before(1_000_000, 1), 0)
  })
})
