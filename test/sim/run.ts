/**
 * `npm run sim -- --minutes N | --seeds N | --seed S [--from S]`: simulated runs with fresh seeds, or one again.
 */
import { parseArgs } from "node:util"
import { planOf } from "./plan.js"
import { Tally } from "./report.js"
import { runPlan } from "./workload.js"

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seeds: { type: "string" },
    seed: { type: "string" },
    from: { type: "string" }
  }
})

/** As a whole number, or the end of the program. */
const numberOf = (name: "minutes" | "seeds" | "seed" | "from"): number | undefined => {
  const text = values[name]
  if (text === undefined) return undefined
  const number = Number(text)
  if (text !== "" && number >= 0 && (name === "minutes" || Number.isSafeInteger(number))) return number
  console.error(`--${name} needs a number, not ${JSON.stringify(text)}`)
  process.exit(2)
}

const one = numberOf("seed")
const minutes = numberOf("minutes")
const seeds = numberOf("seeds") ?? (minutes === undefined ? 200 : Number.POSITIVE_INFINITY)
const from = one ?? numberOf("from") ?? Date.now()
const until = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000

const tally = new Tally()
if (one === undefined) console.log(`seeds from ${from} on`)
for (let seed = from; tally.seeds < (one === undefined ? seeds : 1) && performance.now() < until; seed++) {
  const before = tally.failures.length
  const { fingerprint, plan, steps } = tally.run(seed)
  for (const failure of tally.failures.slice(before)) console.log(failure)
  if (one === undefined) continue
  console.log(JSON.stringify(planOf(seed)))
  const again = runPlan(plan)
  const same = again.fingerprint === fingerprint && again.steps === steps
  console.log(
    `${steps} steps, fingerprint ${fingerprint.toString(16)}, ${same ? "the same" : "ANOTHER"} when run again`
  )
  if (!same) tally.failures.push("not deterministic")
}

for (const [what, times] of [...tally.sometimes].sort()) console.log(`  ${what}: ${times}`)
console.log(
  `seeds ${tally.seeds}, steps ${tally.steps}, run twice ${tally.replayed}, violations in ${tally.failures.length}`
)
process.exitCode = tally.failures.length > 0 ? 1 : 0
