// Several pools become one list by time, whatever order they come in, and a list that is looked at does not move.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { MergedRows, type MergeSource } from "../../http/page/logic/mergedRows.js"
import type { PageMessage } from "../../http/page/logic/message.js"
import { MessageBuffer } from "../../http/page/logic/messageBuffer.js"
import { compileSearch, Searcher } from "../../http/page/logic/search.js"
import { message } from "./messages.js"

const start = 1_772_615_730_000
/** A message whose time is so many milliseconds after the start. */
const at = (seq: number, millis: number): PageMessage =>
  message(seq, `{"n":${seq}}`, { time: new Date(start + millis).toISOString() })

const source = (buffer: MessageBuffer, facts: Partial<MergeSource> = {}): MergeSource => ({
  rows: buffer,
  test: undefined,
  hasOlder: false,
  hasNewer: false,
  isLive: true,
  until: undefined,
  ...facts
})

/** What is shown: pools as letters, with numbers. */
const shown = (rows: MergedRows): Array<string> => {
  const told: Array<string> = []
  for (let row = rows.firstRow; row < rows.endRow; row++) {
    const { row: held, source } = rows.mergedAt(row)!
    const letter = "abcd"[source]!
    told.push(held.kind === "message" ? `${letter}${held.message.seq}` : `${letter} ${held.kind}`)
  }
  return told
}

describe("rows of several pools", () => {
  it("are ordered by time, then by pool, then by number", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(1, 10), at(2, 30), at(3, 30)])
    b.append([at(1, 20), at(2, 30)])
    const rows = new MergedRows()
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b1", "a2", "a3", "b2"])
  })

  it("are told apart within a millisecond by the finer digits", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    const fine = (seq: number, digits: string): PageMessage =>
      message(seq, "{}", { time: `2026-03-04T10:00:00.${digits}Z` })
    a.append([fine(1, "001"), fine(2, "0010005"), fine(3, "001002")])
    b.append([fine(1, "0010001"), fine(2, "001001")])
    const rows = new MergedRows()
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b1", "a2", "b2", "a3"])
  })

  it("end where a pool has more that is not loaded, at both ends", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(5, 50), at(6, 60), at(7, 70)])
    b.append([at(1, 10), at(2, 55), at(3, 90)])
    const rows = new MergedRows()
    const facts = [source(a, { hasOlder: true, hasNewer: true }), source(b)]
    rows.sync(facts, 0)
    assert.deepEqual(shown(rows), ["a5", "b2", "a6", "a7"])
    assert.strictEqual(rows.edgeSource(facts, "older"), 0)
    assert.strictEqual(rows.edgeSource(facts, "newer"), 0)
    a.prepend([at(3, 5), at(4, 40)])
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a3", "b1", "a4", "a5", "b2", "a6", "a7", "b3"])
    assert.strictEqual(rows.edgeSource([source(a), source(b)], "older"), undefined)
  })

  it("keep the number of the row that is looked at when others come above it", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(1, 10), at(2, 20), at(3, 30)])
    const rows = new MergedRows()
    rows.sync([source(a), source(b)], 0)
    const looked = 2
    assert.strictEqual(rows.rowAt(looked)!.kind, "message")
    b.append([at(1, 5), at(2, 25), at(3, 40)])
    rows.sync([source(a), source(b)], looked)
    assert.deepEqual(shown(rows), ["b1", "a1", "a2", "b2", "a3", "b3"])
    assert.strictEqual(rows.firstRow, -2)
    assert.strictEqual(rows.rowOf(0, at(3, 30)), looked)
  })

  it("mark what comes two seconds or more after newer ones, and nothing that was retained", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(1, 0), at(2, 10_000)])
    b.append([at(1, 100)])
    const rows = new MergedRows()
    rows.sync([source(a), source(b, { isLive: false })], 0)
    b.append([at(2, 200)])
    rows.sync([source(a), source(b, { isLive: false })], 0)
    assert.strictEqual(rows.lateCount, 0)
    b.append([at(3, 8_001), at(4, 8_000)])
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b1", "b2", "b4", "b3", "a2"])
    assert.strictEqual(rows.lateCount, 1)
    assert.strictEqual(rows.lastLate!.lateMillis, 2_000)
    rows.forgetLate()
    assert.strictEqual(rows.lateCount, 0)
  })

  it("have the gaps, breaks and new beginnings of each pool where they belong", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(1, 10), at(4, 40)])
    b.append([at(1, 20)])
    b.addInterruption(start + 25, start + 1_000)
    b.append([at(2, 30)])
    b.addRecreated(start + 60)
    b.append([at(1, 70)])
    const rows = new MergedRows()
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b1", "b interruption", "b2", "a gap", "a4", "b recreated", "b1"])
  })

  it("have a new beginning before the first message that follows, though it was noticed later", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(1, 10)])
    b.append([at(9, 20)])
    const rows = new MergedRows()
    rows.sync([source(a), source(b)], 0)
    b.addRecreated(start + 900)
    b.addInterruption(start + 30, start + 900)
    a.append([at(2, 40)])
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b9", "a2"])
    b.append([at(1, 50), at(2, 60)])
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b9", "b interruption", "a2", "b recreated", "b1", "b2"])
  })

  it("do not go on while paused, except to what is older", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(5, 50)])
    b.append([at(5, 60)])
    const rows = new MergedRows()
    rows.sync([source(a), source(b)], 0)
    const ends = [a.endRow, b.endRow] as const
    a.append([at(6, 55)])
    b.append([at(6, 70)])
    b.prepend([at(4, 40)])
    const paused = [source(a, { until: ends[0] }), source(b, { until: ends[1] })]
    rows.sync(paused, 0)
    assert.deepEqual(shown(rows), ["b4", "a5", "b5"])
    rows.sync(paused, 0)
    assert.deepEqual(shown(rows), ["b4", "a5", "b5"])
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["b4", "a5", "a6", "b5", "b6"])
  })

  it("leave out what a test refuses, and take it in again", () => {
    const [a, b] = [new MessageBuffer(), new MessageBuffer()]
    a.append([at(1, 10), at(2, 20)])
    b.append([at(1, 15)])
    const rows = new MergedRows()
    const test = ({ seq }: PageMessage): boolean => seq !== 1
    rows.sync([source(a, { test }), source(b, { test })], 0)
    assert.deepEqual(shown(rows), ["a2"])
    rows.sync([source(a), source(b)], 0)
    assert.deepEqual(shown(rows), ["a1", "b1", "a2"])
  })

  it("are what sorting all of it would give, whatever comes and goes, and a search over them finds each", () => {
    const step = fc.record({
      pool: fc.nat(2),
      kind: fc.constantFrom("append", "append", "append", "prepend", "clear", "reset", "hold"),
      count: fc.integer({ min: 1, max: 4 }),
      millis: fc.integer({ min: -40, max: 60 }),
      keep: fc.nat(12)
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const buffers = [0, 1, 2].map(() => new MessageBuffer({ messages: 8, bytes: 1_000_000 }))
        const rows = new MergedRows()
        const { matcher } = compileSearch({ text: "[02468]\\}", caseSensitive: false, regex: true })
        const searcher = new Searcher(rows, matcher!)
        const next = [100, 100, 100]
        let clock = 1_000
        for (const { count, keep, kind, millis, pool } of steps) {
          const buffer = buffers[pool]!
          if (kind === "append") {
            for (let index = 0; index < count; index++) {
              clock += Math.max(1, millis)
              buffer.append([at(next[pool]!++, clock + Math.min(0, millis))])
            }
          } else if (kind === "prepend") {
            const oldest = buffer.oldestSeq
            if (oldest !== undefined && oldest > 2) buffer.prepend([at(oldest - 1, 500 + millis)])
          } else if (kind === "clear") buffer.clear()
          else if (kind === "reset") buffer.reset()
          else buffer.hold(millis > 0)
          const looked = rows.firstRow + Math.min(keep, Math.max(0, rows.endRow - rows.firstRow - 1))
          const lookedAt = rows.mergedAt(looked)
          rows.sync(
            buffers.map((buffer) => source(buffer)),
            looked
          )
          if (lookedAt !== undefined && rows.mergedAt(looked) !== lookedAt) {
            // It has fallen out.
            for (let row = rows.firstRow; row < rows.endRow; row++) assert.notStrictEqual(rows.mergedAt(row), lookedAt)
          }
          searcher.work(1_000, () => 0)
        }
        const expected = buffers.flatMap((buffer, pool) =>
          [...buffer.messages()].map(({ seq, timeMillis }, place) => ({ pool, seq, timeMillis, place }))
        )
        expected.sort((x, y) => x.timeMillis - y.timeMillis || x.pool - y.pool || x.place - y.place)
        const messages = shown(rows).filter((text) => !text.includes(" "))
        assert.deepEqual(
          messages,
          expected.map(({ pool, seq }) => `${"abc"[pool]}${seq}`)
        )
        const found = searcher.hitRows.map((row) => shown(rows)[row - rows.firstRow])
        assert.deepEqual(
          found,
          messages.filter((text) => /[02468]$/.test(text))
        )
      }),
      { numRuns: 500 }
    )
  })
})
