// The fast path of filters against jq itself: generated filters over generated messages, and those one has to think
// about. `npx vite-node test/filter/run.ts -- --minutes 10` goes on for longer.
import { assert, describe, it } from "@effect/vitest"
import { makeEvaluator } from "../../src/internal/filter/fastFilter.js"
import { parseFilter } from "../../src/internal/filter/parse.js"
import { compareDamaged } from "./compareDamaged.js"
import { compareVerdicts } from "./compareVerdicts.js"
import { compareAll, compareRound, emptyTally } from "./compareWithJq.js"
import { stored } from "./stored.js"
import { beyond, tricky, valuePairs } from "./tricky.js"

const isTaken = (text: string): boolean => parseFilter(text) !== undefined

describe("the fast path of filters", { timeout: 120_000 }, () => {
  it("agrees with jq on generated filters and messages", async () => {
    const tally = emptyTally()
    for (let seed = 1; seed <= 60; seed++) await compareRound(seed, tally)
    assert.deepStrictEqual(tally.differences, [])
    assert.isAbove(tally.taken / tally.expressions, 0.75)
    assert.isBelow(tally.unsure / tally.pairs, 0.15)
    assert.isAbove(tally.outputs, 9_000)
    assert.isAbove(tally.errors, 9_000)
  })

  it("agrees with jq where one has to think", async () => {
    assert.deepStrictEqual(
      tricky.filter((text) => !isTaken(text)),
      []
    )
    const tally = emptyTally()
    for (let start = 0; start < tricky.length; start += 60) {
      await compareAll(tricky.slice(start, start + 60), valuePairs, tally)
    }
    assert.deepStrictEqual(tally.differences, [])
    assert.isBelow(tally.unsure / tally.pairs, 0.25)
  })

  it("leaves to jq what it does not wholly understand", () => {
    assert.deepStrictEqual(beyond.filter(isTaken), [])
  })

  it("gives the whole answer that jq gives, batch by batch", async () => {
    const { complete, differences, errors, passed } = await compareVerdicts(1, 120)
    assert.deepStrictEqual(differences, [])
    assert.isAbove(complete, 70)
    assert.isAbove(errors, 20)
    assert.isAbove(passed, 150)
  })

  it("agrees with jq on damaged payloads that can be read, and fails on none", async () => {
    const { readable, tally, unreadable } = await compareDamaged(1, 30)
    assert.deepStrictEqual(tally.differences, [])
    assert.isAbove(readable, 200)
    assert.isAbove(unreadable, 600)
  })

  it("gives a message up to jq before it takes long", () => {
    const numbersTo = (end: number): string => Array.from({ length: end }, (_, index) => index).join(",")
    const large = stored(`{"x":[${numbersTo(30_000)}],"s":"${"x".repeat(500_000)}"}`)
    const products = `[${Array.from({ length: 40 }, () => "(1, 2)").join(" + ")}] == []`
    for (const text of [
      "[.data.x[] == .data.x[]] | length == 1",
      "[.data.x == .data.x[]]",
      "[.data.s == .data.x[]]",
      ".data.x | contains(.)",
      products
    ]) {
      const { end } = makeEvaluator(text)!(large)
      assert.strictEqual(end, "unsure", text)
    }
    const short = stored(`{"x":[${numbersTo(4_000)}]}`)
    assert.strictEqual(makeEvaluator("[any(.data.x[]; . == 7), .data.x[] == .data.x[1]]")!(short).end, "complete")
  })
})
