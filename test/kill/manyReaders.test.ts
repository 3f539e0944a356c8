/**
 * 64 readers in 8 processes follow 2 writers in 2 more: each reader sees every message, or is told exactly what it
 * missed.
 */
import * as path from "node:path"
import { assert, it } from "vitest"
import { createPool, inspect, type PoolUse } from "./inspection.js"
import { readJournal } from "./journal.js"
import { Ledger } from "./ledger.js"
import { type Child, startChild, temporaryDirectory, within } from "./processes.js"

const processes = 8
const readersEach = 8
const messagesEach = 500
const authors = [1, 2]
const newest = messagesEach * authors.length
const kib = 1024

const linesOf = async (child: Child, count: number): Promise<void> => {
  for (let lines = 0; lines < count; lines++) assert.strictEqual(await child.nextLine(), "ready")
}

it("64 readers see every message or exactly what they missed", async () => {
  const file = path.join(temporaryDirectory(), "many.plasmite")
  const use: PoolUse = { storage: "mapped", durability: "fast", mixture: { seed: 64, largestBytes: 4 * kib } }
  await createPool(use, file, 64 * kib)
  const common = { path: file, mixture: use.mixture, storage: use.storage, lockTimeoutMillis: 60_000 }
  const journals = Array.from({ length: processes * readersEach }, (_, index) => `${file}.reader-${index}`)
  const readers = Array.from({ length: processes }, (_, index) =>
    startChild({
      ...common,
      part: "follow",
      from: { seq: 1 },
      last: newest,
      journals: journals.slice(index * readersEach, (index + 1) * readersEach)
    })
  )
  let writers: ReadonlyArray<Child> = []
  try {
    await within(60_000, "starting to read", Promise.all(readers.map((reader) => linesOf(reader, readersEach))))
    writers = authors.map((author) =>
      startChild({
        ...common,
        part: "write",
        author,
        count: messagesEach,
        durability: "fast",
        largestBatch: 1,
        journal: `${file}.writer-${author}`
      })
    )
    const ends = await within(60_000, "following", Promise.all([...writers, ...readers].map(({ ended }) => ended)))
    assert.deepEqual([...new Set(ends)], [0])
  } finally {
    for (const child of [...writers, ...readers]) child.signal("SIGKILL")
  }

  const seen = journals.map(readJournal)
  for (const records of seen) {
    assert.strictEqual(records[0]!.seq, 1)
    assert.strictEqual(records.at(-1)!.seq, newest)
    assert.strictEqual(records.at(-1)!.kind, "read")
  }
  const { content, violations } = await inspect(use, file)
  const testimonies = [
    ...authors.map((author) => ({ author, records: readJournal(`${file}.writer-${author}`), unsaid: 0 })),
    ...seen.map((records) => ({ author: 0, records, unsaid: 0 }))
  ]
  assert.deepEqual([...violations, ...new Ledger(use.mixture, 5 * kib).judge(testimonies, content)], [])
  const gaps = seen.flat().filter(({ kind }) => kind === "gap")
  const missed = gaps.reduce((sum, { author, seq }) => sum + author - seq, 0)
  console.log(`64 readers: read ${seen.flat().length - gaps.length}, gaps ${gaps.length} with ${missed} messages`)
}, 120_000)
