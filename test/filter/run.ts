/**
 * Filters against jq for as long as one likes: `npx vite-node test/filter/run.ts -- --minutes 30`. Prints plain counts;
 * a difference comes with its filter and message, `--seed` repeats its round.
 */
import { parseArgs } from "node:util"
import { compareDamaged } from "./compareDamaged.js"
import { compareVerdicts } from "./compareVerdicts.js"
import { compareRound, emptyTally } from "./compareWithJq.js"

const { values } = parseArgs({
  allowPositionals: true,
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string" } }
})

const mostDifferences = 20
const roundsPerStep = 20
const until = Date.now() + Number(values.minutes) * 60_000
const tally = emptyTally()
let seed = Number(values.seed ?? Math.floor(Math.random() * 1e8))
let verdicts = 0
let damaged = 0

const report = (differences: Array<string>, round: number): void => {
  for (const difference of differences.splice(0)) {
    tally.differences.push(difference)
    console.log(`DIFFERENCE (--seed ${round}) ${difference}`)
  }
}

console.log(`from seed ${seed}`)
do {
  const all = { ...tally, differences: [] }
  for (let round = seed; round < seed + roundsPerStep; round++) {
    await compareRound(round, all)
    report(all.differences, round)
  }
  Object.assign(tally, { ...all, differences: tally.differences })
  const hurt = await compareDamaged(seed, 3)
  damaged += hurt.readable + hurt.unreadable
  report(hurt.tally.differences, seed)
  const answers = await compareVerdicts(seed, 10)
  verdicts += answers.passed
  report(answers.differences, seed)
  seed += roundsPerStep
} while (Date.now() < until && tally.differences.length < mostDifferences)

const { differences, ...counts } = tally
console.log({ ...counts, damaged, passed: verdicts, differences: differences.length })
process.exit(differences.length === 0 ? 0 : 1)
