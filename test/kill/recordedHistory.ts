/**
 * One history: a pool, so many processes that use it at once, and the verdict on what they recorded.
 */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"
import { checkHistory, type Operation } from "./history.js"
import { readHistory } from "./historyFile.js"
import { frameBytesOf, payloadBytesOf } from "./messages.js"
import { type Child, Hung, startChild, within } from "./processes.js"
import type { Violation } from "./tally.js"

export interface HistoryOptions {
  readonly seed: number
  readonly directory: string
  readonly processes: number
  /** Appends and gets of each process; what its tail brings comes on top. */
  readonly operationsEach: number
  readonly storage: "mapped" | "file"
  readonly sizeBytes: number
}

export interface HistoryReport {
  readonly operations: ReadonlyArray<Operation>
  readonly violations: ReadonlyArray<Violation>
}

const deadlineMillis = 120_000

export const runHistory = async (options: HistoryOptions): Promise<HistoryReport> => {
  const { directory, processes, seed, sizeBytes, storage } = options
  const file = path.join(directory, `history-${seed}.plasmite`)
  const mixture = { seed, largestBytes: Math.floor(sizeBytes / 24) }
  const { ringSize } = await Effect.runPromise(
    Effect.provide(
      Effect.flatMap(Pools, (pools) => pools.create({ path: file }, { sizeBytes })),
      NodePools.layer({ storage })
    )
  )
  const authors = Array.from({ length: processes }, (_, index) => index + 1)
  const historyOf = (author: number): string => `${file}.${author}`
  const children = authors.map((author) =>
    startChild({
      part: "record",
      path: file,
      author,
      history: historyOf(author),
      operations: options.operationsEach,
      mixture,
      storage
    })
  )
  const hung: Array<Violation> = []
  try {
    await everyLine(children, "starting")
    for (const child of children) child.send("begin")
    const counts = await everyLine(children, "appending")
    const newest = counts.reduce((sum, count) => sum + Number(count), 0)
    for (const child of children) child.send(String(newest))
    for (const child of children) {
      const status = await within(deadlineMillis, "following to the end", child.ended)
      if (status !== 0) hung.push({ kind: "unsound", detail: `history ${seed}: a process ended with ${status}` })
    }
  } catch (error) {
    hung.push({ kind: error instanceof Hung ? "hung" : "unsound", detail: `history ${seed}: ${String(error)}` })
  } finally {
    for (const child of children) child.signal("SIGKILL")
  }
  if (hung.length > 0) return { operations: [], violations: hung }

  const operations = authors.flatMap((author) => readHistory(historyOf(author), author))
  const violations = checkHistory(operations, {
    ringBytes: ringSize,
    frameBytes: (author, counter) => frameBytesOf(payloadBytesOf(mixture, { author, counter }))
  }).map(({ detail, kind }) => ({ kind, detail: `history ${seed}: ${detail}` }))
  // A history that cannot have happened is evidence.
  if (violations.length === 0) [file, ...authors.map(historyOf)].forEach((name) => fs.rmSync(name))
  return { operations, violations }
}

const everyLine = (children: ReadonlyArray<Child>, what: string): Promise<ReadonlyArray<string>> =>
  Promise.all(
    children.map(async (child) => {
      const line = await within(deadlineMillis, what, child.nextLine())
      if (line === undefined) throw new Error(`a process ended while ${what}`)
      return line
    })
  )
