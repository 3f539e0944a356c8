/**
 * What `Pool.forEach` has to do, whatever the pool stands on: the messages of a tail, by a plain function.
 */
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { ForEachOptions, Pool } from "../../src/Pool.js"
import { Pools } from "../../src/Pools.js"
import type { ContractOptions } from "./poolsContract.js"
import { damageSecondOfThree, type Everything, failure, verifiedTest } from "./everyPools.js"

const fill = (pool: Pool, count: number, from = 1) =>
  pool.appendAll(
    Array.from({ length: count }, (_, index) => {
      const n = from + index
      return { data: { n }, tags: n % 2 === 0 ? ["even"] : ["odd"] }
    })
  )

/** What a reader was told, in order: numbers of messages, and what became of others. */
type Told = Array<number | string>

const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.sleep(2).pipe(
    Effect.repeat({ until: condition }),
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => new Error("nothing more came") }),
    Effect.orDie,
    Effect.asVoid
  )

const telling = (told: Told): ForEachOptions => ({
  onGap: ({ expected, found }) => Effect.sync(() => void told.push(`gap ${expected}-${found - 1}`)),
  onDamage: ({ seq }) => Effect.sync(() => void told.push(`damage ${seq}`))
})

export interface ForEachContractOptions extends ContractOptions {
  /** Announcements reach waiters of the same process. */
  readonly announces?: boolean
}

export const forEachContract = (
  name: string,
  makeLayer: () => Layer.Layer<Everything>,
  options: ForEachContractOptions = {}
): void => {
  const test = verifiedTest(makeLayer)

  describe(`forEach: ${name}`, () => {
    test(
      "gives what a tail gives, whatever is asked for, and ends where it ends",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("same", { create: true })
        yield* fill(pool, 1500)
        yield* fill(pool, 1500, 1501)
        const asked: ReadonlyArray<ForEachOptions> = [
          { from: "oldest" },
          { from: "now" },
          { from: { seq: 2990 } },
          { from: { last: 7 } },
          { from: { last: 7 }, tags: ["even"] },
          { from: "oldest", tags: ["even"], where: [".data.n > 2000"] },
          { from: "oldest", tags: ["nobody"] },
          { from: "oldest", where: ['.data.n | tostring | test("77$")'] }
        ]
        for (const selection of asked) {
          const bounded = { ...selection, follow: false }
          const tailed = Chunk.toReadonlyArray(yield* Stream.runCollect(pool.tail(bounded)))
          const given: Array<unknown> = []
          yield* pool.forEach((message) => given.push(message), bounded)
          assert.deepStrictEqual(given, [...tailed], JSON.stringify(selection))
        }
      })
    )

    test(
      "follows: what any handle appends later comes in order, each once, the filters applied",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("live", { create: true })
        const other = yield* pools.open("live")
        yield* fill(pool, 3)
        const all: Told = []
        const even: Told = []
        const some: Told = []
        const note = (told: Told) => (message: { readonly seq: number }) => void told.push(message.seq)
        const readers = yield* Effect.forkAll([
          pool.forEach(note(all), { from: { seq: 3 } }),
          pool.forEach(note(even), { from: { seq: 2 }, tags: ["even"] }),
          pool.forEach(note(some), { from: { seq: 1 }, where: [".data.n % 5 == 1"] })
        ])
        yield* until(() => all.length === 1 && even.length === 1 && some.length === 1)
        for (let n = 4; n <= 12; n++) {
          yield* fill(n % 3 === 0 ? other : pool, 1, n)
          if (n % 4 === 0) yield* Effect.sleep(30)
        }
        yield* until(() => all.length >= 10 && even.length >= 6 && some.length >= 3)
        yield* Fiber.interrupt(readers)
        assert.deepStrictEqual(all, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        assert.deepStrictEqual(even, [2, 4, 6, 8, 10, 12])
        assert.deepStrictEqual(some, [1, 6, 11])
        yield* fill(pool, 3, 13)
        yield* Effect.sleep(30)
        assert.strictEqual(all.length, 10, "nobody is called after an interruption")
      })
    )

    test(
      "tells of a gap in its place, and ends with it if asked to",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("gaps", { create: { sizeBytes: 16384 } })
        yield* fill(pool, 500)
        const { oldest = 0 } = (yield* pool.info).bounds
        const told: Told = []
        yield* pool.forEach(({ seq }) => told.push(seq), { ...telling(told), from: { seq: 1 }, follow: false })
        const retained = Array.from({ length: 501 - oldest }, (_, index) => oldest + index)
        assert.deepStrictEqual(told, [`gap 1-${oldest - 1}`, ...retained])
        const failed = yield* failure(pool.forEach(() => {}, { from: { seq: 1 }, onGap: "fail", follow: false }))
        assert.deepStrictEqual([failed.reason, failed.seq], ["RetentionGap", 1])
      })
    )

    test(
      "a policy that is none is refused before anything is read, or a cursor made",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("policies", { create: true })
        yield* fill(pool, 3)
        const onGap = "fial" as "fail"
        const onDamage = "skpi" as "skip"
        const bounded = { from: "oldest", follow: false } as const
        const handled: Told = []
        const note = ({ seq }: { readonly seq: number }) => void handled.push(seq)
        for (const [bad, value, words] of [
          [{ onGap }, '"fial"', '"continue", "fail"'],
          [{ onDamage }, '"skpi"', '"fail", "skip"']
        ] as const) {
          for (const refused of [
            yield* failure(pool.forEach(note, { ...bounded, ...bad })),
            yield* failure(
              Stream.runForEach(pool.tail({ ...bounded, ...bad }), (message) => Effect.sync(() => note(message)))
            ),
            yield* failure(Stream.runDrain(pool.tail({ ...bounded, ...bad, cursor: "made" }))),
            yield* failure(Stream.runDrain(pool.replay({ ...bad })))
          ]) {
            assert.deepStrictEqual(refused.reason, "Usage")
            assert.include(refused.message, value)
            assert.include(refused.hint, words)
          }
        }
        assert.deepStrictEqual(handled, [])
        assert.deepStrictEqual(yield* pool.encoded.cursors.list, [])
      })
    )

    test(
      "passes over damage, tells of it in its place, or ends with it",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("damaged", { create: true })
        yield* pool.appendAll([1, 2, 3].map((n) => ({ data: { n } })))
        yield* damageSecondOfThree(pool)
        const told: Told = []
        const note = ({ seq }: { readonly seq: number }) => void told.push(seq)
        const bounded = { from: "oldest", follow: false } as const
        const failed = yield* failure(pool.forEach(note, bounded))
        assert.deepStrictEqual([failed.reason, failed.seq], ["Corrupt", 2])
        yield* pool.forEach(note, { ...bounded, onDamage: "skip" })
        yield* pool.forEach(note, { ...telling(told), ...bounded })
        assert.deepStrictEqual(told, [1, 1, 3, 1, "damage 2", 3])
      })
    )

    test(
      "what the function throws is a defect of this effect, and of nobody else's",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("thrown", { create: true })
        yield* fill(pool, 1)
        const told: Told = []
        const thrown = new Error("not this one")
        const throwing = yield* Effect.fork(
          pool.forEach(
            ({ seq }) => {
              if (seq === 3) throw thrown
              told.push(seq)
            },
            { from: "oldest" }
          )
        )
        const others: Told = []
        const other = yield* Effect.fork(pool.forEach(({ seq }) => others.push(seq), { from: "oldest" }))
        yield* until(() => told.length === 1 && others.length === 1)
        for (let n = 2; n <= 4; n++) assert.strictEqual((yield* pool.append({ n })).seq, n)
        const exit = yield* Fiber.await(throwing)
        yield* until(() => others.length === 4)
        yield* Fiber.interrupt(other)
        assert.isTrue(Exit.isFailure(exit) && Array.from(Cause.defects(exit.cause)).includes(thrown))
        assert.deepStrictEqual(
          [told, others],
          [
            [1, 2],
            [1, 2, 3, 4]
          ]
        )
      })
    )

    test(
      "the function may append to the same pool; that comes behind what it was called with",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("echo", { create: true })
        const told: Told = []
        const reader = yield* Effect.fork(
          pool.forEach(
            ({ data, seq }) => {
              const n = Number(data["n"])
              told.push(`begin ${seq}`)
              if (n < 4) Effect.runFork(fill(pool, 1, n + 1))
              told.push(`end ${seq}`)
            },
            { from: { seq: 1 } }
          )
        )
        yield* fill(pool, 1)
        yield* until(() => told.length >= 8)
        yield* Fiber.interrupt(reader)
        assert.deepStrictEqual(
          told,
          [1, 2, 3, 4].flatMap((seq) => [`begin ${seq}`, `end ${seq}`])
        )
      })
    )

    if (options.announces === true) {
      test(
        "is called within an append of this process, before any fiber has its turn",
        Effect.gen(function* () {
          const pool = yield* (yield* Pools).open("soon", { create: true })
          const told: Told = []
          const reader = yield* Effect.fork(pool.forEach(({ seq }) => told.push(seq), { from: { seq: 1 } }))
          yield* fill(pool, 1)
          yield* until(() => told.length === 1)
          yield* Effect.sleep(20)
          yield* Effect.sync(() => {
            Effect.runSync(pool.append({ n: 2 }))
            assert.deepStrictEqual(told, [1, 2])
          })
          yield* Fiber.interrupt(reader)
        })
      )
    }

    if (options.remote !== true) {
      test(
        "a pool removed while it is followed ends it with NotFound",
        Effect.gen(function* () {
          const pools = yield* Pools
          const pool = yield* pools.open("gone", { create: true })
          yield* fill(pool, 2)
          const told: Told = []
          const reader = yield* Effect.fork(failure(pool.forEach(({ seq }) => told.push(seq), { from: "oldest" })))
          yield* until(() => told.length === 2)
          yield* pools.remove("gone")
          assert.strictEqual((yield* Fiber.join(reader)).reason, "NotFound")
        })
      )
    }
  })
}
