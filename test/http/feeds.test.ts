// Tails that share one reader of their pool: each gets what it would get alone, whatever the others do.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as net from "node:net"
import { assert, describe, it } from "vitest"
import * as PoolServer from "../../http/PoolServer.js"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"
import type { Reading, TestServer } from "./server.js"
import { append, createPool, eventually, follow, freshDirectory, request, startServer } from "./server.js"

const range = (from: number, to: number): Array<number> => Array.from({ length: to - from + 1 }, (_, n) => from + n)

const fill = async (server: TestServer, count: number, padding = ""): Promise<void> => {
  const body = Array.from({ length: count }, (_, n) => JSON.stringify({ data: { n, padding }, tags: [`t${n % 2}`] }))
  const headers = { "content-type": "application/x-ndjson" }
  const answer = await request(server, "/v0/pools/p/append", { body: body.join("\n"), headers })
  assert.strictEqual(answer.status, 200, answer.text)
}

const closeAll = (readings: ReadonlyArray<Reading>): void => {
  for (const { close } of readings) close()
}

/** A client that reads only when it is told to. */
const lazyClient = async (server: TestServer, target: string) => {
  const socket = net.connect({ port: server.port, host: "127.0.0.1" })
  socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  let text = ""
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")))
  await eventually("the head", () => text.includes("\r\n\r\n"))
  socket.pause()
  return {
    socket,
    seqs: () => [...text.matchAll(/^\{"seq":(\d+),/gm)].map(([, seq]) => Number(seq)),
    text: () => text
  }
}

describe("tails that share a reader", () => {
  it("get every message once, in order, from wherever each began", async () => {
    const server = await startServer()
    await createPool(server, "p", 4 * 1024 * 1024)
    await fill(server, 50)
    const queries: ReadonlyArray<readonly [string, number]> = [
      ["last=0", 51],
      ["", 1],
      ["since_seq=20", 20],
      ["since_seq=51", 51],
      ["since_seq=60", 60],
      ["last=5", 48],
      ["since=1h", 1],
      ["since_seq=55", 55]
    ]
    const readings: Array<readonly [Reading, number]> = []
    for (const [index, [query, first]] of queries.entries()) {
      readings.push([await follow(server, `/v0/pools/p/tail?${query}`), first])
      if (index % 2 === 1) await append(server, "p", { index })
    }
    await fill(server, 200)
    await append(server, "p", {})
    for (const [reading, first] of readings) {
      await eventually("the last message", () => reading.seqs().at(-1) === 255)
      assert.deepStrictEqual(reading.seqs(), range(first, 255))
    }
    closeAll(readings.map(([reading]) => reading))
  })

  it("each in its own format, with its own end and its own filter", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const lines = await follow(server, "/v0/pools/p/tail?last=0")
    const brief = await follow(server, "/v0/pools/p/tail?last=0&max=7")
    const events = await follow(server, "/v0/ui/pools/p/events?last=0")
    const frames = await follow(server, "/v0/pools/p/tail_lite3?last=0")
    const tagged = await follow(server, "/v0/pools/p/tail?last=0&tag=t1")
    await fill(server, 5)
    await fill(server, 5)
    await eventually("all lines", () => lines.seqs().length === 10)
    await eventually("the filtered ones", () => tagged.seqs().length === 4)
    assert.strictEqual(await brief.ended, "clean")
    assert.deepStrictEqual([lines.seqs(), brief.seqs(), tagged.seqs()], [range(1, 10), range(1, 7), [2, 4, 7, 9]])
    const alone = await request(server, "/v0/pools/p/tail?follow=false")
    assert.strictEqual(lines.lines().join("\n"), alone.text.trimEnd())
    assert.strictEqual(
      events.text().replace(/^retry.*\n\n/, ""),
      (await request(server, "/v0/ui/pools/p/events?follow=false")).text.replace(/^retry.*\n\n/, "")
    )
    assert.deepStrictEqual(frames.bytes(), (await request(server, "/v0/pools/p/tail_lite3?follow=false")).bytes)
    closeAll([lines, events, frames, tagged])
  })

  it("a client that reads late loses nothing that is retained, and nobody waits for it", async () => {
    const server = await startServer()
    await createPool(server, "p", 64 * 1024 * 1024)
    const prompt = await follow(server, "/v0/pools/p/tail?last=0")
    const late = await lazyClient(server, "/v0/pools/p/tail?last=0")
    // More than the sockets of both sides hold, so that it is left behind.
    for (let round = 0; round < 12; round++) {
      await fill(server, 800, "x".repeat(1000))
      await eventually("the prompt one", () => prompt.text().includes(`{"seq":${(round + 1) * 800},`))
    }
    assert.isBelow(late.seqs().length, 9600)
    late.socket.resume()
    await eventually("all of it", () => late.text().includes('{"seq":9600,'), 15_000)
    await append(server, "p", {})
    await eventually("what came then", () => late.text().includes('{"seq":9601,'))
    assert.deepStrictEqual(late.seqs(), range(1, 9601))
    assert.deepStrictEqual(prompt.seqs(), range(1, 9601))
    late.socket.destroy()
    prompt.close()
  })

  it("a client that was overtaken learns exactly what it missed", async () => {
    const server = await startServer()
    await createPool(server, "p", 2 * 1024 * 1024)
    const open = await lazyClient(server, "/v0/pools/p/tail?last=0")
    const strict = await lazyClient(server, "/v0/pools/p/tail?last=0&gap_policy=error")
    const prompt = await follow(server, "/v0/pools/p/tail?last=0&gap_policy=error")
    for (let round = 0; round < 30; round++) {
      await fill(server, 400, "x".repeat(1000))
      await eventually("the prompt one", () => prompt.text().includes(`{"seq":${(round + 1) * 400},`))
    }
    open.socket.resume()
    strict.socket.resume()
    await eventually("the newest message", () => open.text().includes('{"seq":12000,'), 15_000)
    await eventually("the refusal", () => strict.text().includes('"RetentionGap"'), 15_000)
    const seqs = strict.seqs()
    assert.deepStrictEqual(seqs, range(1, seqs.length))
    assert.include(strict.text(), `"seq":${seqs.length + 1}}}`)
    const all = open.seqs()
    assert.isAbove(12_000, all.length)
    for (const [index, seq] of all.entries()) if (index > 0) assert.isAbove(seq, all[index - 1]!)
    assert.deepStrictEqual(prompt.seqs(), range(1, 12_000))
    open.socket.destroy()
    strict.socket.destroy()
    prompt.close()
  })

  it("all end when the pool is deleted, and those of a new pool of that name begin anew", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const readings = await Promise.all(range(1, 5).map(() => follow(server, "/v0/pools/p/tail")))
    await append(server, "p", {})
    await eventually("the message", () => readings.every((reading) => reading.seqs().length === 1))
    await request(server, "/v0/pools/p", { method: "DELETE" })
    await createPool(server, "p")
    const anew = await follow(server, "/v0/pools/p/tail")
    await append(server, "p", { anew: true })
    for (const reading of readings) {
      assert.strictEqual(await reading.ended, "clean")
      assert.include(reading.lines().at(-1), '"NotFound"')
    }
    await eventually("the new message", () => anew.text().includes('"anew":true'))
    anew.close()
  })

  it("read the pool once, and not any more when the last has left", async () => {
    const directory = freshDirectory()
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const pools = Context.get(yield* Layer.build(NodePools.layer({ directory })), Pools)
          yield* pools.create("p")
          let reading = 0
          let begun = 0
          const counting: typeof pools = {
            ...pools,
            open: (ref, options) =>
              Effect.map(pools.open(ref, options), (pool) => {
                const { tail } = pool.encoded
                const counted: typeof tail = (selection, memory) => {
                  const started = Effect.sync(() => {
                    reading++
                    begun++
                  })
                  const ended = Effect.sync(() => reading--)
                  return Stream.unwrapScoped(
                    Effect.as(
                      Effect.acquireRelease(started, () => ended),
                      tail(selection, memory)
                    )
                  )
                }
                return { ...pool, encoded: { ...pool.encoded, tail: counted } }
              })
          }
          const server = yield* Effect.provideService(PoolServer.make({ port: 0 }), Pools, counting)
          yield* Effect.promise(async () => {
            const readings = await Promise.all(range(1, 40).map(() => follow(server, "/v0/pools/p/tail?last=0")))
            await append(server, "p", {})
            await eventually("the message", () => readings.every((reading) => reading.seqs().length === 1))
            assert.deepStrictEqual([begun, reading], [1, 1])
            closeAll(readings.slice(1))
            await append(server, "p", {})
            await eventually("the message of the last", () => readings[0]!.seqs().length === 2)
            assert.strictEqual(reading, 1)
            closeAll(readings)
            await eventually("the end of reading", () => reading === 0)
          })
        })
      )
    )
  })

  it("that are far behind read on instead of beginning again and again", async () => {
    const directory = freshDirectory()
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const pools = Context.get(yield* Layer.build(NodePools.layer({ directory })), Pools)
          yield* pools.create("p", { sizeBytes: 64 * 1024 * 1024 })
          let read = 0
          const counting: typeof pools = {
            ...pools,
            open: (ref, options) =>
              Effect.map(pools.open(ref, options), (pool) => {
                const counted: typeof pool.encoded.tail = (selection, memory) =>
                  Stream.tap(pool.encoded.tail(selection, memory), ({ messages }) =>
                    Effect.sync(() => void (read += messages.length))
                  )
                return { ...pool, encoded: { ...pool.encoded, tail: counted } }
              })
          }
          const server = yield* Effect.provideService(PoolServer.make({ port: 0 }), Pools, counting)
          yield* Effect.promise(async () => {
            const readings = await Promise.all(range(1, 3).map(() => follow(server, "/v0/pools/p/tail?last=0")))
            // In one step, and many times what waits for a client.
            const messages = range(1, 40_000).map((n) => ({ data: { n, padding: "x".repeat(400) } }))
            await Effect.runPromise(Effect.scoped(Effect.flatMap(pools.open("p"), (pool) => pool.appendAll(messages))))
            await eventually(
              "the last of all",
              () => readings.every(({ text }) => text().includes('{"seq":40000,')),
              25_000
            )
            // Once each, and what was thrown away when they were left behind.
            assert.isBelow(read, 4 * 40_000)
            assert.deepStrictEqual(readings[0]!.seqs(), range(1, 40_000))
            closeAll(readings)
          })
        })
      )
    )
  })
})
