/**
 * What an append with a key promises, whatever the pools stand on: one message for a key, and its receipt for everybody who
 * asks. Every pool touched is verified at the end.
 */
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { Message, Receipt } from "../../src/Message.js"
import type { NewMessage, Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { PoolLock } from "../../src/PoolLock.js"
import { Pools } from "../../src/Pools.js"
import { damageSecondOfThree, type Everything, failure, verifiedTest } from "./everyPools.js"

const retained = (pool: Pool): Effect.Effect<ReadonlyArray<Message>, PoolError> =>
  Effect.map(Stream.runCollect(pool.tail({ from: "oldest", follow: false })), Chunk.toReadonlyArray)

const fill = (pool: Pool, count: number) =>
  pool.appendAll(Array.from({ length: count }, (_, index) => ({ data: { filler: index } })))

const shown = (receipts: ReadonlyArray<Receipt>): ReadonlyArray<string> =>
  receipts.map(({ repeated, seq }) => (repeated ? `${seq} again` : `${seq}`))

export const keyedAppendContract = (name: string, makeLayer: () => Layer.Layer<Everything>): void => {
  const test = verifiedTest(makeLayer)

  describe(`append with a key: ${name}`, () => {
    test(
      "a repeat answers with the first receipt and appends nothing, by whichever handle, whatever its data",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("orders", { create: true })
        const other = yield* pools.open("orders")
        yield* fill(pool, 3)
        const first = yield* pool.append({ total: 5, exact: 2 ** 53 }, { key: "order-42", tags: ["new"] })
        assert.deepStrictEqual([first.seq, first.repeated, first.tags], [4, false, ["new", "key:order-42"]])
        assert.notProperty(first.toJSON(), "repeated")
        yield* fill(other, 2)
        const openedLater = yield* pools.open("orders")
        for (const handle of [pool, other, openedLater, pool]) {
          const again = yield* handle.append({ total: 6 }, { key: "order-42", tags: ["changed"] })
          assert.isTrue(again.repeated)
          assert.deepStrictEqual(again.toJSON(), { ...first.toJSON(), repeated: true })
        }
        assert.deepStrictEqual((yield* pool.get(4)).data, { total: 5, exact: 2 ** 53 })
        assert.isFalse((yield* pool.get(4)).repeated)
        const next = yield* other.append({ total: 7 }, { key: "order-43" })
        assert.deepStrictEqual([next.seq, next.repeated], [7, false])
        assert.strictEqual((yield* retained(pool)).length, 7)
      })
    )

    test(
      "a key is as much as its letters: it may be of any script, end with the same as another, and be long",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("keys", { create: true })
        const keys = ["a", "A", "aa", "key:a", "ü☃𝄞", " ", "x".repeat(4000), `${"x".repeat(4000)}y`]
        for (const [index, key] of keys.entries()) {
          assert.deepStrictEqual(shown([yield* pool.append({ index }, { key })]), [`${index + 1}`])
        }
        for (const [index, key] of keys.entries()) {
          assert.deepStrictEqual(shown([yield* pool.append({}, { key })]), [`${index + 1} again`], key.slice(0, 10))
        }
      })
    )

    test(
      "appendAll: receipts in order, what is new in consecutive numbers, the second of two equal keys repeats the first",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("batches", { create: true })
        yield* pool.append({ n: 1 }, { key: "one" })
        const messages: ReadonlyArray<NewMessage> = [
          { data: { n: 2 }, key: "two" },
          { data: { n: -1 }, key: "one" },
          { data: { n: 3 } },
          { data: { n: -2 }, key: "two", tags: ["ignored"] },
          { data: { n: 4 }, tags: ["key:four"] },
          { data: { n: -4 }, key: "four" },
          { data: { n: 5 }, key: "five", tags: ["key:six", "plain"] },
          { data: { n: -6 }, key: "six" }
        ]
        const receipts = yield* pool.appendAll(messages)
        assert.deepStrictEqual(shown(receipts), ["2", "1 again", "3", "2 again", "4", "4 again", "5", "5 again"])
        assert.deepStrictEqual(receipts[3]?.tags, ["key:two"])
        assert.deepStrictEqual(receipts[7]?.tags, ["key:six", "plain", "key:five"])
        const repeated = yield* pool.appendAll(messages.filter(({ key }) => key !== undefined))
        assert.deepStrictEqual(shown(repeated), ["2 again", "1 again", "2 again", "4 again", "5 again", "5 again"])
        const data = (yield* retained(pool)).map((message) => message.data["n"])
        assert.deepStrictEqual(data, [1, 2, 3, 4, 5])
      })
    )

    test(
      "a tag `key:…` given by hand counts for those who look it up, and holds nobody up who has no key",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("hand", { create: true })
        yield* pool.append({ n: 1 }, { tags: ["key:a"] })
        yield* pool.append({ n: 2 }, { tags: ["key:a", "key:b", "key:", "monkey:c"] })
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "a" })]), ["1 again"])
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "b" })]), ["2 again"])
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "c" })]), ["3"])
        const given = yield* pool.append({}, { key: "d", tags: ["key:d"] })
        assert.deepStrictEqual([given.seq, given.tags], [4, ["key:d"]])
      })
    )

    test(
      "a key that the ring has dropped is new again; the next message with it counts then",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("ring", { create: { sizeBytes: 16384 } })
        yield* pool.append({ n: 1 }, { key: "a" })
        yield* pool.append({ n: 2 }, { key: "b" })
        yield* fill(pool, 10)
        yield* pool.append({ n: 13 }, { tags: ["key:b"] })
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "b" })]), ["2 again"])
        const oldest = Effect.map(pool.info, ({ bounds }) => bounds.oldest!)
        while ((yield* oldest) <= 2) yield* fill(pool, 1)
        assert.isAtMost(yield* oldest, 13)
        const newest = (yield* pool.info).bounds.newest!
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "b" })]), ["13 again"])
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "a" })]), [`${newest + 1}`])
        yield* fill(pool, 400)
        assert.isAbove(yield* oldest, newest + 1)
        const opened = yield* pools.open("ring")
        assert.deepStrictEqual(shown([yield* opened.append({}, { key: "a" })]), [`${newest + 402}`])
        assert.deepStrictEqual(shown([yield* pool.append({}, { key: "a" })]), [`${newest + 402} again`])
      })
    )

    test(
      "the same key from many at once becomes one message",
      Effect.gen(function* () {
        const pools = yield* Pools
        const handles = yield* Effect.all([
          pools.open("race", { create: true }),
          pools.open("race", { create: true }),
          pools.open("race", { create: true })
        ])
        const receipts = yield* Effect.forEach(
          Array.from({ length: 60 }, (_, index) => index),
          (index) => handles[index % 3]!.append({ index }, { key: `k${index % 5}` }),
          { concurrency: "unbounded" }
        )
        assert.strictEqual((yield* retained(handles[0])).length, 5)
        for (let index = 0; index < 60; index++) assert.strictEqual(receipts[index]!.seq, receipts[index % 5]!.seq)
        assert.strictEqual(receipts.filter(({ repeated }) => !repeated).length, 5)
      })
    )

    test(
      "what is no key, or does not fit, is a Usage error and stores nothing",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("refused", { create: { sizeBytes: 16384 } })
        for (const key of ["", "\ud800", 7, null] as ReadonlyArray<unknown> as ReadonlyArray<string>) {
          assert.strictEqual((yield* failure(pool.append({}, { key }))).reason, "Usage", JSON.stringify(key))
        }
        const large = { data: { huge: "x".repeat(20_000) }, key: "large" }
        const error = yield* failure(pool.appendAll([{ data: {}, key: "small" }, large]))
        assert.strictEqual(error.reason, "Usage")
        const empty = yield* failure(pool.appendAll([{ data: {} }, { data: {}, key: "" }]))
        assert.match(empty.message, /message 2 .*nothing was appended/)
        assert.deepStrictEqual((yield* pool.info).bounds, {})
        yield* pool.append({ n: 1 }, { key: "large" })
        assert.deepStrictEqual(shown(yield* pool.appendAll([large])), ["1 again"])
      })
    )

    test(
      "a pool made anew knows nothing of the keys of the one before",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("again", { create: true })
        yield* fill(pool, 2)
        yield* pool.append({ n: 1 }, { key: "a" })
        yield* pools.remove("again")
        yield* pools.create("again")
        yield* Effect.sleep(10)
        const reopened = yield* pools.open("again")
        assert.deepStrictEqual(shown([yield* reopened.append({ n: 2 }, { key: "a" })]), ["1"])
      })
    )

    test(
      "waits for a lock held elsewhere, gives up with Busy, and leaves the lock free",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("held", { create: true })
        const scope = yield* Scope.make()
        const lock = yield* Scope.extend((yield* PoolLock).open(pool.path), scope)
        assert.isTrue(lock.tryAcquire("exclusive"))
        const waiting = yield* Effect.fork(pool.append({ n: 1 }, { key: "a" }))
        yield* Effect.sleep(60)
        lock.release()
        assert.deepStrictEqual(shown([yield* Fiber.join(waiting)]), ["1"])
        assert.isTrue(lock.tryAcquire("shared"))
        assert.strictEqual((yield* failure(pool.append({ n: 2 }, { key: "a" }))).reason, "Busy")
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(shown([yield* pool.append({ n: 2 }, { key: "a" })]), ["1 again"])
      })
    )

    test(
      "a first message that is damaged does not count, for those who knew it neither",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("damaged", { create: true })
        for (const key of ["a", "b", "c"]) yield* pool.append({ n: 1 }, { key })
        yield* damageSecondOfThree(pool)
        assert.strictEqual((yield* failure(pool.get(2))).reason, "Corrupt")
        const opened = yield* pools.open("damaged")
        assert.deepStrictEqual(shown([yield* pool.append({ n: 2 }, { key: "b" })]), ["4"])
        assert.deepStrictEqual(shown([yield* opened.append({ n: 2 }, { key: "b" })]), ["4 again"])
        assert.deepStrictEqual(shown([yield* pool.append({ n: 2 }, { key: "b" })]), ["4 again"])
        assert.deepStrictEqual(shown([yield* opened.append({ n: 2 }, { key: "c" })]), ["3 again"])
      })
    )
  })
}
