/**
 * One reader for many: everybody gets everything in order, the slow ones from the file, and nobody reads when nobody listens.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as MemoryPools from "../layers/MemoryPools.js"
import type { Gap } from "../src/EncodedPool.js"
import * as Fanout from "../src/Fanout.js"
import type { Message } from "../src/Message.js"
import type { Pool } from "../src/Pool.js"
import { make as makePool } from "../src/Pool.js"
import { Pools } from "../src/Pools.js"

/** How many tails of the pool are open. */
const counted = (pool: Pool): { readonly pool: Pool; readonly tails: () => { open: number; total: number } } => {
  const tails = { open: 0, total: 0 }
  const encoded: Pool["encoded"] = {
    ...pool.encoded,
    tail: (selection, memory) =>
      Stream.unwrapScoped(
        Effect.acquireRelease(
          Effect.sync(() => {
            tails.open++
            tails.total++
            return pool.encoded.tail(selection, memory)
          }),
          () => Effect.sync(() => tails.open--)
        )
      )
  }
  return { pool: makePool(encoded), tails: () => tails }
}

const withPool = <A, E>(sizeBytes: number, use: (pool: Pool) => Effect.Effect<A, E, Pools | Scope.Scope>) =>
  Effect.flatMap(Pools, (pools) => Effect.flatMap(pools.open("events", { create: { sizeBytes } }), use)).pipe(
    Effect.scoped,
    Effect.provide(MemoryPools.layer())
  )

const fill = (pool: Pool, from: number, count: number, tags: ReadonlyArray<string> = []) =>
  pool.appendAll(Array.from({ length: count }, (_, index) => ({ data: { n: from + index }, tags })))

const take = (stream: Stream.Stream<Message, unknown>, count: number) =>
  Effect.map(Stream.runCollect(Stream.take(stream, count)), (chunk) =>
    Chunk.toReadonlyArray(chunk).map(({ seq }) => seq)
  )

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Waits for something that other fibers bring about. */
const until = (condition: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.flatMap(condition, (met) => (met ? Effect.void : Effect.zipRight(Effect.sleep("1 millis"), until(condition))))

const joined = (fanout: Fanout.Fanout, count: number) => until(Effect.map(fanout.subscribers, (now) => now === count))

describe("Fanout", () => {
  it.effect("refuses a policy that is none when a subscription begins, not at the first gap", () =>
    withPool(16384, (pool) =>
      Effect.gen(function* () {
        const fanout = yield* Fanout.make(pool)
        const refused = yield* Effect.flip(Stream.runDrain(fanout.subscribe({ onGap: "fial" as "fail" })))
        assert.strictEqual(refused.reason, "Usage")
        assert.include(refused.message, '"fial"')
        assert.strictEqual(yield* fanout.subscribers, 0)
      })
    )
  )

  it.live("gives every subscriber every message, with one tail of the pool", () =>
    withPool(1 << 20, (events) =>
      Effect.gen(function* () {
        const { pool, tails } = counted(events)
        const fanout = yield* Fanout.make(pool)
        yield* fill(pool, 1, 5)
        const fibers = yield* Effect.forEach(numbers(1, 20), () => Effect.fork(take(fanout.subscribe(), 100)))
        yield* joined(fanout, 20)
        yield* until(Effect.sync(() => tails().open === 1))
        for (let n = 0; n < 10; n++) {
          yield* fill(pool, 6 + n * 10, 10)
          yield* Effect.sleep("1 millis")
        }
        for (const fiber of fibers) assert.deepStrictEqual(yield* Fiber.join(fiber), numbers(6, 105))
        assert.strictEqual(tails().total, 1)
        yield* until(Effect.sync(() => tails().open === 0))
        assert.strictEqual(yield* fanout.subscribers, 0)
      })
    )
  )

  it.live("begins where the subscriber says, and goes on without a seam", () =>
    withPool(1 << 20, (pool) =>
      Effect.gen(function* () {
        const fanout = yield* Fanout.make(pool)
        yield* fill(pool, 1, 10)
        const writer = yield* Effect.fork(
          Effect.forEach(numbers(0, 39), (n) => Effect.zipRight(fill(pool, n, 1), Effect.yieldNow()))
        )
        const oldest = yield* Effect.fork(take(fanout.subscribe({ from: "oldest" }), 50))
        const seventh = yield* Effect.fork(take(fanout.subscribe({ from: { seq: 7 } }), 44))
        const future = yield* Effect.fork(take(fanout.subscribe({ from: { seq: 45 } }), 6))
        assert.deepStrictEqual(yield* Fiber.join(oldest), numbers(1, 50))
        assert.deepStrictEqual(yield* Fiber.join(seventh), numbers(7, 50))
        assert.deepStrictEqual(yield* Fiber.join(future), numbers(45, 50))
        yield* Fiber.join(writer)
        const [first] = yield* take(fanout.subscribe({ from: { last: 3 } }), 3)
        assert.strictEqual(first, 48)
      })
    )
  )

  it.live("lets the slow one catch up from the file, while the others are not held up", () =>
    withPool(1 << 20, (pool) =>
      Effect.gen(function* () {
        const fanout = yield* Fanout.make(pool, { capacity: 8 })
        const gate = yield* Deferred.make<void>()
        const slow = yield* Effect.fork(
          take(
            Stream.tap(fanout.subscribe(), () => Deferred.await(gate)),
            300
          )
        )
        const quick = yield* Effect.fork(take(fanout.subscribe(), 300))
        yield* joined(fanout, 2)
        for (let n = 0; n < 100; n++) {
          yield* fill(pool, n, 3)
          yield* Effect.sleep("1 millis")
        }
        assert.deepStrictEqual(yield* Fiber.join(quick), numbers(1, 300))
        yield* Deferred.succeed(gate, undefined)
        assert.deepStrictEqual(yield* Fiber.join(slow), numbers(1, 300))
      })
    )
  )

  it.live("reports what the ring has overwritten, exactly, and nothing that is still in memory", () =>
    withPool(65536, (pool) =>
      Effect.gen(function* () {
        const fanout = yield* Fanout.make(pool, { capacity: 4 })
        const gate = yield* Deferred.make<void>()
        const gaps: Array<Gap> = []
        const seen: Array<number> = []
        const slow = yield* Effect.fork(
          Stream.runForEach(
            Stream.takeUntil(
              fanout.subscribe({ onGap: (gap) => Effect.sync(() => void gaps.push(gap)) }),
              ({ seq }) => seq === 1000
            ),
            ({ seq }) =>
              Effect.zipRight(
                Deferred.await(gate),
                Effect.sync(() => seen.push(seq))
              )
          )
        )
        yield* joined(fanout, 1)
        for (let n = 0; n < 250; n++) {
          yield* fill(pool, n, 4)
          if (n % 10 === 0) yield* Effect.sleep("1 millis")
        }
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(slow)
        const lost = gaps.flatMap(({ expected, found }) => numbers(expected, found - 1))
        assert.isAbove(lost.length, 0)
        assert.deepStrictEqual(
          [...seen, ...lost].sort((a, b) => a - b),
          numbers(1, 1000)
        )
        assert.deepStrictEqual(
          seen,
          [...seen].sort((a, b) => a - b)
        )
      })
    )
  )

  it.live("filters by tags, ends with its scope, and tells the end of the pool", () =>
    withPool(1 << 20, (pool) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const fanout = yield* Scope.extend(Fanout.make(pool), scope)
        const alerts = yield* Effect.fork(take(fanout.subscribe({ from: "oldest", tags: ["alert"] }), 2))
        const all = yield* Effect.fork(take(fanout.subscribe(), 1000))
        yield* joined(fanout, 2)
        yield* fill(pool, 1, 3)
        yield* fill(pool, 4, 1, ["alert", "x"])
        yield* fill(pool, 5, 2)
        yield* fill(pool, 7, 1, ["alert"])
        assert.deepStrictEqual(yield* Fiber.join(alerts), [4, 7])
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(yield* Fiber.join(all), numbers(1, 7))

        const again = yield* Fanout.make(pool)
        const ended = yield* Effect.fork(Effect.exit(Stream.runDrain(again.subscribe())))
        yield* joined(again, 1)
        yield* Effect.flatMap(Pools, (pools) => pools.remove("events"))
        const exit = yield* Fiber.join(ended)
        assert.isTrue(Exit.isFailure(exit))
        assert.include(String(exit), "NotFound")
      })
    )
  )
})
