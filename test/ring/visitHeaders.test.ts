// Headers are visited in steps that are short, however long the way is.
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"
import * as MemoryPools from "../../layers/MemoryPools.js"
import type { HeadersVisited, PoolHeaders } from "../../src/EncodedPool.js"
import type { Pool } from "../../src/Pool.js"
import { Pools } from "../../src/Pools.js"

const withPool = (
  sizes: { readonly sizeBytes: number; readonly indexCapacity: number },
  body: (pool: Pool, headers: PoolHeaders) => void
): Promise<void> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const pools = yield* Pools
      const pool = yield* pools.open("p", { create: sizes })
      body(pool, pool.encoded.headers!)
    }).pipe(Effect.scoped, Effect.provide(MemoryPools.layer()))
  )

const fill = (pool: Pool, count: number): void => {
  const messages = Array.from({ length: count }, (_, n) => ({ data: { n } }))
  Effect.runSync(pool.appendAll(messages))
}

const numbers = (headers: PoolHeaders, from: number, most: number): { seqs: Array<number>; next: HeadersVisited } => {
  const seqs: Array<number> = []
  const next = headers.visit(from, most, (seq) => seqs.push(seq) > 0)
  return { seqs, next }
}

describe("visiting headers", () => {
  it("gives each retained message once, in order, so many at a time", () =>
    withPool({ sizeBytes: 1024 * 1024, indexCapacity: 512 }, (pool, headers) => {
      assert.deepStrictEqual(numbers(headers, 1, 10), { seqs: [], next: "end" })
      fill(pool, 100)
      assert.deepStrictEqual(numbers(headers, 1, 3), { seqs: [1, 2, 3], next: 4 })
      assert.deepStrictEqual(numbers(headers, 99, 10), { seqs: [99, 100], next: 101 })
      assert.deepStrictEqual(numbers(headers, 500, 10), { seqs: [], next: "end" })
      const once: Array<number> = []
      assert.strictEqual(
        headers.visit(7, 50, (seq) => once.push(seq) < 2),
        9
      )
      assert.deepStrictEqual(once, [7, 8])
    }))

  it("tells time and length as a message has them", () =>
    withPool({ sizeBytes: 64 * 1024, indexCapacity: 64 }, (pool, headers) => {
      fill(pool, 5)
      const stored = Effect.runSync(pool.encoded.get(3))
      headers.visit(3, 1, (seq, low, high, bytes) => {
        assert.deepStrictEqual(
          [seq, low, high, bytes],
          [3, stored.timestampLow, stored.timestampHigh, stored.payload.length]
        )
        return true
      })
    }))

  it("begins with the oldest where older ones were overwritten", () =>
    withPool({ sizeBytes: 16 * 1024, indexCapacity: 16 }, (pool, headers) => {
      for (let round = 0; round < 20; round++) fill(pool, 20)
      const { newest, oldest } = headers.fill().bounds
      const { next, seqs } = numbers(headers, 1, 10_000)
      assert.deepStrictEqual([seqs[0], seqs.at(-1), next], [oldest, newest, newest! + 1])
      assert.strictEqual(seqs.length, newest! - oldest! + 1)
    }))

  it("goes a long way without an index in steps, each of which leads on", () =>
    withPool({ sizeBytes: 4 * 1024 * 1024, indexCapacity: 0 }, (pool, headers) => {
      fill(pool, 10_000)
      const way = 9000 - headers.fill().bounds.oldest!
      assert.isAbove(way, 5000)
      let steps = 0
      let found = numbers(headers, 9000, 500)
      for (; found.seqs.length === 0; found = numbers(headers, 9000, 500)) {
        assert.strictEqual(found.next, 9000)
        steps++
      }
      assert.isAtLeast(steps, way / 500 - 1)
      assert.isAtMost(steps, way / 480 + 1)
      assert.deepStrictEqual([found.seqs[0], found.seqs.length], [9000, 500])
      // The way is marked now.
      assert.deepStrictEqual(numbers(headers, 8990, 1).seqs, [8990])
    }))
})

describe("a bounded tail", () => {
  it("ends with the message it was told", () =>
    withPool({ sizeBytes: 64 * 1024, indexCapacity: 64 }, (pool) => {
      fill(pool, 50)
      const read = (through: number): ReadonlyArray<number> =>
        Chunk.toReadonlyArray(
          Effect.runSync(Stream.runCollect(pool.encoded.tail({ from: { seq: 3 }, through, follow: false })))
        ).flatMap(({ messages }) => messages.map(({ seq }) => seq))
      assert.deepStrictEqual(read(7), [3, 4, 5, 6, 7])
      assert.deepStrictEqual([read(99).length, read(99).at(-1)], [48, 50])
      assert.deepStrictEqual(read(2), [])
    }))
})
