/**
 * The real pools on a simulated machine: writers and readers that are interleaved in the middle of stores and copies,
 * killed, failed by the disk and cut off from power. `npm run sim` goes on with other seeds.
 */
import { assert, describe, it } from "vitest"
import { planOf } from "./plan.js"
import { mustHappen, Tally } from "./report.js"
import named from "./seeds.json" with { type: "json" }
import { shrink } from "./shrink.js"
import { runPlan } from "./workload.js"

const firstSeed = 3000
const seeds = 160

describe("simulated processes", () => {
  it("lose, tear, repeat, invent and reorder nothing, and leave no gap unreported", { timeout: 120_000 }, () => {
    const tally = new Tally()
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) tally.run(seed)
    assert.deepStrictEqual(tally.failures, [])
    assert.strictEqual(tally.replayed, seeds / 20)
    const unseen = mustHappen.filter((what) => !tally.sometimes.has(what))
    assert.deepStrictEqual(unseen, [], "the seeds do not test this")
  })

  for (const [name, seed] of Object.entries(named)) {
    // As they were when they failed: without what was added to plans since.
    it(`${name} (seed ${seed})`, () => {
      assert.deepStrictEqual(runPlan({ ...planOf(seed), repairsAfterMillis: [] }).violations, [])
    })
  }

  it("another seed is another run", () => {
    assert.notStrictEqual(
      runPlan(planOf(firstSeed)).fingerprint,
      runPlan({ ...planOf(firstSeed), seed: 1 }).fingerprint
    )
  })
})

describe("shrinking", () => {
  it("leaves out whatever the failure does not need", () => {
    const plan = planOf(firstSeed)
    const needs = { steps: 2, readers: 0, mishaps: 0 }
    const smallest = shrink(plan, ({ writers }) => writers.flatMap(({ steps }) => steps).length >= needs.steps)
    assert.strictEqual(smallest.writers.flatMap(({ steps }) => steps).length, needs.steps)
    assert.strictEqual(smallest.readers.length, needs.readers)
    assert.strictEqual(smallest.mishaps.length, needs.mishaps)
  })
})
