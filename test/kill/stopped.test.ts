/**
 * A writer stopped (SIGSTOP) in the middle of an append keeps the lock for as long as somebody likes: others must be
 * told, stay alive, and go on when it does.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, it } from "vitest"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import { PoolLock } from "../../src/PoolLock.js"
import { Pools } from "../../src/Pools.js"
import { appendFailure, createPool, inspect, type PoolUse, readAll, withPools } from "./inspection.js"
import { readJournal } from "./journal.js"
import { Ledger } from "./ledger.js"
import { payloadOf } from "./messages.js"
import { type Child, startChild, temporaryDirectory, within } from "./processes.js"

const kib = 1024
const timeoutMillis = 300

/** True when nobody gets the lock for some moments, although it is asked for again and again. */
const staysHeld = (file: string): Promise<boolean> =>
  Effect.gen(function* () {
    const lock = yield* (yield* PoolLock).open(file)
    for (let looks = 0; looks < 4; looks++) {
      if (lock.tryAcquire("shared")) return false
      yield* Effect.sleep("10 millis")
    }
    return true
  }).pipe(Effect.scoped, Effect.provide(OsPoolLock.layer), Effect.runPromise)

const stopInsideAppend = async (writer: Child, file: string): Promise<void> => {
  for (let attempts = 1; attempts <= 2_000; attempts++) {
    writer.signal("SIGSTOP")
    if (await staysHeld(file)) return
    writer.signal("SIGCONT")
    await sleep(attempts % 7)
  }
  throw new Error("the writer was never stopped inside an append")
}

for (const storage of ["mapped", "file"] as const) {
  it(`a writer stopped inside an append makes others Busy, not deaf, until it goes on (${storage})`, async () => {
    const file = path.join(temporaryDirectory(), "stopped.plasmite")
    const mixture = { seed: 19, largestBytes: 100 * kib }
    const use: PoolUse = { storage, durability: "fast", mixture, lockTimeoutMillis: timeoutMillis }
    const patient: PoolUse = { ...use, lockTimeoutMillis: 30_000 }
    await createPool(use, file, 1024 * kib)
    const journal = `${file}.writer`
    const common = { path: file, mixture, storage, lockTimeoutMillis: 30_000 }
    const writer = startChild({ ...common, part: "write", author: 2, durability: "flush", largestBatch: 1, journal })
    try {
      await within(30_000, "starting", writer.nextLine())
      await stopInsideAppend(writer, file)

      let ticks = 0
      const ticking = setInterval(() => ticks++, 1)
      const started = performance.now()
      const { message, reason } = await appendFailure(use, file, { author: 1, counter: 1 })
      const waited = performance.now() - started
      clearInterval(ticking)
      assert.strictEqual(reason, "Busy", message)
      assert.isAtLeast(waited, timeoutMillis)
      assert.isBelow(waited, 30_000)
      assert.isAbove(ticks, 2, "the event loop goes on meanwhile")

      const whileStopped = await within(10_000, "reading beside a stopped writer", readAll(use, file))
      assert.deepEqual(whileStopped.violations, [])

      // One who waits gets its turn as soon as the stopped one goes on.
      const program = Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* (yield* Pools).open({ path: file })
          const payload = payloadOf(mixture, { author: 1, counter: 1 })
          const waiting = yield* Effect.fork(pool.encoded.append([payload], "fast"))
          yield* Effect.sleep("50 millis")
          assert.isNull(waiting.unsafePoll())
          writer.signal("SIGCONT")
          return yield* Fiber.join(waiting)
        })
      )
      const { firstSeq } = await within(30_000, "the next append", withPools(patient, program))
      const acknowledged = readJournal(journal).length
      while (readJournal(journal).length <= acknowledged) await sleep(1)
      writer.signal("SIGKILL")
      await writer.ended

      const { content, violations } = await inspect(patient, file)
      const testimonies = [
        { author: 2, records: readJournal(journal), unsaid: 1 },
        { author: 1, records: [{ kind: "acknowledged" as const, seq: firstSeq, author: 1, counter: 1 }], unsaid: 0 }
      ]
      assert.deepEqual([...violations, ...new Ledger(mixture, 110 * kib).judge(testimonies, content)], [])
    } finally {
      writer.signal("SIGKILL")
    }
  }, 120_000)
}
