/**
 * Fuzzing for as long as one likes: `npm run fuzz -- --minutes 30`. With `--bits`, every bit of a pool of 64 KiB
 * flipped in turn, of one written by us and one by upstream. Prints plain counts; what repeats a finding stands beside it.
 */
import { Worker } from "node:worker_threads"
import { parseArgs } from "node:util"
import type { Kind } from "./chance.js"
import { Chance } from "./chance.js"
import { argumentKind, recordKind } from "./damageInput.js"
import { payloadKind } from "./damagePayload.js"
import { poolKind } from "./damagePool.js"
import { textKind } from "./damageText.js"
import type { FlipOutcome } from "./flips.js"
import { FlipLab, tallyOf, tallyTable } from "./flips.js"
import { makeSample } from "./samples.js"

const { values } = parseArgs({
  allowPositionals: true,
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    kind: { type: "string" },
    case: { type: "string" },
    author: { type: "string" },
    bits: { type: "boolean", default: false },
    bit: { type: "string" },
    step: { type: "string", default: "1" }
  }
})

const mostFindings = 20
let findings = 0

const report = (error: unknown, repeat: string): void => {
  findings++
  console.log(`FINDING ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  console.log(`  repeat: npm run fuzz -- ${repeat}`)
}

const hasEnough = (): boolean => findings >= mostFindings

/** A case that computes for ever cannot be interrupted from within; a second thread names it and ends the program. */
const watched = new BigInt64Array(new SharedArrayBuffer(16))
const watchdogSeconds = 60

const watchdog = `
  const { workerData } = require("node:worker_threads")
  let seen = -1n
  setInterval(() => {
    const now = Atomics.load(workerData.watched, 1)
    if (now === seen) {
      const what = workerData.commands[Number(Atomics.load(workerData.watched, 0))]
      require("node:fs").writeSync(1, "FINDING no end after ${watchdogSeconds} s\\n  repeat: npm run fuzz -- " + what + " " + now + "\\n")
      process.kill(process.pid, "SIGKILL")
    }
    seen = now
  }, ${watchdogSeconds * 1000})`

/** `commands` repeat a case when its number is put behind. */
const watch = (commands: ReadonlyArray<string>): void => {
  new Worker(watchdog, { eval: true, workerData: { watched, commands } }).unref()
}

const flipBits = (): void => {
  const authors = ["ours", "upstream"] as const
  watch(authors.map((author) => `--bits --author ${author} --bit`))
  for (const [index, author] of authors.entries()) {
    if (values.author !== undefined && values.author !== author) continue
    const lab = new FlipLab(makeSample({ author, fileSize: 65536, seed: 1, textBytes: 3000, laps: 2.6 }))
    const outcomes: Array<FlipOutcome> = []
    const started = performance.now()
    const [from, to] = values.bit === undefined ? [0, lab.bits] : [Number(values.bit), Number(values.bit) + 1]
    Atomics.store(watched, 0, BigInt(index))
    for (let bit = from; bit < to && !hasEnough(); bit += Number(values.step)) {
      Atomics.store(watched, 1, BigInt(bit))
      try {
        outcomes.push(lab.flip(bit))
      } catch (error) {
        report(error, `--bits --author ${author} --bit ${bit}   (${lab.regions[bit >>> 3]})`)
      }
    }
    console.log(`pool of 65536 bytes written by ${author}:`)
    console.log(tallyTable(tallyOf(outcomes)))
    const sum = (count: (outcome: FlipOutcome) => number): number => outcomes.reduce((all, one) => all + count(one), 0)
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(
      `flips ${outcomes.length}, findings ${findings}, wrong payloads ${sum((one) => one.wrongPayloads)}, ` +
        `lost unnamed ${sum((one) => (one.lost > 0 && one.noticed !== "named" && one.noticed !== "refused" ? 1 : 0))}, ${seconds} s`
    )
  }
}

interface Count {
  readonly kind: Kind
  cases: number
  seconds: number
}

const runSlice = async (seed: number, count: Count, milliseconds: number): Promise<void> => {
  const { kind } = count
  const started = performance.now()
  for (;;) {
    Atomics.store(watched, 1, BigInt(count.cases))
    try {
      await kind.run(new Chance(seed, kind.name, count.cases))
    } catch (error) {
      report(error, `--seed ${seed} --kind ${kind.name} --case ${count.cases}`)
      if (hasEnough()) break
    }
    count.cases++
    if (performance.now() - started > milliseconds) break
  }
  count.seconds += (performance.now() - started) / 1000
}

const fuzz = async (): Promise<void> => {
  const seed = values.seed === undefined ? Date.now() % 1_000_000_007 : Number(values.seed)
  const kinds = [poolKind(), payloadKind, textKind, recordKind, argumentKind].filter(
    ({ name }) => values.kind === undefined || values.kind === name
  )
  watch(kinds.map(({ name }) => `--seed ${seed} --kind ${name} --case`))
  if (values.case !== undefined) {
    for (const kind of kinds) await runSlice(seed, { kind, cases: Number(values.case), seconds: 0 }, 0)
    return console.log(`findings ${findings}`)
  }
  const counts: ReadonlyArray<Count> = kinds.map((kind) => ({ kind, cases: 0, seconds: 0 }))
  const end = performance.now() + Number(values.minutes) * 60_000
  console.log(`seed ${seed}`)
  while (performance.now() < end && !hasEnough()) {
    for (const [index, count] of counts.entries()) {
      Atomics.store(watched, 0, BigInt(index))
      await runSlice(seed, count, count.kind.weight * 20)
    }
  }
  for (const { cases, kind, seconds } of counts)
    console.log(
      `${kind.name.padEnd(10)} ${cases} executions in ${seconds.toFixed(0)} s, ${(cases / seconds).toFixed(0)} a second`
    )
  const executions = counts.reduce((sum, { cases }) => sum + cases, 0)
  console.log(`executions ${executions}, findings ${findings}`)
}

if (values.bits) flipBits()
else await fuzz()
process.exitCode = findings > 0 ? 1 : 0
