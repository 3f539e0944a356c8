/**
 * A pool with a schema: values in, values out; what does not fit is an error with its message, is passed over, or is kept
 * elsewhere; and a schema may change while old messages are still there.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as MemoryPools from "../layers/MemoryPools.js"
import type { Pool } from "../src/Pool.js"
import { Pools } from "../src/Pools.js"
import * as TypedPool from "../src/TypedPool.js"

class Reading extends Schema.Class<Reading>("Reading")({
  sensor: Schema.NonEmptyString,
  at: Schema.Date,
  celsius: Schema.NumberFromString,
  note: Schema.optional(Schema.String)
}) {}

const reading = (sensor: string, celsius: number) => new Reading({ sensor, at: new Date(1000), celsius })

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

const retained = { from: "oldest", follow: false } as const

const withPool = <A, E>(use: (pool: Pool) => Effect.Effect<A, E, Pools>) =>
  Effect.flatMap(Pools, (pools) => Effect.flatMap(pools.open("readings", { create: true }), use)).pipe(
    Effect.scoped,
    Effect.provide(MemoryPools.layer())
  )

describe("TypedPool", () => {
  it.effect("stores the encoded side and gives back values of the class, with the receipt", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const readings = TypedPool.make(pool, Reading)
        const receipt = yield* readings.append(reading("roof", 21.5), { tags: ["weather"] })
        assert.deepStrictEqual((yield* pool.get(1)).data, {
          sensor: "roof",
          at: "1970-01-01T00:00:01.000Z",
          celsius: "21.5"
        })
        const message = yield* readings.get(receipt.seq)
        assert.instanceOf(message.data, Reading)
        assert.deepStrictEqual(message.data, reading("roof", 21.5))
        assert.strictEqual(message.time, receipt.time)
        assert.deepStrictEqual(message.tags, ["weather"])
      })
    )
  )

  it.effect("appends all or nothing, and a stream through a sink", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const readings = TypedPool.make(pool, Reading)
        const bad = { ...reading("roof", 1), sensor: "" } as Reading
        const refused = yield* Effect.either(readings.appendAll([{ data: reading("roof", 1) }, { data: bad }]))
        assert.isTrue(Either.isLeft(refused))
        assert.strictEqual((yield* pool.info).metrics.messageCount, 0)

        const receipts = yield* readings.appendAll([{ data: reading("a", 1), tags: ["x"] }, { data: reading("b", 2) }])
        assert.deepStrictEqual(
          receipts.map(({ seq, tags }) => [seq, tags]),
          [
            [1, ["x"]],
            [2, []]
          ]
        )
        const count = yield* Stream.run(
          Stream.make({ data: reading("c", 3) }, { data: reading("d", 4) }),
          readings.sink()
        )
        assert.strictEqual(count, 2)
        const sensors = (yield* collect(readings.tail(retained))).map(({ data }) => data.sensor)
        assert.deepStrictEqual(sensors, ["a", "b", "c", "d"])
      })
    )
  )

  it.effect(
    "calls a function with each decoded message; what does not fit ends it, is passed over, or is told in its place",
    () =>
      withPool((pool) =>
        Effect.gen(function* () {
          const readings = TypedPool.make(pool, Reading)
          yield* readings.append(reading("a", 1))
          yield* pool.append({ sensor: 7 })
          yield* readings.append(reading("b", 2))
          const heard: Array<string> = []
          const note = ({ data }: TypedPool.TypedMessage<Reading>) => void heard.push(data.sensor)
          const mismatch = yield* Effect.flip(readings.forEach(note, retained))
          assert.instanceOf(mismatch, TypedPool.SchemaMismatch)
          assert.strictEqual((mismatch as TypedPool.SchemaMismatch).received.seq, 2)
          assert.deepStrictEqual(heard.splice(0), ["a"])

          yield* readings.forEach(note, { ...retained, onMismatch: "skip" })
          assert.deepStrictEqual(heard.splice(0), ["a", "b"])

          yield* readings.forEach(note, {
            ...retained,
            onMismatch: ({ received }) =>
              Effect.zipRight(
                Effect.yieldNow(),
                Effect.sync(() => void heard.push(`no ${received.seq}`))
              )
          })
          assert.deepStrictEqual(heard.splice(0), ["a", "no 2", "b"])

          const stop = readings.forEach(note, { ...retained, onMismatch: () => Effect.fail("stop" as const) })
          assert.strictEqual(yield* Effect.flip(stop), "stop")
          assert.deepStrictEqual(heard.splice(0), ["a"])

          const thrown = new Error("mine")
          const dies = readings.forEach(() => {
            throw thrown
          }, retained)
          assert.deepStrictEqual(Cause.squash(yield* Effect.flip(Effect.sandbox(dies))), thrown)

          const onMismatch = "ignore" as "skip"
          for (const refused of [
            yield* Effect.flip(readings.forEach(note, { ...retained, onMismatch })),
            yield* Effect.flip(Stream.runDrain(readings.tail({ ...retained, onMismatch })))
          ]) {
            assert.strictEqual(refused.reason, "Usage")
            assert.include(`${refused.message} ${refused.hint}`, '"ignore"')
          }
          assert.deepStrictEqual(heard, [])
        })
      )
  )

  it.effect("the function is called with what a schema decodes by waiting, in order, and live", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const Slow = Schema.transformOrFail(Schema.Struct({ n: Schema.Number }), Schema.Struct({ n: Schema.Number }), {
          strict: true,
          decode: ({ n }) => Effect.as(Effect.yieldNow(), { n: n * 10 }),
          encode: ({ n }) => Effect.succeed({ n: n / 10 })
        })
        const slow = TypedPool.make(pool, Slow)
        const heard: Array<number> = []
        const three = yield* Deferred.make<void>()
        const fiber = yield* Effect.fork(
          slow.forEach(
            ({ data }) => {
              if (heard.push(data.n) === 3) Deferred.unsafeDone(three, Effect.void)
            },
            { from: "oldest" }
          )
        )
        yield* slow.appendAll([{ data: { n: 10 } }, { data: { n: 20 } }])
        yield* slow.append({ n: 30 })
        yield* Deferred.await(three)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(heard, [10, 20, 30])
      })
    )
  )

  it.effect("ends at what does not fit, after all that came before it, and names it", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const readings = TypedPool.make(pool, Reading)
        yield* readings.append(reading("roof", 1))
        yield* pool.append({ sensor: "roof", at: "no date", celsius: "2" }, { tags: ["odd"] })
        yield* readings.append(reading("roof", 3))
        const seen: Array<number> = []
        const mismatch = yield* Effect.flip(
          Stream.runForEach(readings.tail(retained), ({ seq }) => Effect.sync(() => seen.push(seq)))
        )
        assert.deepStrictEqual(seen, [1])
        assert.strictEqual(mismatch._tag, "SchemaMismatch")
        if (mismatch._tag !== "SchemaMismatch") return
        assert.strictEqual(mismatch.received.seq, 2)
        assert.match(mismatch.message, /^message 2 of pool readings does not fit its schema: .*"at"/s)
        assert.strictEqual((yield* Effect.flip(readings.get(2)))._tag, "SchemaMismatch")
        assert.strictEqual((yield* Effect.flip(readings.get(9)))._tag, "PoolError")
      })
    )
  )

  it.effect("passes over what does not fit, tells a function, or keeps it in a dead-letter pool", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const readings = TypedPool.make(pool, Reading)
        yield* readings.append(reading("roof", 1))
        yield* pool.append({ other: true }, { tags: ["odd"] })
        yield* readings.append(reading("roof", 3))
        const seqs = (messages: ReadonlyArray<{ readonly seq: number }>) => messages.map(({ seq }) => seq)

        assert.deepStrictEqual(seqs(yield* collect(readings.tail({ ...retained, onMismatch: "skip" }))), [1, 3])

        const told: Array<number> = []
        const onMismatch = ({ received }: TypedPool.SchemaMismatch) => Effect.sync(() => void told.push(received.seq))
        assert.deepStrictEqual(seqs(yield* collect(readings.replay({ onMismatch }))), [1, 3])
        assert.deepStrictEqual(told, [2])

        const pools = yield* Pools
        const dead = yield* pools.open("dead", { create: true })
        const kept = readings.tail({ ...retained, onMismatch: TypedPool.deadLetter(dead) })
        assert.deepStrictEqual(seqs(yield* collect(kept)), [1, 3])
        const letter = yield* dead.get(1)
        assert.deepStrictEqual(letter.tags, ["odd", TypedPool.deadLetterTag])
        const { problem, ...rest } = letter.data
        const { time } = yield* pool.get(2)
        assert.deepStrictEqual(rest, { pool: "readings", seq: 2, time, tags: ["odd"], data: { other: true } })
        assert.match(String(problem), /"sensor"/)
      }).pipe(Effect.scoped)
    )
  )

  it.effect("reads messages of an older shape through a schema that knows both", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const First = Schema.Struct({ name: Schema.String })
        const Second = Schema.Struct({ version: Schema.Literal(2), first: Schema.String, last: Schema.String })
        const upgraded = Schema.transform(First, Schema.typeSchema(Second), {
          strict: true,
          decode: ({ name }) => {
            const [first = "", ...rest] = name.split(" ")
            return { version: 2 as const, first, last: rest.join(" ") }
          },
          encode: ({ first, last }) => ({ name: `${first} ${last}` })
        })
        yield* TypedPool.make(pool, First).append({ name: "Ada Lovelace" })
        const people = TypedPool.make(pool, Schema.Union(Second, upgraded))
        yield* people.append({ version: 2, first: "Grace", last: "Hopper" })
        assert.deepStrictEqual(
          (yield* collect(people.tail(retained))).map(({ data }) => data.last),
          ["Lovelace", "Hopper"]
        )
        // New messages are written in the new shape.
        assert.deepStrictEqual((yield* pool.get(2)).data, { version: 2, first: "Grace", last: "Hopper" })
      })
    )
  )

  it.live("decodes with services and asynchronously, in order, also across a mismatch", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        class Names extends Context.Tag("Names")<Names, ReadonlyMap<number, string>>() {}
        const Named = Schema.Struct({
          user: Schema.transformOrFail(Schema.Number, Schema.String, {
            strict: true,
            decode: (id) =>
              Effect.delay(
                Effect.map(Names, (names) => names.get(id) ?? "nobody"),
                "1 millis"
              ),
            encode: () => Effect.succeed(0)
          })
        })
        yield* pool.appendAll([{ data: { user: 1 } }, { data: { user: "x" } }, { data: { user: 2 } }])
        const users = TypedPool.make(pool, Named).tail({ ...retained, onMismatch: "skip" })
        const names = Context.make(
          Names,
          new Map([
            [1, "ada"],
            [2, "grace"]
          ])
        )
        assert.deepStrictEqual(
          (yield* Effect.provide(collect(users), names)).map(({ data }) => data.user),
          ["ada", "grace"]
        )
      })
    )
  )

  it.effect("keeps integers of 64 bits where the schema has them", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const counters = TypedPool.make(pool, Schema.Struct({ count: Schema.BigIntFromSelf }))
        yield* counters.append({ count: 9007199254740993n })
        const { data } = yield* counters.get(1, { integers: "bigint" })
        assert.strictEqual(data.count, 9007199254740993n)
        const [last] = yield* collect(counters.tail({ ...retained, integers: "bigint" }))
        assert.deepStrictEqual(Option.fromNullable(last?.data.count), Option.some(9007199254740993n))
      })
    )
  )
})
