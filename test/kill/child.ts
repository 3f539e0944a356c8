/**
 * The program of the processes that are killed, stopped, starved of disk, or watched. Its only argument says which part
 * it plays on which pool. It says `ready` on stdout when it begins, and what it did in its journal.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"
import { Journal } from "./journal.js"
import { originOf, payloadOf } from "./messages.js"
import type { ChildTask, FollowTask, KeyedTask, RecordTask, WriteTask } from "./processes.js"
import { recordOperations } from "./recordOperations.js"
import { Chance } from "./random.js"

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const openPool = ({ path }: ChildTask) => Effect.flatMap(Pools, (pools) => pools.open({ path }))

/** Appends for ever, or `count` messages, sometimes several at once; each acknowledgement is said before the next append. */
const write = (task: WriteTask) =>
  Effect.gen(function* () {
    const { author, count = Number.POSITIVE_INFINITY, durability, largestBatch, mixture } = task
    const journal = new Journal(task.journal)
    const pool = yield* openPool(task)
    const chance = new Chance(mixture.seed + author)
    say("ready")
    for (let counter = 1; counter <= count;) {
      const batch = chance.oneIn(8) ? 1 + chance.below(largestBatch) : 1
      const payloads = Array.from({ length: batch }, (_, index) =>
        payloadOf(mixture, { author, counter: counter + index })
      )
      const { firstSeq } = yield* pool.encoded.append(payloads, durability)
      for (let index = 0; index < batch; index++) journal.add("acknowledged", firstSeq + index, author, counter + index)
      journal.flush()
      counter += batch
    }
  }).pipe(
    Effect.tapErrorCause(() => Effect.sync(() => sayFailed(task.journal))),
    Effect.catchIf(
      () => task.mayFail === true,
      ({ message, reason }) => Effect.sync(() => say(`${reason}: ${message}`))
    )
  )

/** Follows from the oldest message, with so many readers at once, each with a journal; up to message `last`, if given. */
const follow = (task: FollowTask) =>
  Effect.forEach(task.journals, (path) => followOnce(task, path), { concurrency: "unbounded", discard: true })

const followOnce = (task: FollowTask, journalPath: string) =>
  Effect.gen(function* () {
    const { from, last = Number.POSITIVE_INFINITY, mixture } = task
    const journal = new Journal(journalPath)
    const pool = yield* openPool(task)
    const batches = pool.encoded.tail({ from })
    say("ready")
    yield* Stream.runForEachWhile(batches, ({ damage, gap, messages }) =>
      Effect.sync(() => {
        if (gap !== undefined) journal.add("gap", gap.expected, gap.found)
        for (const { payload, seq } of messages) {
          const origin = originOf(mixture, payload)
          if (origin === undefined) journal.add("torn", seq)
          else journal.add("read", seq, origin.author, origin.counter)
        }
        if (damage !== undefined) journal.add("damaged", damage.seq ?? 0)
        journal.flush()
        return (messages.at(-1)?.seq ?? 0) < last
      })
    )
  }).pipe(Effect.tapErrorCause(() => Effect.sync(() => sayFailed(journalPath))))

const sayFailed = (journalPath: string): void => {
  const journal = new Journal(journalPath)
  journal.add("failed", 0)
  journal.flush()
}

const record = (task: RecordTask) =>
  Effect.gen(function* () {
    const pool = yield* openPool(task)
    yield* recordOperations(pool, task, say)
  })

const appendKeys = (task: KeyedTask) =>
  Effect.gen(function* () {
    const pool = yield* openPool(task)
    say("ready")
    for (let key = 0; key < task.keys; key++) {
      const data = { author: task.author, key, text: "x".repeat(key % 300) }
      const { repeated, seq } = yield* pool.append(data, { key: `key ${key}`, durability: task.durability })
      say(`${key} ${seq} ${repeated}`)
    }
  })

const task = JSON.parse(process.argv[2]!) as ChildTask

const part = Effect.suspend(() => {
  switch (task.part) {
    case "write":
      return write(task)
    case "follow":
      return follow(task)
    case "record":
      return record(task)
    case "keyed":
      return appendKeys(task)
  }
})

void Effect.runPromise(
  part.pipe(
    Effect.scoped,
    Effect.provide(NodePools.layer({ storage: task.storage, lockTimeoutMillis: task.lockTimeoutMillis ?? 20_000 })),
    // A warning that a dead writer's message was repaired is no answer of this program.
    Effect.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.stringLogger))),
    Effect.catchAllCause((cause) =>
      Effect.sync(() => {
        process.stderr.write(`${task.part} ${process.pid}: ${Cause.pretty(cause)}\n`)
        process.exitCode = 1
      })
    )
  )
).then(() => process.stdin.destroy())
