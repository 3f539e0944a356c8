/**
 * `npm run bench`: measures every entry in turn, prints the table, keeps the results as JSON with their plots, and, if
 * asked, judges (`--check`) or writes the page (`--write-docs`).
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Entry } from "./Entry.js"
import { entries } from "./entries.js"
import { describeMachine } from "./machine.js"
import type { EntryAnswer, EntryRequest } from "./measureEntry.js"
import { buildUpstream } from "./peers/upstream.js"
import { shortfall } from "./report/format.js"
import { writePage } from "./report/page.js"
import { drawPlots } from "./report/plots.js"
import type { Results } from "./report/Results.js"
import { terminalReport } from "./report/terminal.js"
import { readSettings, type Settings, usage } from "./settings.js"
import { check, judge, type RowResult } from "./verdict.js"

const root = path.resolve(import.meta.dirname, "../../..")

/** Many times what any entry takes; a peer that hangs costs its entry, not the run. */
const longestEntryMillis = 120_000

const measureAlone = async (request: EntryRequest): Promise<EntryAnswer> => {
  const child = fork(path.join(import.meta.dirname, "measureEntry.js"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  const died = once(child, "exit").then(([status, signal]): EntryAnswer => ({
    samples: {},
    plots: {},
    peers: [],
    absent: [],
    reason: `failed: its process ended with ${status ?? signal}`
  }))
  const watchdog = setTimeout(() => child.kill("SIGKILL"), longestEntryMillis)
  const answered = once(child, "message").then(([answer]) => answer as EntryAnswer)
  child.send(request)
  const answer = await Promise.race([answered, died])
  await died
  clearTimeout(watchdog)
  return answer
}

/** A row is wanted by its own name or by that of its entry. */
const wanted = ({ only }: Settings, entry: Entry): Entry | undefined => {
  if (only === undefined || only.test(entry.name)) return entry
  const rows = entry.rows.filter(({ name }) => only.test(name))
  return rows.length === 0 ? undefined : { ...entry, rows }
}

const measureAll = async (settings: Settings, chosen: ReadonlyArray<Entry>, directory: string): Promise<Results> => {
  const started = performance.now()
  const machine = describeMachine(directory)
  const shared = path.join(directory, "shared")
  fs.mkdirSync(shared)
  const rows: Array<RowResult> = []
  const answers: Array<EntryAnswer> = []
  for (const [index, entry] of chosen.entries()) {
    const place = path.join(directory, entry.name)
    fs.mkdirSync(place)
    const began = performance.now()
    const answer = await measureAlone({ entry: entry.name, directory: place, shared, rounds: settings.rounds })
    fs.rmSync(place, { recursive: true, force: true })
    answers.push(answer)
    const missing = answer.reason ?? answer.absent.map(({ name, reason }) => `${name}: ${reason}`)[0]
    rows.push(...entry.rows.map((row) => judge(row, answer.samples[row.name] ?? [], missing)))
    const took = ((performance.now() - began) / 1e3).toFixed(1)
    process.stderr.write(
      `${index + 1}/${chosen.length} ${entry.name} ${took} s${answer.reason === undefined ? "" : `: ${answer.reason}`}\n`
    )
  }
  return {
    when: new Date().toISOString(),
    seconds: (performance.now() - started) / 1e3,
    rounds: settings.rounds,
    machine: { ...machine, loadAfter: os.loadavg()[0] ?? 0 },
    rows,
    peers: answers.flatMap(({ peers }) => peers),
    absent: [...new Map(answers.flatMap(({ absent }) => absent).map((absence) => [absence.name, absence])).values()],
    plots: Object.assign({}, ...answers.map(({ plots }) => plots)) as Results["plots"]
  }
}

const keep = (results: Results): string => {
  const directory = path.join(root, "bench-results")
  const file = path.join(directory, `${results.when.replaceAll(/[:.]/g, "-")}.json`)
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
  for (const [name, svg] of Object.entries(drawPlots(results)))
    fs.writeFileSync(path.join(directory, `${name}.svg`), svg)
  return path.relative(process.cwd(), file)
}

const main = async (settings: Settings): Promise<number> => {
  const chosen = entries.flatMap((entry) => wanted(settings, entry) ?? [])
  if (chosen.length === 0) {
    const names = entries.flatMap(({ name, rows }) => [name, ...rows.map((row) => row.name)])
    console.error(`--only ${settings.only?.source}: no row has such a name; there are ${names.join(", ")}`)
    return 2
  }
  const missing = buildUpstream()
  if (missing !== undefined) process.stderr.write(`without upstream: ${missing}\n`)
  const directory = fs.mkdtempSync(path.join(settings.directory ?? os.tmpdir(), "pls-bench-"))
  const cleanUp = (): void => fs.rmSync(directory, { recursive: true, force: true })
  process.once("SIGINT", () => {
    cleanUp()
    process.exit(130)
  })
  try {
    const results = await measureAll(settings, chosen, directory)
    console.log(terminalReport(results, process.stdout.isTTY))
    console.log(`kept in ${keep(results)}, with plots beside it`)
    if (settings.writeDocs) console.log(`written: ${writePage(root, results).join(", ")}`)
    const { lines, status } = check(results.rows, shortfall)
    if (settings.check) console.log(`\n${lines.join("\n")}`)
    return settings.check ? status : 0
  } finally {
    cleanUp()
  }
}

let settings: Settings
try {
  settings = readSettings(process.argv.slice(2))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  process.exit(2)
}
process.exitCode = await main(settings)
