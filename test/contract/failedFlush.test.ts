/**
 * After a flush that failed nobody knows what is on the disk. The handle appends no more; its readers, and everybody
 * else, go on; who opens the pool again walks all of it first.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import { afterAll } from "vitest"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import * as MemoryPoolLock from "../../layers/MemoryPoolLock.js"
import * as MemoryPoolNotify from "../../layers/MemoryPoolNotify.js"
import * as MemoryPoolStorage from "../../layers/MemoryPoolStorage.js"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import * as PollPoolNotify from "../../layers/PollPoolNotify.js"
import { Durability, type Barrier } from "../../src/Durability.js"
import type { Pool } from "../../src/Pool.js"
import * as PoolConfig from "../../src/PoolConfig.js"
import { PoolError } from "../../src/PoolError.js"
import * as Pools from "../../src/Pools.js"
import { PoolStorage } from "../../src/PoolStorage.js"

const root = fs.mkdtempSync(`${os.tmpdir()}/failed-flush-`)
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

/** A disk whose flushes can be counted, and made to fail at a given one. */
class Disk {
  flushed: Array<number> = []
  failAt = Number.POSITIVE_INFINITY

  readonly barrier: Barrier = (file, offset, length) => {
    this.flushed.push(offset)
    if (this.flushed.length === this.failAt)
      throw new PoolError({ reason: "Io", message: "cannot flush: the disk reported an error", path: file.path })
    file.sync(offset, length)
  }

  readonly layer = Layer.succeed(Durability, {
    barrier: (mode) => Effect.succeed(mode === "flush" ? this.barrier : undefined)
  })
}

const storages = {
  "mapped files": Layer.mergeAll(MmapPoolStorage.layer, OsPoolLock.layer, PollPoolNotify.layer),
  "positional files": Layer.mergeAll(FilePoolStorage.layer, OsPoolLock.layer, PollPoolNotify.layer),
  memory: Layer.mergeAll(MemoryPoolStorage.layer, MemoryPoolLock.layer, MemoryPoolNotify.layer)
}

let directories = 0

const flush = { durability: "flush" } as const

const seqsOf = (pool: Pool) =>
  Effect.map(Stream.runCollect(pool.tail({ from: "oldest", follow: false })), (all) =>
    Chunk.toReadonlyArray(all).map(({ data, seq }) => {
      if (data["n"] !== undefined) assert.strictEqual(data["n"], seq)
      return seq
    })
  )

/** Where the header says which message is the newest and where it is, as advice for whoever opens the pool. */
const advice = (path: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const bytes = new Uint8Array(8)
      ;(yield* (yield* PoolStorage).open(path)).read(136, bytes, 0, 8)
      return new DataView(bytes.buffer).getUint32(0, true)
    })
  )

/** In a full ring an append drops, writes, publishes, and flushes each of the three before the next. */
const steps = ["drop", "frame", "publish"]

for (const [name, storage] of Object.entries(storages)) {
  for (const [index, step] of steps.entries()) {
    describe(`a failed flush after the ${step}: ${name}`, () => {
      it.live("poisons the handle, loses nothing, and spares everybody else", () => {
        const disk = new Disk()
        const config = PoolConfig.layer({ directory: `${root}/${directories++}` })
        const body = Effect.gen(function* () {
          const pools = yield* Pools.Pools
          yield* pools.create("p", { sizeBytes: 8192 })
          const other = yield* pools.open("p")
          const next = yield* Effect.scoped(
            Effect.gen(function* () {
              const pool = yield* pools.open("p")
              let n = 0
              // Until an append is one that drops a message and does not wrap.
              do {
                disk.flushed = []
                n = (yield* pool.append({ n: n + 1 }, flush)).seq
              } while (disk.flushed.length !== 3)
              assert.isTrue(disk.flushed[0] === 0 && disk.flushed[1]! >= 4096 && disk.flushed[2] === 0)
              const { bounds } = yield* pool.info
              assert.strictEqual(yield* advice(pool.path), n)

              disk.flushed = []
              disk.failAt = index + 1
              const failed = yield* Effect.flip(pool.append({ n: n + 1 }, flush))
              assert.strictEqual(disk.flushed.length, index + 1, "nothing is flushed after a failure")
              assert.strictEqual(failed.reason, "Io")
              disk.failAt = Number.POSITIVE_INFINITY

              for (const options of [flush, {}]) {
                const refused = yield* Effect.flip(pool.append({ n: n + 1 }, options))
                assert.deepStrictEqual([refused.reason, refused.path], ["Io", pool.path])
                assert.match(refused.message, /a flush of pool p failed; the pool must be reopened and verified/)
                assert.include(refused.causes?.[0], "the disk reported an error")
                assert.isNotEmpty(refused.hint)
              }
              assert.strictEqual(yield* advice(pool.path), 0)

              // What was acknowledged is there, but for what the append was entitled to drop; it itself may be.
              const retained = yield* seqsOf(pool)
              assert.isAtMost(retained[0]!, bounds.oldest! + 2)
              assert.strictEqual(retained.at(-1), step === "publish" ? n + 1 : n)
              assert.strictEqual(retained.length, retained.at(-1)! - retained[0]! + 1)
              assert.strictEqual((yield* pool.get(n)).seq, n)
              return retained.at(-1)! + 1
            })
          )
          const reopened = yield* pools.open("p")
          const { seq } = yield* reopened.append({ reopened: true }, flush)
          // The failed message was finished when its frame could not be flushed: it may be published after all.
          assert.include(step === "frame" ? [next, next + 1] : [next], seq)
          assert.strictEqual(yield* advice(reopened.path), seq)
          assert.strictEqual((yield* other.append({ n: seq + 1 })).seq, seq + 1)
          const all = yield* seqsOf(reopened)
          assert.strictEqual(all.length, seq + 1 - all[0]! + 1)
          assert.strictEqual((yield* pools.verify("p")).status, "ok")
        })
        return body.pipe(
          Effect.scoped,
          Effect.provide(
            Pools.layer.pipe(Layer.provideMerge(storage), Layer.provide([disk.layer, JqMessageFilter.layer, config]))
          )
        )
      })
    })
  }
}
