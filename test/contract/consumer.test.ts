/**
 * Consumers that resume, on files and in memory; and what happens when the file of a cursor, or the pool below it, is not
 * what it was.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import { afterAll } from "vitest"
import * as PoolServer from "../../http/PoolServer.js"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import * as MemoryPools from "../../layers/MemoryPools.js"
import * as NodePools from "../../layers/NodePools.js"
import * as Consumer from "../../src/Consumer.js"
import type { Gap } from "../../src/EncodedPool.js"
import type { Pool } from "../../src/Pool.js"
import { Pools } from "../../src/Pools.js"
import { consumerContract } from "./consumerContract.js"

const root = fs.mkdtempSync(`${os.tmpdir()}/consumer-contract-`)
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

let directories = 0
const freshDirectory = (): string => `${root}/${directories++}`

consumerContract("mapped files", () => NodePools.layer({ directory: freshDirectory() }))
consumerContract("positional files", () =>
  NodePools.layer({ directory: freshDirectory(), storage: "file", notify: "poll" })
)
consumerContract("memory", () => MemoryPools.layer())
consumerContract("a server", () => remotePools(), "by commit")

const remotePools = () =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const machine = yield* Layer.build(NodePools.layer({ directory: freshDirectory() }))
      const { url } = yield* Effect.provide(
        PoolServer.make({ port: 0, logRequests: "none", maxBodyBytes: 16 * 1024 * 1024 }),
        machine
      )
      return Layer.provide(RemotePools.layer({ url }), JqMessageFilter.layer)
    })
  )

describe("the file of a cursor", () => {
  const onDisk = (
    body: (place: {
      readonly pool: Pool
      readonly file: string
      readonly directory: string
    }) => Effect.Effect<void, unknown, Pools>
  ) => {
    const directory = freshDirectory()
    return Effect.scoped(
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("orders", { create: { sizeBytes: 65536 } })
        for (let n = 1; n <= 10; n++) yield* pool.append({ n })
        const file = `${directory}/orders.plasmite.cursors/billing.cursor`
        yield* body({ pool, file, directory })
      })
    ).pipe(Effect.provide(NodePools.layer({ directory })))
  }

  const consume = (pool: Pool, count: number, onGap: (gap: Gap) => void = () => {}) =>
    Effect.map(
      Stream.runCollect(
        Stream.take(
          pool.tail({ cursor: "billing", follow: false, onGap: (gap) => Effect.sync(() => onGap(gap)) }),
          count
        )
      ),
      (messages) => Chunk.toReadonlyArray(messages).map(({ seq }) => seq)
    )

  const damage = (file: string, offset: number): void => {
    const bytes = fs.readFileSync(file)
    bytes[offset]! ^= 0x40
    fs.writeFileSync(file, bytes)
  }

  it.live("spoilt in its newer record, it is where it was one commit before; in both, it says so", () =>
    onDisk(({ file, pool }) =>
      Effect.gen(function* () {
        yield* consume(pool, 3)
        const generations = [0, 512].map((at) => fs.readFileSync(file).readUInt32LE(at + 8))
        damage(file, generations[0]! > generations[1]! ? 20 : 532)
        assert.deepStrictEqual(yield* consume(pool, 2), [3, 4])
        damage(file, 40)
        damage(file, 552)
        const error = yield* Effect.flip(consume(pool, 1))
        assert.strictEqual((error as { reason?: string }).reason, "Corrupt")
        assert.deepStrictEqual((yield* pool.info).cursors, [{ name: "billing", seq: null, lag: 10, committedAt: null }])
        yield* pool.encoded.cursors.remove("billing")
        assert.deepStrictEqual(yield* consume(pool, 1), [1])
      })
    )
  )

  it.live("goes with the pool, its directory too", () =>
    onDisk(({ directory, pool }) =>
      Effect.gen(function* () {
        yield* consume(pool, 3)
        yield* (yield* Pools).remove("orders")
        assert.deepStrictEqual(fs.readdirSync(directory), [])
      })
    )
  )

  it.live("left behind by a pool that somebody else removed, it finds out that it is ahead of the new one", () =>
    onDisk(({ directory, pool }) =>
      Effect.gen(function* () {
        yield* consume(pool, 10)
        fs.rmSync(`${directory}/orders.plasmite`)
        const again = yield* (yield* Pools).open("orders", { create: true })
        yield* again.append({ n: "new" })
        const gaps: Array<Gap> = []
        assert.deepStrictEqual(yield* consume(again, 5, (gap) => gaps.push(gap)), [1])
        assert.deepStrictEqual(gaps, [{ expected: 11, found: 1 }])
        assert.deepStrictEqual(yield* consume(again, 5, (gap) => gaps.push(gap)), [])
        assert.lengthOf(gaps, 1)
      }).pipe(Effect.scoped)
    )
  )

  it.live("left behind, it also knows a new pool that has caught up by the time of the message", () =>
    onDisk(({ directory, pool }) =>
      Effect.gen(function* () {
        yield* consume(pool, 3)
        fs.rmSync(`${directory}/orders.plasmite`)
        const again = yield* (yield* Pools).open("orders", { create: true })
        for (let n = 1; n <= 5; n++) yield* again.append({ n })
        const gaps: Array<Gap> = []
        assert.deepStrictEqual(yield* consume(again, 9, (gap) => gaps.push(gap)), [1, 2, 3, 4, 5])
        assert.deepStrictEqual(gaps, [{ expected: 4, found: 1 }])
      }).pipe(Effect.scoped)
    )
  )

  it.live("is written in place: a commit neither renames nor grows it", () =>
    onDisk(({ file, pool }) =>
      Effect.gen(function* () {
        yield* consume(pool, 1)
        const before = fs.statSync(file)
        const consumer = yield* Consumer.make(pool, "billing", { durability: "flush" })
        for (let seq = 2; seq <= 10; seq++) yield* consumer.commit(seq)
        const after = fs.statSync(file)
        assert.deepStrictEqual([after.ino, after.size], [before.ino, before.size])
        assert.strictEqual(yield* consumer.position, 10)
      }).pipe(Effect.scoped)
    )
  )
})
