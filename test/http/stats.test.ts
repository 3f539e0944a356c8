// Counters of all pools as one stream, made once for all who listen.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { resolveOptions } from "../../http/ServerOptions.js"
import { ServerState } from "../../http/server/ServerState.js"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"
import type { Reading } from "./server.js"
import { append, createPool, eventually, follow, freshDirectory, refused, request, startServer } from "./server.js"

interface Sample {
  readonly time: string
  readonly pools: ReadonlyArray<{
    readonly name: string
    readonly bounds: { readonly oldest?: number; readonly newest?: number }
    readonly message_count: number
    readonly used_bytes: number
    readonly oldest_time: string | null
    readonly newest_time: string | null
  }>
  readonly unreadable: ReadonlyArray<{ readonly name: string; readonly error: { readonly kind: string } }>
  readonly tails: { readonly open: number; readonly limit: number }
}

const samples = (reading: Reading): Array<Sample> =>
  reading
    .text()
    .split("\n\n")
    .filter((block) => block.startsWith("event: pools\n"))
    .map((block) => JSON.parse(block.slice(block.indexOf("data: ") + 6)) as Sample)

const latest = (reading: Reading): Sample | undefined => samples(reading).at(-1)
const names = (reading: Reading): ReadonlyArray<string> => latest(reading)?.pools.map(({ name }) => name) ?? []
const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

describe("counters", () => {
  it("come at once, then each second, and agree with what a pool says of itself", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await createPool(server, "empty")
    for (let n = 0; n < 3; n++) await append(server, "p", { n })
    const reading = await follow(server, "/v0/ui/stats")
    assert.strictEqual(reading.headers["content-type"], "text/event-stream")
    await eventually("the first sample", () => samples(reading).length === 1, 500)
    const info = (await request(server, "/v0/pools/p/info")).json<{
      pool: {
        bounds: object
        metrics: {
          message_count: number
          utilization: { used_bytes: number }
          age: { oldest_time: string; newest_time: string }
        }
      }
    }>().pool
    const [empty, pool] = latest(reading)!.pools
    assert.deepInclude(empty, { name: "empty", bounds: {}, message_count: 0, oldest_time: null, newest_time: null })
    assert.deepInclude(pool, {
      name: "p",
      bounds: info.bounds,
      message_count: 3,
      used_bytes: info.metrics.utilization.used_bytes,
      oldest_time: info.metrics.age.oldest_time,
      newest_time: info.metrics.age.newest_time
    })
    await append(server, "p", { n: 3 })
    await eventually("the next sample", () => latest(reading)!.pools[1]!.bounds.newest === 4, 2000)
    const [first, second] = samples(reading)
    assert.approximately(Date.parse(second!.time) - Date.parse(first!.time), 1000, 400)
    reading.close()
  })

  it("know of pools that come, go, come again, or cannot be read", async () => {
    const server = await startServer()
    const reading = await follow(server, "/v0/ui/stats")
    await eventually("a sample of nothing", () => samples(reading).length > 0)
    await createPool(server, "p")
    await eventually("the new pool", () => names(reading).includes("p"))
    for (let n = 0; n < 5; n++) await append(server, "p", { n })
    await request(server, "/v0/pools/p", { method: "DELETE" })
    await createPool(server, "p")
    await append(server, "p", {})
    await eventually("the other pool of that name", () => latest(reading)!.pools[0]?.bounds.newest === 1)
    // What another program does, nobody tells.
    fs.rmSync(path.join(server.directory, "p.plasmite"))
    fs.writeFileSync(path.join(server.directory, "broken.plasmite"), "nonsense")
    await eventually("the deletion", () => names(reading).length === 0)
    await eventually("the broken pool", () => latest(reading)!.unreadable[0]?.name === "broken", 8000)
    assert.strictEqual(latest(reading)!.unreadable[0]!.error.kind, "Corrupt")
    assert.notInclude(reading.text(), server.directory)
    reading.close()
  })

  it("take the place of a tail, and end like one", async () => {
    const server = await startServer({ maxTailConcurrency: 1, maxTailTimeoutMillis: 5000 })
    refused(await request(server, "/v0/ui/stats?timeout_ms=5001"), 400, "Usage")
    assert.strictEqual((await request(server, "/v0/ui/stats?timeout_ms=0")).status, 200)
    assert.strictEqual((await request(server, "/v0/ui/stats", { method: "HEAD" })).status, 200)
    const reading = await follow(server, "/v0/ui/stats")
    await eventually("a sample", () => samples(reading).length > 0)
    assert.deepStrictEqual(latest(reading)!.tails, { open: 1, limit: 1 })
    refused(await request(server, "/v0/ui/stats"), 423, "Busy")
    reading.close()
    await pause(100)
    const brief = await request(server, "/v0/ui/stats?timeout_ms=300")
    assert.strictEqual(brief.status, 200)
    const last = await follow(server, "/v0/ui/stats")
    await server.stop()
    assert.strictEqual(await last.ended, "clean")
  })

  it("are taken once however many listen, and not at all when nobody does", async () => {
    const directory = freshDirectory()
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const pools = Context.get(yield* Layer.build(NodePools.layer({ directory })), Pools)
          yield* pools.create("p")
          const counted = { looks: 0, lists: 0 }
          const counting: typeof pools = {
            ...pools,
            list: Effect.tap(pools.list, () => Effect.sync(() => counted.lists++)),
            open: (ref, options) =>
              Effect.map(pools.open(ref, options), (pool) => {
                const { headers } = pool.encoded
                const fill = () => {
                  counted.looks++
                  return headers!.fill()
                }
                return { ...pool, encoded: { ...pool.encoded, headers: { ...headers!, fill } } }
              })
          }
          const { cache, sampler } = new ServerState(resolveOptions({}), counting, directory)
          const heard: Array<Array<string>> = [[], [], []]
          const listening = heard.map((texts) => sampler.listen((text) => texts.push(text)))
          yield* Effect.scoped(Effect.zipRight(Effect.all(listening), Effect.sleep(2500)))
          for (const texts of heard) assert.deepStrictEqual([texts.length, texts.at(-1)], [3, heard[0]!.at(-1)])
          assert.deepStrictEqual(counted, { looks: 3, lists: 1 })
          yield* Effect.sleep(1500)
          assert.deepStrictEqual(counted, { looks: 3, lists: 1 })
          yield* Effect.scoped(
            Effect.zipRight(
              sampler.listen((text) => heard[0]!.push(text)),
              Effect.sleep(200)
            )
          )
          assert.deepStrictEqual([heard[0]!.length, counted], [4, { looks: 4, lists: 2 }])
          yield* cache.closeAll
        })
      )
    )
  })
})
