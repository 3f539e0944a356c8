/** Which figure counts, which bar it meets, and what `--check` says of it. */
import { assert, describe, it } from "vitest"
import { entries } from "./entries.js"
import type { Row } from "./Entry.js"
import { barText, figureText, markText, shortfall } from "./report/format.js"
import { between, rowsMarkdown } from "./report/page.js"
import { rowsTable } from "./report/terminal.js"
import { check, judge } from "./verdict.js"

const row: Row = {
  name: "a row",
  what: "a `thing` ÷ another",
  unit: "ns",
  yardstick: "another",
  figure: "ratio",
  direction: "at most",
  bar: 2,
  aim: 1
}
const faster: Row = { ...row, name: "faster", figure: "inverse", direction: "at least", bar: 5, aim: 10 }
const ratios = (...values: ReadonlyArray<number>) => values.map((ours) => ({ ours, yardstick: 1 }))

describe("judge", () => {
  it("takes the figure of each round, and then the median", () => {
    // The medians of the two sides would give 2: the machine was three times slower in the second round.
    const result = judge(row, [
      { ours: 100, yardstick: 100 },
      { ours: 300, yardstick: 300 },
      { ours: 200, yardstick: 100 }
    ])
    assert.strictEqual(result.figures?.median, 1)
    assert.strictEqual(result.ours?.median, 200)
    assert.strictEqual(result.theirs?.median, 100)
  })

  it("knows which way round a figure is, and on which side of its bar it has to be", () => {
    const verdicts = (row: Row, ...values: ReadonlyArray<number>) =>
      values.map((value) => judge(row, ratios(value)).verdict)
    assert.deepStrictEqual(verdicts(row, 1, 1.01, 2, 2.01), ["aim", "bar", "bar", "short"])
    assert.deepStrictEqual(verdicts(faster, 0.1, 0.11, 0.2, 0.21), ["aim", "bar", "bar", "short"])
  })

  it("takes differences, and figures without a yardstick", () => {
    const samples = [{ ours: 7, yardstick: 5 }]
    assert.strictEqual(judge({ ...row, figure: "difference" }, samples).figures?.median, 2)
    assert.strictEqual(judge({ ...row, figure: "ours" }, [{ ours: 7 }]).figures?.median, 7)
  })

  it("never passes a ratio for which there was no yardstick", () => {
    assert.strictEqual(judge(row, [{ ours: 0.1 }]).verdict, "short")
    assert.strictEqual(judge(faster, [{ ours: 0.1 }]).verdict, "short")
  })

  it("has no verdict without samples", () => {
    assert.deepInclude(judge(row, [], "no such machine"), { verdict: "not measured", reason: "no such machine" })
  })
})

describe("check", () => {
  const met = judge(row, ratios(1.5, 1.6, 1.7))
  const missed = judge(faster, ratios(0.4, 0.5, 0.6))

  it("ends with 0 where every bar is met", () => {
    assert.deepStrictEqual(check([met], shortfall), { status: 0, lines: ["1 of 1 bars met"] })
  })

  it("ends with 1 and names each row that falls short", () => {
    const { lines, status } = check([met, missed], shortfall)
    assert.strictEqual(status, 1)
    assert.match(lines[0]!, /^FALLS SHORT {2}faster: 2\.00× \(half of the rounds .*\), bar ≥ 5×$/)
    assert.strictEqual(lines.at(-1), "1 of 2 bars met")
    assert.isFalse(lines.some((line) => line.includes("a row")))
  })

  it("names what could not be judged without failing over it", () => {
    const { lines, status } = check([met, judge(faster, [], "upstream: it is not there")], shortfall)
    assert.strictEqual(status, 0)
    assert.include(lines, "not judged   faster: upstream: it is not there")
  })

  it("fails over a measurement that failed", () => {
    const { lines, status } = check([met, judge(faster, [], "failed: it broke")], shortfall)
    assert.strictEqual(status, 1)
    assert.include(lines, "FAILED       faster: failed: it broke")
  })
})

describe("the table", () => {
  it("shows figures with three digits, bars as round numbers, units where they belong", () => {
    assert.strictEqual(figureText(row, 0.31234), "0.31")
    assert.strictEqual(figureText(faster, 12.345), "12.3×")
    assert.strictEqual(barText(faster, 5), "≥ 5×")
    assert.strictEqual(markText({ ...row, figure: "difference", unit: "µs" }, 1), "+1 µs")
    assert.strictEqual(barText({ ...row, figure: "ours", unit: "lines/s", direction: "at least" }, 200_000), "≥ 200 k")
    assert.strictEqual(figureText({ ...row, figure: "ours", unit: "messages/s" }, 1_234_567), "1.23 M")
    assert.strictEqual(figureText({ ...row, figure: "ours", unit: "ns" }, 2_345), "2.35 µs")
  })

  it("has a line for each row, for terminals and for the page", () => {
    const results = [judge(row, ratios(1.5)), judge(faster, [], "it is not there")]
    const terminal = rowsTable(results, false).split("\n")
    assert.strictEqual(terminal.length, 3)
    assert.match(terminal[1]!, /^✓ {2}a thing ÷ another +1\.50 ns +1\.50 .*≤ 2 +1 +another 1\.00 ns$/)
    assert.match(terminal[2]!, /^· .*it is not there$/)
    const page = rowsMarkdown(results).split("\n")
    assert.strictEqual(
      page[2],
      "| a `thing` ÷ another | 1.50 ns | another: 1.00 ns | **1.50** (1.50 … 1.50) | ≤ 2 | 1 | bar met |"
    )
    assert.include(page[3]!, "not measured: it is not there")
  })

  it("replaces what stands between the markers of the page, and nothing else", () => {
    const page = "before\n<!-- bars: written by npm run bench -->\nold\n<!-- end of bars -->\nafter"
    assert.strictEqual(
      between(page, "bars", "new"),
      "before\n<!-- bars: written by npm run bench -->\n\nnew\n\n<!-- end of bars -->\nafter"
    )
    assert.throws(() => between(page, "peers", "new"), /no place for peers/)
  })
})

describe("the rows", () => {
  const rows = entries.flatMap(({ rows }) => rows)

  it("have names of their own, and aims beyond their bars", () => {
    assert.strictEqual(new Set(rows.map(({ name }) => name)).size, rows.length)
    for (const { aim, bar, direction, name } of rows) {
      assert.isTrue(direction === "at most" ? aim <= bar : aim >= bar, name)
    }
  })

  it("name a yardstick wherever the figure is taken from two", () => {
    for (const { figure, name, yardstick } of rows) {
      if (figure !== "ours") assert.isDefined(yardstick, name)
    }
  })
})
