// Rates are right for a steady stream at once, follow changes, and never go below zero.
import { assert, describe, it } from "vitest"
import { millisUntilOverwritten, RateHistory, RateMeter, sparklinePath } from "../../http/page/logic/rates.js"

describe("rates", () => {
  it("are exact for a steady stream, and within a tenth after ten seconds of another", () => {
    const meter = new RateMeter()
    assert.strictEqual(meter.perSecond, 0)
    for (let second = 0; second <= 3; second++) meter.sample(100 + second * 40, second * 1_000)
    assert.approximately(meter.perSecond, 40, 1e-9)
    for (let second = 1; second <= 15; second++) meter.sample(220 + second * 400, 3_000 + second * 1_000)
    assert.approximately(meter.perSecond, 400, 40)
  })

  it("do not mind samples that come unevenly, twice, or from a pool that was made anew", () => {
    const meter = new RateMeter()
    for (const at of [0, 300, 300, 2_500, 2_600, 9_000]) meter.sample(at / 10, at)
    assert.approximately(meter.perSecond, 100, 1e-9)
    meter.sample(5, 10_000)
    assert.approximately(meter.perSecond, 100, 1e-9)
    assert.strictEqual(meter.value, 5)
  })

  it("keep their past in buckets that age", () => {
    const history = new RateHistory(1_000, 5)
    history.sample(10, 500)
    history.sample(12, 1_500)
    history.sample(17, 1_900)
    history.sample(18, 3_100)
    assert.deepEqual(history.values(3_500), [0, 0, 7, 0, 1])
    assert.deepEqual(history.values(5_000), [7, 0, 1, 0, 0])
    assert.deepEqual(history.values(5_000, 3), [1, 0, 0])
    history.add(9, 100)
    assert.deepEqual(history.values(5_000), [7, 0, 1, 0, 0])
    history.sample(3, 6_000)
    assert.deepEqual(history.values(999_000), [0, 0, 0, 0, 0])
  })

  it("draw a line within their box", () => {
    assert.strictEqual(sparklinePath([0, 5, 10], 20, 10), "M0 10L10 5L20 0")
    assert.strictEqual(sparklinePath([0, 0], 20, 10), "M0 10L20 10")
  })

  it("tell when a message will be overwritten", () => {
    const fill = { usedBytes: 800, freeBytes: 200, oldestSeq: 11, newestSeq: 90 }
    assert.strictEqual(millisUntilOverwritten(11, fill, 100), 2_000)
    assert.strictEqual(millisUntilOverwritten(51, fill, 100), 6_000)
    assert.strictEqual(millisUntilOverwritten(5, fill, 100), 0)
    assert.isUndefined(millisUntilOverwritten(51, fill, 0))
    assert.isUndefined(millisUntilOverwritten(91, fill, 100))
  })
})
