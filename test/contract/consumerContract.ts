/**
 * What consumers that resume promise, whatever the pools stand on. The suite restarts consumers in the ways in which they
 * end: well, by a failure, by an interruption; deaths of whole processes are killed elsewhere.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Consumer from "../../src/Consumer.js"
import type { Gap } from "../../src/EncodedPool.js"
import type { Message } from "../../src/Message.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"

const failure = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<PoolError, never, R> =>
  Effect.flip(Effect.flatMap(effect, () => Effect.dieMessage("should have failed")))

const fill = (pool: Pool, count: number, from = 1) =>
  pool.appendAll(Array.from({ length: count }, (_, index) => ({ data: { n: from + index } })))

const seqsOf = <E, R>(stream: Stream.Stream<Message, E, R>) =>
  Effect.map(Stream.runCollect(stream), (messages) => Chunk.toReadonlyArray(messages).map(({ seq }) => seq))

const range = (from: number, to: number): Array<number> =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const opened = Effect.flatMap(Pools, (pools) => pools.open("orders", { create: { sizeBytes: 65536 } }))

/**
 * `"held"`: a cursor is one consumer's for as long as that runs. `"by commit"`: on a server, of two consumers the one that
 * commits second learns of the other.
 */
export type Exclusion = "held" | "by commit"

export const consumerContract = (
  name: string,
  makeLayer: () => Layer.Layer<Pools, PoolError>,
  exclusion: Exclusion = "held"
): void => {
  const test = (title: string, body: Effect.Effect<void, unknown, Pools | Scope.Scope>): void =>
    it.live(title, () => Effect.provide(Effect.scoped(body), makeLayer()))

  describe(`Consumers: ${name}`, () => {
    test(
      "a consumer goes on behind the last message that it committed",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 10)
        const run = (take: number) =>
          Effect.scoped(
            Effect.gen(function* () {
              const consumer = yield* Consumer.make(pool, "billing")
              const messages = yield* Stream.runCollect(Stream.take(consumer.tail({ follow: false }), take))
              for (const message of messages) yield* consumer.commit(message)
              assert.strictEqual(yield* consumer.lag, 10 - (yield* consumer.position))
              return Chunk.toReadonlyArray(messages).map(({ seq }) => seq)
            })
          )
        assert.deepStrictEqual(yield* run(3), [1, 2, 3])
        assert.deepStrictEqual(yield* run(4), [4, 5, 6, 7])
        assert.deepStrictEqual(yield* run(9), [8, 9, 10])
        assert.deepStrictEqual(yield* run(9), [])
      })
    )

    // Behind a connection nothing was opened, and nothing is closed.
    if (exclusion === "held") {
      test(
        "a commit after the scope of its consumer has ended fails with `Usage`, says so, and moves nothing",
        Effect.gen(function* () {
          const pool = yield* opened
          yield* fill(pool, 3)
          const late = yield* Effect.scoped(
            Effect.tap(Consumer.make(pool, "billing"), (consumer) => consumer.commit(1))
          )
          const { message, reason } = yield* failure(late.commit(2))
          assert.deepStrictEqual([reason, message.includes("cursor billing is closed")], ["Usage", true])
          assert.deepStrictEqual(yield* seqsOf(pool.tail({ cursor: "billing", follow: false })), [2, 3])
        })
      )
    }

    test(
      "a commit moves forwards only, and not beyond the pool",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 10)
        const consumer = yield* Consumer.make(pool, "billing")
        yield* consumer.commit(7)
        yield* consumer.commit(3)
        assert.strictEqual(yield* consumer.position, 7)
        for (const seq of [11, -1, 1.5]) assert.strictEqual((yield* failure(consumer.commit(seq))).reason, "Usage")
        assert.deepStrictEqual(yield* seqsOf(consumer.tail({ follow: false })), [8, 9, 10])
      })
    )

    test(
      "one consumer of a name at a time",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 3)
        if (exclusion === "by commit") {
          const [first, second] = [yield* Consumer.make(pool, "billing"), yield* Consumer.make(pool, "billing")]
          yield* second.commit(2)
          const refused = yield* failure(first.commit(2))
          assert.strictEqual(refused.reason, "Busy")
          assert.include(refused.message, "cursor billing of pool orders")
          assert.strictEqual((yield* failure(first.commit(3))).reason, "Busy")
          yield* second.commit(3)
          return
        }
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* Consumer.make(pool, "billing")
            const refused = yield* failure(Effect.scoped(Consumer.make(pool, "billing")))
            assert.strictEqual(refused.reason, "Busy")
            assert.include(refused.message, "cursor billing of pool orders")
            const sugar = yield* failure(Stream.runDrain(pool.tail({ cursor: "billing", follow: false })))
            assert.strictEqual(sugar.reason, "Busy")
            yield* Effect.scoped(Consumer.make(pool, "shipping"))
          })
        )
        yield* Consumer.make(pool, "billing")
      })
    )

    test(
      "names lead to no other place",
      Effect.gen(function* () {
        const pool = yield* opened
        for (const cursor of ["", "../orders", "a/b", "nul\0"]) {
          assert.strictEqual((yield* failure(Effect.scoped(Consumer.make(pool, cursor)))).reason, "Usage")
        }
      })
    )

    test(
      "a new cursor starts where it is told, and stays there until it is committed",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 5)
        const start = (cursor: string, options?: Consumer.ConsumerOptions) =>
          Effect.scoped(
            Effect.flatMap(Consumer.make(pool, cursor, options), (made) => seqsOf(made.tail({ follow: false })))
          )
        assert.deepStrictEqual(yield* start("new", { from: "now" }), [])
        assert.deepStrictEqual(yield* start("all"), [1, 2, 3, 4, 5])
        assert.deepStrictEqual(yield* start("four", { from: { seq: 4 } }), [4, 5])
        assert.deepStrictEqual(yield* start("last", { from: { last: 2 } }), [4, 5])
        assert.deepStrictEqual(yield* start("old", { from: { time: new Date(0) } }), [1, 2, 3, 4, 5])
        assert.deepStrictEqual(yield* start("future", { from: { time: new Date("2200-01-01") } }), [])
        yield* fill(pool, 1)
        assert.deepStrictEqual(yield* start("new", { from: "now" }), [6])
        assert.deepStrictEqual(yield* start("last", { from: { last: 1 } }), [4, 5, 6])
      })
    )

    test(
      "tail({ cursor }): a message is handled when the next is asked for, or the stream ends well",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 10)
        const tail = pool.tail({ cursor: "billing", follow: false })
        assert.deepStrictEqual(yield* seqsOf(Stream.take(tail, 1)), [1])
        const handled: Array<number> = []
        const handle = (last: number) =>
          Stream.runForEach(tail, ({ seq }) =>
            Effect.suspend(() => {
              handled.push(seq)
              return seq === last ? Effect.fail("handler failed") : Effect.void
            })
          )
        assert.isTrue(Exit.isFailure(yield* Effect.exit(handle(4))))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(handle(6))))
        assert.deepStrictEqual(handled, [2, 3, 4, 4, 5, 6])
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Stream.runForEach(Stream.take(tail, 1), () => Effect.fail(0)))))
        assert.deepStrictEqual(yield* seqsOf(tail), [6, 7, 8, 9, 10])
        assert.deepStrictEqual(yield* seqsOf(tail), [])
      })
    )

    test(
      "tail({ cursor }): an interruption leaves the message uncommitted",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 3)
        const reached = yield* Deferred.make<void>()
        const hang = Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never)
        const hanging = pool
          .tail({ cursor: "billing" })
          .pipe(Stream.runForEach(({ seq }) => (seq === 2 ? hang : Effect.void)))
        const fiber = yield* Effect.fork(hanging)
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* seqsOf(pool.tail({ cursor: "billing", follow: false })), [2, 3])
      })
    )

    test(
      "forEach: commits what was handled, however it ends, and nothing else",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 100)
        const handled: Array<number> = []
        const run = (last: number, options?: Consumer.ForEachOptions) =>
          Effect.scoped(
            Effect.gen(function* () {
              const consumer = yield* Consumer.make(pool, "billing")
              const exit = yield* Effect.exit(
                consumer.forEach(
                  ({ seq }) => {
                    if (seq === last) return Effect.fail("handler failed")
                    handled.push(seq)
                    return Effect.void
                  },
                  { follow: false, ...options }
                )
              )
              assert.strictEqual(Exit.isFailure(exit), last <= 100)
              return yield* consumer.position
            })
          )
        assert.strictEqual(yield* run(5), 4)
        assert.strictEqual(yield* run(30, { commitEvery: 7 }), 29)
        assert.strictEqual(yield* run(101), 100)
        assert.deepStrictEqual(handled, range(1, 100))
      })
    )

    test(
      "a consumer that was overtaken is told so, once",
      Effect.gen(function* () {
        const pool = yield* opened
        yield* fill(pool, 5)
        const gaps: Array<Gap> = []
        const tail = pool.tail({
          cursor: "billing",
          follow: false,
          onGap: (gap) => Effect.sync(() => void gaps.push(gap))
        })
        assert.deepStrictEqual(yield* seqsOf(tail), [1, 2, 3, 4, 5])
        yield* fill(pool, 3000)
        const { bounds, cursors } = yield* pool.info
        assert.isAbove(bounds.oldest!, 6)
        assert.deepStrictEqual(
          cursors?.map(({ lag, seq }) => ({ lag, seq })),
          [{ lag: bounds.newest! - bounds.oldest! + 1, seq: 5 }]
        )
        assert.isTrue(
          Exit.isFailure(yield* Effect.exit(Stream.runDrain(pool.tail({ cursor: "billing", onGap: "fail" }))))
        )
        // The gap is behind the cursor once it was told, though no message passes the filter.
        const none = pool.tail({
          cursor: "billing",
          follow: false,
          tags: ["none"],
          onGap: (gap) => Effect.sync(() => void gaps.push(gap))
        })
        assert.deepStrictEqual(yield* seqsOf(none), [])
        assert.deepStrictEqual(yield* seqsOf(tail), range(bounds.oldest!, bounds.newest!))
        assert.deepStrictEqual(gaps, [{ expected: 6, found: bounds.oldest! }])
      })
    )

    test(
      "pool.info tells how far the consumers are; a removed cursor starts anew",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* opened
        assert.notProperty(yield* pool.info, "cursors")
        yield* fill(pool, 10)
        const before = Date.now()
        yield* seqsOf(Stream.take(pool.tail({ cursor: "shipping", follow: false }), 4))
        yield* seqsOf(pool.tail({ cursor: "billing", follow: false }))
        const { cursors = [] } = yield* pools.info("orders")
        assert.deepStrictEqual(
          cursors.map(({ lag, name, seq }) => ({ lag, name, seq })),
          [
            { lag: 0, name: "billing", seq: 10 },
            { lag: 6, name: "shipping", seq: 4 }
          ]
        )
        for (const { committedAt } of cursors) {
          assert.isTrue(Date.parse(committedAt!) >= before - 1 && Date.parse(committedAt!) <= Date.now() + 1)
        }
        yield* Effect.scoped(
          Effect.gen(function* () {
            const consumer = yield* Consumer.make(pool, "billing")
            if (exclusion === "held") {
              assert.strictEqual((yield* failure(Consumer.forget(pool, "billing"))).reason, "Busy")
            } else {
              yield* Consumer.forget(pool, "billing")
              yield* fill(pool, 1)
              assert.strictEqual((yield* failure(consumer.commit(11))).reason, "Busy")
              yield* Consumer.make(pool, "billing")
            }
          })
        )
        yield* Consumer.forget(pool, "billing")
        const missing = yield* failure(Consumer.forget(pool, "billing"))
        assert.strictEqual(missing.reason, "NotFound")
        assert.strictEqual(missing.hint, "It has shipping.")
        assert.deepStrictEqual(
          (yield* pool.info).cursors?.map((cursor) => cursor.name),
          ["shipping"]
        )
        const { newest = 0 } = (yield* pool.info).bounds
        assert.deepStrictEqual(yield* seqsOf(pool.tail({ cursor: "billing", follow: false })), range(1, newest))
      })
    )

    test(
      "cursors die with their pool",
      Effect.gen(function* () {
        const pools = yield* Pools
        yield* Effect.scoped(
          Effect.gen(function* () {
            const pool = yield* opened
            yield* fill(pool, 10)
            yield* seqsOf(pool.tail({ cursor: "billing", follow: false }))
          })
        )
        yield* pools.remove("orders")
        const pool = yield* opened
        assert.notProperty(yield* pool.info, "cursors")
        yield* fill(pool, 2)
        assert.deepStrictEqual(yield* seqsOf(pool.tail({ cursor: "billing", follow: false })), [1, 2])
      })
    )
  })
}
