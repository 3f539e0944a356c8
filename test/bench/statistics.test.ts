/** The statistics that every figure goes through. */
import { assert, describe, it } from "vitest"
import { median, quantile, summarize } from "./statistics.js"

describe("quantile", () => {
  it("is the middle of an odd number of values, whatever their order", () => {
    assert.strictEqual(median([9, 1, 5]), 5)
  })

  it("lies between two neighbours in proportion", () => {
    assert.strictEqual(median([4, 1, 2, 3]), 2.5)
    assert.strictEqual(quantile([0, 10], 0.25), 2.5)
    assert.approximately(quantile([1, 2, 3, 4, 5], 0.9), 4.6, 1e-9)
  })

  it("sorts by value, not as text", () => {
    assert.strictEqual(median([100, 9, 20]), 20)
  })

  it("leaves the values as they were", () => {
    const values = [3, 1, 2]
    quantile(values, 0.5)
    assert.deepStrictEqual(values, [3, 1, 2])
  })

  it("is no number for nothing", () => {
    assert.isNaN(median([]))
  })
})

describe("summarize", () => {
  it("is not moved by a round that was interrupted", () => {
    assert.deepStrictEqual(summarize([2, 1_000_000, 3, 1, 4]), { median: 3, low: 2, high: 4, rounds: 5 })
  })
})
