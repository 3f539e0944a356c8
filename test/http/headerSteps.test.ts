// What pages and histograms are made of, on an engine that can look at headers and on one that must read.
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { assert, describe, it } from "vitest"
import { firstNotBefore } from "../../http/history/findTime.js"
import { breathe, visitHeaders } from "../../http/history/headerSteps.js"
import { histogram } from "../../http/history/histogram.js"
import { parsePageRequest } from "../../http/history/pageRequest.js"
import { readPage } from "../../http/history/readPage.js"
import * as MemoryPools from "../../layers/MemoryPools.js"
import type { EncodedPool } from "../../src/EncodedPool.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"

const withPool = (
  sizeBytes: number,
  body: (pool: Pool) => Effect.Effect<void, PoolError, Scope.Scope>
): Promise<void> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const pools = yield* Pools
      yield* body(yield* pools.open("p", { create: { sizeBytes } }))
    }).pipe(Effect.scoped, Effect.provide(MemoryPools.layer()))
  )

const fill = (pool: Pool, count: number) => pool.appendAll(Array.from({ length: count }, (_, n) => ({ data: { n } })))

const withoutHeaders = (pool: EncodedPool): EncodedPool => {
  const { headers: _, ...rest } = pool
  return rest
}

const visited = (pool: EncodedPool, from: number, through: number, most = Number.POSITIVE_INFINITY) =>
  Effect.suspend(() => {
    const seqs: Array<number> = []
    return Effect.as(
      visitHeaders(pool, from, through, (seq) => seqs.push(seq) < most),
      seqs
    )
  })

describe("looking at headers", () => {
  it("visits what is asked for and retained, no more", () =>
    withPool(16 * 1024, (pool) =>
      Effect.gen(function* () {
        for (let round = 0; round < 20; round++) yield* fill(pool, 20)
        const { newest = 0, oldest = 0 } = (yield* pool.info).bounds
        assert.isAbove(oldest, 10)
        for (const engine of [pool.encoded, withoutHeaders(pool.encoded)]) {
          assert.deepStrictEqual(yield* visited(engine, 1, oldest - 1), [])
          assert.deepStrictEqual(yield* visited(engine, 1, oldest + 1), [oldest, oldest + 1])
          assert.deepStrictEqual(yield* visited(engine, newest - 1, newest + 9), [newest - 1, newest])
          assert.deepStrictEqual(yield* visited(engine, oldest, newest, 3), [oldest, oldest + 1, oldest + 2])
          assert.deepStrictEqual(yield* visited(engine, newest + 1, newest), [])
        }
      })
    ))

  it("lets others have a turn on a long way", () =>
    withPool(8 * 1024 * 1024, (pool) =>
      Effect.gen(function* () {
        for (let round = 0; round < 10; round++) yield* fill(pool, 1000)
        let turns = 0
        yield* Effect.forkScoped(Effect.forever(Effect.tap(breathe, () => Effect.sync(() => turns++))))
        assert.lengthOf(yield* visited(pool.encoded, 1, 10_000), 10_000)
        assert.isAbove(turns, 5)
      })
    ))

  it("finds the message of each time, whichever engine looks", () =>
    withPool(256 * 1024, (pool) =>
      Effect.gen(function* () {
        const times: Array<bigint> = []
        for (let n = 0; n < 40; n++) {
          yield* pool.append({ n })
          const { timestampHigh, timestampLow } = yield* pool.encoded.get(n + 1)
          times.push((BigInt(timestampHigh) << 32n) | BigInt(timestampLow))
        }
        assert.strictEqual(new Set(times).size, 40)
        for (const engine of [pool.encoded, withoutHeaders(pool.encoded)]) {
          for (const [index, time] of times.entries()) {
            assert.strictEqual(yield* firstNotBefore(engine, 1, 40, time), index + 1)
            assert.strictEqual(yield* firstNotBefore(engine, 1, 40, time + 1n), index + 2)
          }
          assert.strictEqual(yield* firstNotBefore(engine, 1, 40, 0n), 1)
        }
      })
    ))

  it("makes the same pages and the same histogram of both", () =>
    withPool(256 * 1024, (pool) =>
      Effect.gen(function* () {
        for (let round = 0; round < 30; round++) yield* fill(pool, 10)
        const reading = withoutHeaders(pool.encoded)
        for (const query of ["", "limit=7&after_seq=33", "limit=7&before_seq=44", "since=1h&until=0ms"]) {
          const request = parsePageRequest(query, { serverWhere: true }, Date.now())
          assert.strictEqual(yield* readPage(reading, request), yield* readPage(pool.encoded, request), query)
        }
        assert.deepStrictEqual(yield* histogram(reading, 9), yield* histogram(pool.encoded, 9))
      })
    ))
})
