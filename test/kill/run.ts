/**
 * `npm run kill -- --minutes N [--seed S]` kills for so long; `--siege S` repeats one pool's siege; `--histories OPS`
 * records and checks so many operations, from four to six processes. `PLASMITE_UPSTREAM_BIN` adds upstream's program
 * to those that are killed. Prints plain counts, and ends with status 1 after any violation.
 */
import { parseArgs } from "node:util"
import { runHistory } from "./recordedHistory.js"
import { keepEvidence, temporaryDirectory } from "./processes.js"
import { Chance } from "./random.js"
import { besiege, type SiegeReport } from "./siege.js"
import { countsText, type Violation } from "./tally.js"

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    minutes: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    siege: { type: "string" },
    histories: { type: "string" },
    lanes: { type: "string", default: "3" }
  }
})

const seed = Number(values.seed)
const directory = temporaryDirectory()
const upstream = process.env["PLASMITE_UPSTREAM_BIN"]
const roundsPerPool = 25
const violations: Array<Violation> = []
const started = performance.now()
const minutesPassed = (): number => (performance.now() - started) / 60_000

const kills = async (): Promise<void> => {
  const reports: Array<SiegeReport> = []
  const done = (): boolean => violations.length > 0 || minutesPassed() >= Number(values.minutes ?? 1)
  const one = async (siege: number): Promise<void> => {
    const options = { seed: siege, rounds: roundsPerPool, directory, ...(upstream === undefined ? {} : { upstream }) }
    const report = await besiege(values.siege === undefined ? { ...options, enough: done } : options)
    reports.push(report)
    violations.push(...report.violations)
  }
  if (values.siege !== undefined) await one(Number(values.siege))
  else {
    const seeds = new Chance(seed)
    const lane = async (): Promise<void> => {
      while (!done()) await one(seeds.below(2 ** 31))
    }
    await Promise.all(Array.from({ length: Number(values.lanes) }, lane))
  }
  const sum = (field: Exclude<keyof SiegeReport, "violations">): number =>
    reports.reduce((total, report) => total + report[field], 0)
  console.log(
    `kill: seed ${seed}, ${minutesPassed().toFixed(1)} minutes, pools ${reports.length}, rounds ${sum("rounds")}`
  )
  console.log(
    `kills ${sum("kills")} (of upstream's program ${sum("upstreamKills")}), acknowledged ${sum("acknowledged")}, read ${sum("readMessages")}`
  )
}

const histories = async (wanted: number): Promise<void> => {
  const chance = new Chance(seed)
  const counts = new Map<string, number>()
  let operations = 0
  let runs = 0
  while (operations < wanted && violations.length === 0) {
    const report = await runHistory({
      seed: chance.below(2 ** 31),
      directory,
      processes: 4 + chance.below(3),
      operationsEach: Math.min(15_000, Math.ceil((wanted - operations) / 12)),
      storage: chance.pick(["mapped", "file"]),
      sizeBytes: chance.pick([64, 256, 1024]) * 1024
    })
    for (const { kind } of report.operations) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    operations += report.operations.length
    runs++
    violations.push(...report.violations)
  }
  const kinds = [...counts].map(([kind, count]) => `${kind} ${count}`).join(", ")
  console.log(`histories: seed ${seed}, ${minutesPassed().toFixed(1)} minutes, runs ${runs}`)
  console.log(`history operations ${operations} (${kinds})`)
}

await (values.histories === undefined ? kills() : histories(Number(values.histories)))
for (const { detail, kind } of violations.slice(0, 20)) console.error(`${kind}: ${detail}`)
if (violations.length > 0) {
  keepEvidence()
  const repeat = values.histories === undefined ? "--siege NUMBER" : `--histories ${values.histories} --seed ${seed}`
  console.error(`repeat with: npm run kill -- ${repeat} (the same processes and plans; the instants differ)`)
  console.error(`pools and journals are kept in ${directory}`)
}
console.log(countsText(violations))
process.exit(violations.length > 0 ? 1 : 0)
