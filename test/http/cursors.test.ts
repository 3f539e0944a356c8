// Cursors over HTTP: who moves one, who may not, and what a client whose answers are lost makes of it.
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it, onTestFinished, vi } from "vitest"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import * as Consumer from "../../src/Consumer.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { wayTo } from "../cli/remoteServer.js"
import { eventually, refused, request, startServer, type TestServer } from "./server.js"

interface Cursor {
  readonly name: string
  readonly seq: number | null
  readonly time: string | null
  readonly generation: number
  readonly committed_at: string
  readonly lag: number
}

const serverWith = async (messages: number, options: Parameters<typeof startServer>[0] = {}): Promise<TestServer> => {
  const server = await startServer(options)
  await server.run(server.pools.create("p"))
  await server.run(
    Effect.flatMap(server.pools.open("p"), (pool) =>
      pool.appendAll(Array.from({ length: messages }, (_, n) => ({ data: { n } })))
    )
  )
  return server
}

const put = (server: TestServer, body: unknown, name = "billing", headers: http.OutgoingHttpHeaders = {}) =>
  request(server, `/v0/pools/p/cursors/${name}`, { method: "PUT", body, headers })

const get = (server: TestServer, name = "billing") => request(server, `/v0/pools/p/cursors/${name}`)

const cursorOf = (answer: Awaited<ReturnType<typeof request>>): Cursor => {
  assert.strictEqual(answer.status, 200, answer.text)
  return answer.json<{ cursor: Cursor }>().cursor
}

const holder = "0123456789abcdef0123456789abcdef"
const other = "f".repeat(32)

describe("the routes of cursors", () => {
  it("are announced, and tell where a cursor stands", async () => {
    const server = await serverWith(5)
    refused(await get(server), 404, "NotFound")
    const made = cursorOf(await put(server, { generation: 0, seq: 2 }))
    const message = await request(server, "/v0/pools/p/messages/2")
    const { time } = message.json<{ message: { time: string } }>().message
    assert.deepStrictEqual(
      { ...made, committed_at: "" },
      { name: "billing", seq: 2, lag: 3, committed_at: "", time, generation: 1 }
    )
    assert.isBelow(Math.abs(Date.parse(made.committed_at) - Date.now()), 60_000)
    const answer = await get(server)
    assert.deepStrictEqual(cursorOf(answer), made)
    assert.include(String(answer.headers["plasmite-features"]).split(" "), "cursors")
    cursorOf(await put(server, { generation: 0, seq: 0 }, "a%20b"))
    const { cursors } = (await request(server, "/v0/pools/p/cursors")).json<{ cursors: ReadonlyArray<Cursor> }>()
    assert.deepStrictEqual(
      cursors.map(({ lag, name, seq }) => [name, seq, lag]),
      [
        ["a b", 0, 5],
        ["billing", 2, 3]
      ]
    )
    const info = (await request(server, "/v0/pools/p/info")).json<{ pool: { cursors: ReadonlyArray<object> } }>()
    assert.deepStrictEqual(info.pool.cursors[1], { name: "billing", seq: 2, lag: 3, committed_at: made.committed_at })
  })

  it("move a cursor only from where it stands", async () => {
    const server = await serverWith(5)
    cursorOf(await put(server, { generation: 0, seq: 1 }))
    cursorOf(await put(server, { generation: 1, seq: 2 }))
    for (const generation of [0, 1, 3, 99]) {
      assert.match(refused(await put(server, { generation, seq: 3 }), 409, "Busy").message, /cursor billing of pool p/)
    }
    assert.deepInclude(cursorOf(await get(server)), { seq: 2, generation: 2 })
    assert.match(refused(await put(server, { generation: 1, seq: 3 }, "never"), 409, "Busy").message, /cursor never/)
    assert.isFalse(fs.existsSync(`${server.directory}/p.plasmite.cursors/never.cursor`))
    refused(await put(server, { generation: 2, seq: 6 }), 400, "Usage")
    assert.deepInclude(cursorOf(await put(server, { generation: 2, seq: 5 })), { seq: 5, generation: 3, lag: 0 })
  })

  it("know the repeat of a commit by its holder", async () => {
    const server = await serverWith(9)
    cursorOf(await put(server, { generation: 0, seq: 1, holder }))
    const once = cursorOf(await put(server, { generation: 1, seq: 4, holder }))
    assert.deepStrictEqual(cursorOf(await put(server, { generation: 1, seq: 4, holder })), once)
    // An older one that was long on its way does not move it back; a later one that knows of no answer moves it on.
    assert.deepStrictEqual(cursorOf(await put(server, { generation: 1, seq: 3, holder })), once)
    assert.deepInclude(cursorOf(await put(server, { generation: 1, seq: 6, holder })), { seq: 6, generation: 3 })
    // The same from somebody else, or from nobody, is another consumer's.
    refused(await put(server, { generation: 2, seq: 6, holder: other }), 409, "Busy")
    refused(await put(server, { generation: 2, seq: 6 }), 409, "Busy")
    refused(await put(server, { generation: 1, seq: 6, holder }), 409, "Busy")
    const anonymous = cursorOf(await put(server, { generation: 3, seq: 7 }))
    assert.strictEqual(anonymous.generation, 4)
    refused(await put(server, { generation: 3, seq: 7 }), 409, "Busy")
  })

  it("remember who it was over a restart", async () => {
    const first = await serverWith(9)
    cursorOf(await put(first, { generation: 0, seq: 4, holder }))
    await first.stop()
    const second = await startServer({ directory: first.directory })
    assert.deepInclude(cursorOf(await put(second, { generation: 0, seq: 4, holder })), { seq: 4, generation: 1 })
    refused(await put(second, { generation: 0, seq: 4, holder: other }), 409, "Busy")
  })

  it("and consumers of the server's machine keep out of each other's way", async () => {
    const server = await serverWith(9)
    await server.run(
      Effect.gen(function* () {
        const pool = yield* server.pools.open("p")
        const consumer = yield* Consumer.make(pool, "billing")
        const busy = yield* Effect.promise(() => put(server, { generation: 1, seq: 3 }))
        assert.include(refused(busy, 423, "Busy").message, "in use")
        refused(
          yield* Effect.promise(() => request(server, "/v0/pools/p/cursors/billing", { method: "DELETE" })),
          423,
          "Busy"
        )
        yield* consumer.commit(5)
        assert.deepInclude(cursorOf(yield* Effect.promise(() => get(server))), { seq: 5, generation: 2 })
      })
    )
    refused(await put(server, { generation: 1, seq: 3, holder }), 409, "Busy")
    cursorOf(await put(server, { generation: 2, seq: 6 }))
  })

  it("forget a cursor, and name those there are when there is none", async () => {
    const server = await serverWith(3)
    const forget = (name: string) => request(server, `/v0/pools/p/cursors/${name}`, { method: "DELETE" })
    assert.strictEqual(refused(await forget("billing"), 404, "NotFound").hint, "It has none.")
    for (const name of ["billing", "audit"]) cursorOf(await put(server, { generation: 0, seq: 1 }, name))
    assert.deepStrictEqual((await forget("billing")).json(), { ok: true })
    assert.strictEqual(refused(await forget("billing"), 404, "NotFound").hint, "It has audit.")
    refused(await put(server, { generation: 1, seq: 2 }), 409, "Busy")
    assert.strictEqual(cursorOf(await put(server, { generation: 0, seq: 2 })).generation, 1)
  })

  it("refuse what makes no sense, and names that lead elsewhere", async () => {
    const server = await serverWith(3)
    for (const body of [
      {},
      [],
      { generation: 0 },
      { seq: 1 },
      { generation: -1, seq: 1 },
      { generation: 0, seq: 1.5 },
      { generation: 0, seq: 1, holder: "me" },
      { generation: 0, seq: 1, holder: "0".repeat(32) },
      { generation: 0, seq: 1, time: "yesterday" },
      { generation: 0, seq: 4 },
      { generation: 0, seq: 1, durability: "sometimes" },
      "not json"
    ]) {
      refused(await put(server, body, "billing", { "content-type": "application/json" }), 400, "Usage")
    }
    refused(await put(server, "x", "billing", { "content-type": "text/plain" }), 415, "Usage")
    for (const name of ["", ".", "..", "a%2Fb", "..%2F..%2Fp", "a%5Cb", "a%00b", "%FF", "x".repeat(192)]) {
      refused(await put(server, { generation: 0, seq: 1 }, name), 400, "Usage")
      refused(await get(server, name), 400, "Usage")
    }
    refused(await request(server, "/v0/pools/none/cursors"), 404, "NotFound")
    refused(await request(server, "/v0/pools/p/cursors", { method: "PUT" }), 405, "Usage")
    assert.isFalse(fs.existsSync(`${server.directory}/p.plasmite.cursors`))
  })

  it("obey token, access mode, and the limits of bodies and of cursors", async () => {
    const guarded = await serverWith(1, { token: "t" })
    refused(await get(guarded), 401, "Permission")
    refused(await put(guarded, { generation: 0, seq: 1 }), 401, "Permission")
    const server = await serverWith(3, { maxBodyBytes: 64 })
    cursorOf(await put(server, { generation: 0, seq: 1 }))
    refused(await put(server, { generation: 0, seq: 1, time: "x".repeat(64) }), 413, "Usage")
    const directory = `${server.directory}/p.plasmite.cursors`
    for (let n = 1; n < 1000; n++) fs.copyFileSync(`${directory}/billing.cursor`, `${directory}/c${n}.cursor`)
    assert.include(refused(await put(server, { generation: 0, seq: 1 }, "more"), 400, "Usage").message, "1000 cursors")
    cursorOf(await put(server, { generation: 1, seq: 2 }))
    const reader = await startServer({ directory: server.directory, access: "read-only" })
    assert.strictEqual(cursorOf(await get(reader)).seq, 2)
    for (const method of ["PUT", "DELETE"]) {
      const answer = await request(reader, "/v0/pools/p/cursors/billing", { method, body: { generation: 2, seq: 3 } })
      assert.include(refused(answer, 403, "Permission").message, "does not allow writes")
    }
    const writer = await startServer({ directory: server.directory, access: "write-only" })
    refused(await get(writer), 403, "Permission")
    refused(await request(writer, "/v0/pools/p/cursors"), 403, "Permission")
  })

  it("say so when a cursor is damaged", async () => {
    const server = await serverWith(3)
    cursorOf(await put(server, { generation: 0, seq: 1 }))
    fs.writeFileSync(`${server.directory}/p.plasmite.cursors/billing.cursor`, Buffer.alloc(1024))
    refused(await get(server), 500, "Corrupt")
    refused(await put(server, { generation: 1, seq: 2 }), 500, "Corrupt")
    const { cursors } = (await request(server, "/v0/pools/p/cursors")).json<{ cursors: ReadonlyArray<object> }>()
    assert.deepInclude(cursors[0], { name: "billing", seq: null, time: null })
    assert.deepStrictEqual((await request(server, "/v0/pools/p/cursors/billing", { method: "DELETE" })).json(), {
      ok: true
    })
  })
})

const remotely = <A, E>(
  options: RemotePools.RemoteOptions,
  body: (pool: Pool) => Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E | PoolError> =>
  Effect.flatMap(Pools, (pools) => Effect.flatMap(pools.open("p"), body)).pipe(
    Effect.scoped,
    Effect.provide(RemotePools.layer(options)),
    Effect.provide(JqMessageFilter.layer)
  )

const position = (server: TestServer): Promise<Cursor> => get(server).then(cursorOf)

const until = (server: TestServer, condition: (cursor: Cursor) => boolean): Promise<void> =>
  vi.waitUntil(async () => condition(await position(server)), { timeout: 5000, interval: 20 }).then(() => undefined)

describe("a consumer of a server", () => {
  it("whose answer was lost repeats its commit, and is not taken for another", async () => {
    const server = await serverWith(9)
    const way = await wayTo(server.port)
    const program = remotely({ url: way.url }, (pool) =>
      Effect.gen(function* () {
        const consumer = yield* Consumer.make(pool, "billing")
        yield* consumer.commit(2)
        const fifth = yield* pool.get(5)
        way.swallowAnswers()
        const committing = yield* Effect.fork(consumer.commit(fifth))
        yield* Effect.promise(() => until(server, ({ seq }) => seq === 5))
        way.swallowAnswers(0)
        yield* Fiber.join(committing)
        assert.strictEqual(yield* consumer.position, 5)
        yield* consumer.commit(6)
      })
    )
    await Effect.runPromise(program)
    assert.deepInclude(await position(server), { seq: 6, generation: 4 })
  })

  it("that does not reconnect is told of the lost answer, and may commit that or more again", async () => {
    const server = await serverWith(9)
    const way = await wayTo(server.port)
    const program = remotely({ url: way.url, reconnect: false }, (pool) =>
      Effect.gen(function* () {
        const consumer = yield* Consumer.make(pool, "billing")
        const messages = [yield* pool.get(3), yield* pool.get(4)] as const
        way.swallowAnswers()
        assert.strictEqual((yield* Effect.flip(consumer.commit(messages[0]))).reason, "Io")
        way.swallowAnswers(0)
        assert.strictEqual(yield* consumer.position, 0)
        yield* consumer.commit(messages[1])
        assert.strictEqual(yield* consumer.position, 4)
      })
    )
    await Effect.runPromise(program)
    assert.deepInclude(await position(server), { seq: 4, generation: 3 })
  })

  it("waits for a server that restarts between a message and its commit, and skips nothing", async () => {
    const server = await serverWith(9)
    const handled: Array<number> = []
    let restarted: TestServer | undefined
    const program = remotely({ url: server.url }, (pool) =>
      Effect.gen(function* () {
        const consumer = yield* Consumer.make(pool, "billing")
        yield* consumer.forEach(
          ({ seq }) =>
            Effect.gen(function* () {
              handled.push(seq)
              if (seq !== 4) return
              yield* Effect.promise(() => server.stop())
              yield* Effect.forkDaemon(
                Effect.delay(
                  Effect.promise(async () => {
                    restarted = await startServer({ directory: server.directory, port: server.port })
                  }),
                  400
                )
              )
            }),
          { follow: false, commitEvery: 2 }
        )
      })
    )
    await Effect.runPromise(program)
    assert.deepStrictEqual(handled, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.strictEqual((await position(restarted!)).seq, 9)
  })

  it("that is to stop does so, though its server is away", async () => {
    const server = await serverWith(9)
    const way = await wayTo(server.port)
    let isHandling = false
    const program = remotely({ url: way.url }, (pool) =>
      Effect.flatMap(Consumer.make(pool, "billing"), (consumer) =>
        consumer.forEach(({ seq }) =>
          seq < 3
            ? Effect.void
            : Effect.zipRight(
                Effect.sync(() => {
                  isHandling = true
                }),
                Effect.never
              )
        )
      )
    )
    const fiber = Effect.runFork(program)
    await eventually("a message is handled", () => isHandling)
    await way.close()
    const interrupted = Effect.timeout(Fiber.interrupt(fiber), "8 seconds")
    assert.isTrue(Exit.isInterrupted(await Effect.runPromise(interrupted)))
    assert.strictEqual((await position(server)).seq, 0)
  })

  it("learns before anything is read that a server lets nobody write", async () => {
    const server = await serverWith(3)
    cursorOf(await put(server, { generation: 0, seq: 1 }))
    const reader = await startServer({ directory: server.directory, access: "read-only" })
    let read = 0
    const program = remotely({ url: reader.url }, (pool) =>
      Stream.runForEach(pool.tail({ cursor: "billing", follow: false }), () => Effect.sync(() => void read++))
    )
    const error = await Effect.runPromise(Effect.flip(program))
    assert.deepStrictEqual([error.reason, read], ["Permission", 0])
    assert.include(error.message, "cursor billing cannot be moved")
  })

  it("learns before anything is read that a server keeps no cursors", async () => {
    // As upstream's answers: it knows pools, and nothing of the rest.
    const seen: Array<string> = []
    const bounds = { oldest: 1, newest: 3 }
    const pool = { name: "p", path: "/x/p.plasmite", file_size: 1, ring_offset: 1, ring_size: 1, bounds }
    const stranger = http.createServer(({ method, url = "" }, response) => {
      seen.push(`${method} ${url}`)
      const known = url === "/v0/pools/open" || url === "/v0/pools/p/info"
      response.writeHead(known ? 200 : 404, { "plasmite-version": "0" }).end(known ? JSON.stringify({ pool }) : "")
    })
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void stranger.close())
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    const program = remotely({ url }, (remote) =>
      Effect.gen(function* () {
        const { cursors } = remote.encoded
        const refusals = [
          yield* Effect.flip(Effect.asVoid(Consumer.make(remote, "billing"))),
          yield* Effect.flip(Stream.runDrain(remote.tail({ cursor: "billing" }))),
          yield* Effect.flip(Consumer.forget(remote, "billing"))
        ]
        for (const { hint, message, reason } of refusals) {
          assert.deepStrictEqual([reason, message], ["Usage", `the server at ${url} keeps no cursors`])
          assert.include(hint, "{ seq }")
        }
        assert.deepStrictEqual(yield* cursors.list, [])
      })
    )
    await Effect.runPromise(program)
    assert.notInclude(seen.join("\n"), "tail")
  })
})
