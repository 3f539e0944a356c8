/**
 * Appends with keys on a simulated machine: processes that die in the middle, forget how far they came and append everything
 * again, beside others that do the same. One message for each key is what may come of it.
 */
import { assert, describe, it } from "vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Chance, simulateOrThrow, Simulation } from "../../layers/simulated/Simulation.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"

const keyCount = 12
const writerCount = 3
const nothing = Logger.replace(Logger.defaultLogger, Logger.none)

interface Outcome {
  /** The keys of the messages that are left, in order; undefined for one without. */
  readonly keys: ReadonlyArray<string | undefined>
  readonly oldest: number
  readonly receipts: ReadonlyArray<{ readonly key: string; readonly seq: number }>
  readonly deaths: number
  readonly repeats: number
}

const keysLeft = (pool: Pool): Effect.Effect<ReadonlyArray<string | undefined>, PoolError> =>
  Effect.map(Stream.runCollect(pool.tail({ from: "oldest", follow: false })), (messages) =>
    Chunk.toReadonlyArray(messages).map(({ tags }) => tags.find((tag) => tag.startsWith("key:"))?.slice(4))
  )

/** Everybody appends all keys, some in batches and with others in between, until nobody dies on the way any more. */
const race = (seed: number, sizeBytes: number): Effect.Effect<Outcome, PoolError, Pools | Simulation | Scope.Scope> =>
  Effect.gen(function* () {
    const pools = yield* Pools
    const simulation = yield* Simulation
    const chance = new Chance(seed ^ 0x5eed)
    const receipts: Array<Outcome["receipts"][number]> = []
    let deaths = 0
    let repeats = 0
    yield* pools.create("pool", { sizeBytes, indexCapacity: chance.pick([0, 4, 64]) })
    const acknowledge = (key: string, receipt: { readonly seq: number; readonly repeated: boolean }): void => {
      receipts.push({ key, seq: receipt.seq })
      if (receipt.repeated) repeats++
    }
    const durability = chance.pick(["fast", "flush"] as const)
    const write = (own: Chance): Effect.Effect<void, PoolError, Scope.Scope> =>
      Effect.gen(function* () {
        const pool = yield* pools.open("pool")
        for (let key = 0; key < keyCount;) {
          if (own.oneIn(4)) yield* pool.append({ filler: "x".repeat(own.below(80)) }, { durability })
          const batch = Math.min(own.between(1, 3), keyCount - key)
          const messages = Array.from({ length: batch }, (_, index) => ({
            data: { text: "y".repeat(own.below(60)) },
            key: `k${key + index}`
          }))
          const done =
            batch === 1
              ? [yield* pool.append(messages[0]!.data, { key: messages[0]!.key, durability })]
              : yield* pool.appendAll(messages, { durability })
          for (const [index, receipt] of done.entries()) acknowledge(messages[index]!.key, receipt)
          key += batch
        }
      })
    const keepAlive = (index: number): Effect.Effect<void, PoolError> =>
      Effect.gen(function* () {
        for (let lives = chance.between(1, 4); ; lives--) {
          const own = new Chance(chance.below(2 ** 30))
          const { end, process } = yield* simulation.spawn(`writer ${index}`, Effect.scoped(write(own)))
          if (lives > 0) {
            process.dieAtStore(chance.between(1, 60))
            if (chance.oneIn(3))
              yield* Effect.fork(
                Effect.delay(
                  Effect.sync(() => process.kill()),
                  chance.below(30)
                )
              )
          }
          const how = yield* end
          if (how === "killed") deaths++
          else return yield* how
        }
      })
    yield* Effect.forEach(
      Array.from({ length: writerCount }, (_, index) => index),
      keepAlive,
      {
        concurrency: "unbounded",
        discard: true
      }
    )
    const pool = yield* pools.open("pool")
    const { bounds } = yield* pool.info
    return { keys: yield* keysLeft(pool), oldest: bounds.oldest ?? 1, receipts, deaths, repeats }
  }).pipe(Effect.provide(nothing))

const runRace = (seed: number, sizeBytes: number): Outcome =>
  simulateOrThrow({
    seed,
    access: seed % 2 === 0 ? "mapped" : "positional",
    interleaveOneIn: [2, 4, 8][seed % 3]!,
    program: race(seed, sizeBytes)
  })

const twice = (keys: ReadonlyArray<string | undefined>): ReadonlyArray<string | undefined> =>
  keys.filter((key, index) => key !== undefined && keys.indexOf(key) !== index)

describe("appends with keys", () => {
  it("become one message each, whoever dies and tries again, and all receipts name it", { timeout: 120_000 }, () => {
    let deaths = 0
    let repeats = 0
    for (let seed = 1; seed <= 120; seed++) {
      const outcome = runRace(seed, 256 * 1024)
      deaths += outcome.deaths
      repeats += outcome.repeats
      assert.strictEqual(outcome.oldest, 1)
      assert.deepStrictEqual(twice(outcome.keys), [], `seed ${seed}`)
      assert.strictEqual(outcome.keys.filter((key) => key !== undefined).length, keyCount)
      for (const { key, seq } of outcome.receipts)
        assert.strictEqual(outcome.keys[seq - 1], key, `seed ${seed}: ${seq}`)
    }
    assert.isAbove(deaths, 150)
    assert.isAbove(repeats, 1000)
  })

  it("in a ring that drops them are never there twice at a time", { timeout: 120_000 }, () => {
    let dropped = 0
    for (let seed = 1; seed <= 120; seed++) {
      const { keys, oldest } = runRace(seed, 4096 + 16 * 64 + 2400 + 8 * (seed % 20))
      assert.deepStrictEqual(twice(keys), [], `seed ${seed}`)
      if (oldest > 1) dropped++
    }
    assert.isAbove(dropped, 100)
  })

  it("repeated with durability `flush` are on the disk, though the first append waited for none", () => {
    for (const access of ["mapped", "positional"] as const) {
      for (let seed = 1; seed <= 40; seed++) {
        const program = Effect.gen(function* () {
          const pools = yield* Pools
          const simulation = yield* Simulation
          yield* pools.create("pool", { sizeBytes: 64 * 1024 })
          const write = Effect.scoped(
            Effect.gen(function* () {
              const pool = yield* pools.open("pool")
              for (let n = 0; n < 20; n++) yield* pool.append({ n, text: "z".repeat(500) }, { key: `k${n}` })
              return (yield* pool.append({}, { key: "k7", durability: "flush" })).seq
            })
          )
          const { end } = yield* simulation.spawn("writer", write)
          assert.deepInclude(yield* end, { value: 8 })
          yield* simulation.powerLoss
          const pool = yield* pools.open("pool")
          assert.deepStrictEqual((yield* pool.get(8)).data["n"], 7)
          assert.isTrue((yield* pool.append({}, { key: "k7" })).repeated)
        })
        simulateOrThrow({ seed, access, program: Effect.provide(program, nothing) })
      }
    }
  })
})
