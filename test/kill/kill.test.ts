/**
 * Real processes, killed at random instants, and real processes side by side, watched by the clock. Long runs:
 * `npm run kill -- --minutes N`, `npm run kill -- --histories N`.
 */
import { assert, describe, it } from "vitest"
import { temporaryDirectory } from "./processes.js"
import { runHistory } from "./recordedHistory.js"
import { besiege } from "./siege.js"
import { countsText } from "./tally.js"

// One for each storage and each durability.
const seeds = [1, 2, 3]

describe("killed processes", () => {
  it("leave every acknowledged message, a sound pool, and a free lock", async () => {
    const directory = temporaryDirectory()
    const reports = await Promise.all(seeds.map((seed) => besiege({ seed, rounds: 3, directory })))
    const violations = reports.flatMap((report) => report.violations)
    assert.deepEqual(violations, [])
    const kills = reports.reduce((sum, report) => sum + report.kills, 0)
    const acknowledged = reports.reduce((sum, report) => sum + report.acknowledged, 0)
    assert.isAbove(kills, 20)
    assert.isAbove(acknowledged, 0)
    console.log(`kills ${kills}, acknowledged ${acknowledged}: ${countsText(violations)}`)
  }, 120_000)
})

describe("processes side by side", () => {
  it("do nothing that could not have happened to one ring", async () => {
    const { operations, violations } = await runHistory({
      seed: 1,
      directory: temporaryDirectory(),
      processes: 4,
      operationsEach: 2_000,
      storage: "mapped",
      sizeBytes: 64 * 1024
    })
    assert.deepEqual(violations, [])
    assert.isAbove(operations.filter(({ kind }) => kind === "append").length, 2_000)
    assert.isAbove(operations.filter(({ kind }) => kind === "found").length, 500)
    assert.isAbove(operations.filter(({ kind }) => kind === "tailed").length, 500)
    console.log(`history operations ${operations.length}: ${countsText(violations)}`)
  }, 120_000)
})
