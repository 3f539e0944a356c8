/**
 * A pool under siege: round after round, writers and readers are started on it and killed at random instants; after
 * each round the pool is opened, verified, read, compared with all that was said, and appended to.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { appendOne, createPool, inspect, type PoolUse } from "./inspection.js"
import { type JournalRecord, readJournal } from "./journal.js"
import { type Content, Ledger, type Testimony } from "./ledger.js"
import { frameBytesOf, type Mixture, textOf } from "./messages.js"
import { type Child, Hung, startChild, startProgram, within } from "./processes.js"
import { Chance } from "./random.js"
import type { Violation } from "./tally.js"

export interface SiegeOptions {
  readonly seed: number
  readonly rounds: number
  readonly directory: string
  /** Upstream's program, to be killed among ours. */
  readonly upstream?: string
  /** Stop before the next round. */
  readonly enough?: () => boolean
}

export interface SiegeReport {
  readonly rounds: number
  readonly kills: number
  readonly upstreamKills: number
  readonly acknowledged: number
  readonly readMessages: number
  readonly violations: ReadonlyArray<Violation>
}

interface PoolPlan extends PoolUse {
  readonly sizeBytes: number
  readonly largestBatch: number
}

const deadlineMillis = 60_000
/** At work; an append takes between 10 µs and some ms. */
const lifeMillisChoices = [5, 25, 100]

const kib = 1024
const planPool = (chance: Chance): PoolPlan => {
  const sizeBytes = chance.pick([64 * kib, 256 * kib, 1024 * kib])
  const share = chance.pick([2, 5, 16, 40])
  return {
    sizeBytes,
    mixture: { seed: chance.below(2 ** 31), largestBytes: Math.floor(sizeBytes / share / 1.2) },
    largestBatch: share >= 16 ? 4 : 1,
    storage: chance.pick(["mapped", "mapped", "file"]),
    durability: chance.pick(["fast", "fast", "flush"])
  }
}

/** Author 1 is who checks; each process of each round is an author of its own. */
const checker = 1

export const besiege = async (options: SiegeOptions): Promise<SiegeReport> => {
  const { directory, enough = () => false, seed } = options
  const chance = new Chance(seed)
  const plan = planPool(chance)
  const { mixture, sizeBytes } = plan
  const largestFrame = Math.max(frameBytesOf(mixture.largestBytes), 600)
  const ledger = new Ledger(mixture, largestFrame * plan.largestBatch)
  const file = path.join(directory, `pool-${seed}.plasmite`)
  await createPool(plan, file, sizeBytes)

  const report = { rounds: 0, kills: 0, upstreamKills: 0, acknowledged: 0, readMessages: 0 }
  const violations: Array<Violation> = []
  let nextAuthor = checker + 1
  let checks = 0

  const round = async (): Promise<void> => {
    const writers = 1 + chance.below(4)
    const readers = chance.below(3)
    const theirs = options.upstream !== undefined && chance.oneIn(2) ? 1 + chance.below(writers) : 0
    const attackers: Array<Attacker> = []
    for (let index = 0; index < writers + readers; index++) {
      const author = nextAuthor++
      if (index < theirs) attackers.push(startUpstream(options.upstream!, file, mixture, author))
      else if (index < writers) attackers.push(startWriter(plan, file, author))
      else attackers.push(startReader(plan, file, author))
    }
    try {
      await Promise.all(attackers.map((attacker) => kill(attacker, chance)))
      for (const { child, isUpstream } of attackers) {
        if ((await child.ended) !== "SIGKILL") continue
        report.kills++
        if (isUpstream) report.upstreamKills++
      }
    } finally {
      for (const { child } of attackers) child.signal("SIGKILL")
    }
    const testimonies: Array<Testimony> = attackers.map(({ author, isReader, readRecords, unsaid }) => ({
      author: isReader ? 0 : author,
      records: readRecords(),
      unsaid
    }))
    for (const { author, records } of testimonies) {
      if (author === 0) report.readMessages += records.filter(({ kind }) => kind === "read").length
      else report.acknowledged += records.length
    }
    const look = async (): Promise<Content> => {
      const found = await within(deadlineMillis, "reading", inspect(plan, file))
      violations.push(...found.violations)
      return found.content
    }
    // Where upstream died, our next append repairs what it left; where only we died, there is nothing to repair.
    const before = theirs > 0 ? undefined : await look()
    const counter = ++checks
    const seq = await within(deadlineMillis, "the next append", appendOne(plan, file, { author: checker, counter }))
    const after = await look()
    // It may take in messages that a dead writer had finished and not published: those are explained like any other.
    if (before !== undefined) violations.push(...ledger.judge(testimonies, before))
    const own: JournalRecord = { kind: "acknowledged", seq, author: checker, counter }
    violations.push(...ledger.judge([...testimonies, { author: checker, records: [own], unsaid: 0 }], after))
    const strays = fs.readdirSync(directory).filter((name) => name.includes("plasmite-new"))
    if (strays.length > 0) violations.push({ kind: "unsound", detail: `left behind: ${strays.join(" ")}` })
    for (const { discard } of attackers) discard()
  }

  while (report.rounds < options.rounds && violations.length === 0 && !enough()) {
    try {
      await round()
    } catch (error) {
      violations.push({ kind: error instanceof Hung ? "hung" : "unsound", detail: String(error) })
    }
    report.rounds++
  }
  // A pool that broke its promise is evidence.
  if (violations.length === 0) fs.rmSync(file)
  const named = violations.map(({ detail, kind }) => ({
    kind,
    detail: `siege ${seed}, round ${report.rounds}, ${plan.storage} ${plan.durability} ${sizeBytes}: ${detail}`
  }))
  return { ...report, violations: named }
}

interface Attacker {
  readonly author: number
  readonly child: Child
  readonly isReader: boolean
  readonly isUpstream: boolean
  readonly unsaid: number
  readonly readRecords: () => ReadonlyArray<JournalRecord>
  readonly discard: () => void
}

const startWriter = (plan: PoolPlan, file: string, author: number): Attacker => {
  const { durability, largestBatch, mixture, storage } = plan
  const journal = `${file}.${author}`
  return {
    author,
    child: startChild({ part: "write", path: file, author, durability, journal, largestBatch, mixture, storage }),
    isReader: false,
    isUpstream: false,
    unsaid: largestBatch,
    readRecords: () => readJournal(journal),
    discard: () => fs.rmSync(journal, { force: true })
  }
}

const startReader = ({ mixture, storage }: PoolPlan, file: string, author: number): Attacker => {
  const journal = `${file}.${author}`
  return {
    author,
    child: startChild({ part: "follow", path: file, from: "oldest", journals: [journal], mixture, storage }),
    isReader: true,
    isUpstream: false,
    unsaid: 0,
    readRecords: () => readJournal(journal),
    discard: () => fs.rmSync(journal, { force: true })
  }
}

const upstreamInputBytes = 4 * kib * kib

/** It acknowledges by a line for each message; what it had stored and not yet said can be any number of messages. */
const startUpstream = (program: string, file: string, mixture: Mixture, author: number): Attacker => {
  const [input, output] = [`${file}.${author}.in`, `${file}.${author}.out`]
  const lines: Array<string> = []
  for (let bytes = 0, counter = 1; bytes < upstreamInputBytes; counter++) {
    const line = textOf(mixture, { author, counter })
    bytes += line.length
    lines.push(line)
  }
  fs.writeFileSync(input, `${lines.join("\n")}\n`)
  const name = path.basename(file, ".plasmite")
  return {
    author,
    child: startProgram([program, "--dir", path.dirname(file), "feed", name], input, output),
    isReader: false,
    isUpstream: true,
    unsaid: lines.length,
    readRecords: () => {
      const receipts = fs.readFileSync(output, "utf8").split("\n").slice(0, -1)
      return receipts.flatMap((line, index) => {
        const { seq } = JSON.parse(line) as { seq?: number }
        return seq === undefined ? [] : [{ kind: "acknowledged" as const, seq, author, counter: index + 1 }]
      })
    },
    discard: () => [input, output].forEach((name) => fs.rmSync(name, { force: true }))
  }
}

/** Some die while they start, most soon after they got to work. */
const kill = async ({ child, isUpstream }: Attacker, chance: Chance): Promise<void> => {
  const early = chance.oneIn(12)
  const lifeMillis = early ? chance.below(200) : (chance.below(1000) / 1000) * chance.pick(lifeMillisChoices)
  const spins = chance.below(200_000)
  if (!isUpstream && !early) await within(deadlineMillis, "starting", Promise.race([child.nextLine(), child.ended]))
  await sleep(lifeMillis)
  // A timer is punctual to a millisecond only; an append is over in less.
  for (let spin = 0; spin < spins; spin++) Math.imul(spin, spin)
  child.signal("SIGKILL")
  await within(deadlineMillis, "dying", child.ended)
}
