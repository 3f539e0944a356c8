// Search finds what is there, marks it where it is, works in slices, and keeps up with a buffer that moves.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { MessageBuffer } from "../../http/page/logic/messageBuffer.js"
import { RowView } from "../../http/page/logic/rowView.js"
import { compileSearch, highlighted, Searcher, type SearchQuery } from "../../http/page/logic/search.js"
import { message, messages } from "./messages.js"

const matcherFor = (text: string, options: Partial<SearchQuery> = {}) =>
  compileSearch({ text, caseSensitive: false, regex: false, ...options }).matcher!

const done = (searcher: Searcher): void => {
  while (!searcher.work(1_000, () => 0)) assert.fail("it should be done")
}

describe("search", () => {
  it("looks into data, tags and numbers, with or without regard to case", () => {
    const held = message(12, '{"a":{"b":"Disk Full \\"now\\""}}', { tags: ["Ops"] })
    for (const text of ["disk", "ops", "12", '"now"', '{"b"']) assert.isTrue(matcherFor(text).matches(held), text)
    assert.isFalse(matcherFor("disk", { caseSensitive: true }).matches(held))
    assert.isTrue(matcherFor("d.sk\\s+f", { regex: true }).matches(held))
    assert.isFalse(matcherFor("^Ops$", { regex: true, caseSensitive: true }).matches(message(1)))
  })

  it("marks hits in their places, whatever case folding does to lengths", () => {
    const text = "İstanbul DISK disk"
    const pieces = highlighted(text, matcherFor("disk").spansIn(text))
    assert.deepEqual(
      pieces.map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text)).join(""),
      "İstanbul [DISK] [disk]"
    )
    assert.deepEqual(matcherFor("a*", { regex: true }).spansIn("baab"), [{ start: 1, end: 3 }])
  })

  it("reports a wrong expression, and one that could take for ever", () => {
    assert.include(compileSearch({ text: "(", caseSensitive: true, regex: true }).problem, "group")
    for (const text of ["(a+)+$", "((ab)*c)*", "(x+x+)+y", "([a-z]{2,})*"]) {
      assert.include(compileSearch({ text, caseSensitive: true, regex: true }).problem, "for ever", text)
    }
    for (const text of ["(a+)b", "(ab)+", "[(]+[)]+", "(?:a|b)+c*", "\\(+\\)+", "(a+)?"]) {
      assert.isDefined(compileSearch({ text, caseSensitive: true, regex: true }).matcher, text)
    }
    assert.deepEqual(compileSearch({ text: "", caseSensitive: true, regex: true }), {})
  })

  it("works in slices", () => {
    const buffer = new MessageBuffer()
    buffer.append(messages(1, 1_000))
    const searcher = new Searcher(buffer, matcherFor('"n":5'))
    let clock = 0
    let slices = 0
    while (!searcher.work(2, () => clock++)) slices++
    assert.isAbove(slices, 5)
    assert.strictEqual(searcher.hitRows.length, 111)
    assert.deepEqual(searcher.hitRows.slice(0, 2), [4, 49])
  })

  it("steps around, and knows which hit it is at", () => {
    const buffer = new MessageBuffer()
    buffer.append(messages(1, 60))
    const searcher = new Searcher(buffer, matcherFor('"n":1'))
    done(searcher)
    assert.strictEqual(searcher.next(0), 9)
    assert.strictEqual(searcher.next(50), 0)
    assert.strictEqual(searcher.previous(9), 0)
    assert.strictEqual(searcher.previous(0), 18)
    assert.deepEqual([searcher.placeOf(9), searcher.placeOf(8)], [2, 0])
  })

  it("has the hits of what is held, whatever came and went", () => {
    type Step = readonly ["append" | "older" | "clear" | "work", number]
    const step: fc.Arbitrary<Step> = fc.tuple(
      fc.constantFrom("append" as const, "older" as const, "clear" as const, "work" as const),
      fc.nat(40)
    )
    // Nothing is left of what was there, and then the newest fall out and others take their numbers.
    const allGone: Array<Step> = [["clear", 0], ...[13, 21, 32, 39].map((size): Step => ["older", size])]
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const buffer = new MessageBuffer({ messages: 100, bytes: 1_000_000 })
        const matcher = matcherFor("3}")
        const searcher = new Searcher(buffer, matcher)
        const rows = new RowView(buffer)
        const isOdd = (seq: number) => seq % 2 === 1
        rows.setTest((held) => isOdd(held.seq))
        let live = 500
        for (const [kind, size] of steps) {
          if (kind === "append") {
            buffer.reattach()
            live = Math.max(live, (buffer.newestSeq ?? 0) + 1)
            buffer.append(messages(live, live + size))
            live += size + 1
          } else if (kind === "older") {
            const oldest = buffer.oldestSeq ?? live
            buffer.prepend(messages(Math.max(1, oldest - size), oldest - 1))
          } else if (kind === "clear") buffer.clear()
          else {
            searcher.work(0, () => 0)
            rows.sync()
          }
        }
        done(searcher)
        rows.sync()
        const hits: Array<number> = []
        const odd: Array<number> = []
        for (let row = buffer.firstRow; row < buffer.endRow; row++) {
          const held = buffer.rowAt(row)!
          if (held.kind !== "message" || isOdd(held.message.seq)) odd.push(row)
          if (held.kind === "message" && matcher.matches(held.message)) hits.push(row)
        }
        assert.deepEqual(searcher.hitRows, hits)
        assert.deepEqual(
          Array.from({ length: rows.endRow - rows.firstRow }, (_, index) => rows.rowAt(rows.firstRow + index)),
          odd.map((row) => buffer.rowAt(row))
        )
      }),
      { numRuns: 1_000, examples: [[[...allGone, ["work", 0], ["append", 3]]]] }
    )
  })
})

describe("the rows that are shown", () => {
  it("are all, up to where the view was frozen", () => {
    const buffer = new MessageBuffer({ messages: 10, bytes: 1_000_000 })
    const rows = new RowView(buffer)
    buffer.append(messages(1, 4))
    rows.sync()
    rows.freeze(rows.endRow)
    buffer.append(messages(5, 6))
    rows.sync()
    assert.deepEqual([rows.endRow, rows.fullEnd], [4, 6])
    assert.isUndefined(rows.rowAt(4))
    assert.strictEqual(rows.messagesFrom(4), 2)
    rows.freeze(undefined)
    assert.deepInclude(rows.rowAt(5), { message: message(6) })
  })

  it("keep their numbers, which are those of the rows that pass", () => {
    const buffer = new MessageBuffer({ messages: 10, bytes: 1_000_000 })
    const rows = new RowView(buffer)
    rows.setTest(({ seq }) => seq % 2 === 1)
    buffer.append(messages(11, 20))
    rows.sync()
    const rowOf15 = rows.rowOf(buffer.findSeq(15)!.row)
    buffer.append(messages(21, 22))
    rows.sync()
    assert.deepInclude(rows.rowAt(rowOf15), { message: message(15) })
    assert.strictEqual(rows.messagesFrom(rowOf15), 4)
    assert.deepEqual(
      [...rows.messages()].map(({ seq }) => seq),
      [13, 15, 17, 19, 21]
    )
  })

  it("show what happened to the stream, whatever is filtered", () => {
    const buffer = new MessageBuffer()
    const rows = new RowView(buffer)
    rows.setTest(() => false)
    buffer.append([message(1), message(4)])
    rows.sync()
    assert.strictEqual(rows.endRow - rows.firstRow, 1)
    assert.strictEqual(rows.rowAt(rows.firstRow)?.kind, "gap")
  })
})
