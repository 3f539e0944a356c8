// `tail({ cursor })` of a server's pool: one commit for many messages, within a bound, and nothing skipped whoever is killed.
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { Chance } from "../kill/random.js"
import { request, startServer, type TestServer } from "./server.js"

/** What `remoteCursors` allows. */
const mostUncommitted = 100
const count = 3000
const killedCount = 1000

const serverWith = async (messages: number): Promise<TestServer> => {
  const server = await startServer()
  await server.run(server.pools.create("p", { sizeBytes: 4 * 1024 * 1024 }))
  await server.run(
    Effect.flatMap(server.pools.open("p"), (pool) =>
      pool.appendAll(Array.from({ length: messages }, (_, n) => ({ data: { n } })))
    )
  )
  return server
}

const remotely = <A, E>({ url }: TestServer, use: (pool: Pool) => Effect.Effect<A, E>): Promise<A> =>
  Effect.flatMap(Pools, (pools) => Effect.flatMap(pools.open("p"), use)).pipe(
    Effect.scoped,
    Effect.provide(RemotePools.layer({ url })),
    Effect.provide(JqMessageFilter.layer),
    (program) => Effect.runPromise(program as Effect.Effect<A, E | PoolError>)
  )

const cursorAt = async (server: TestServer): Promise<{ readonly seq: number; readonly generation: number }> => {
  const answer = await request(server, "/v0/pools/p/cursors/billing")
  return answer.status === 404 ? { seq: 0, generation: 0 } : answer.json<{ cursor: never }>().cursor
}

const child = `
  import * as Effect from "effect/Effect"
  import * as Stream from "effect/Stream"
  import { Pools } from "effect-plasmite"
  import { RemotePools } from "effect-plasmite/http"
  import { JqMessageFilter } from "effect-plasmite/node"
  import * as fs from "node:fs"
  const [url, log] = process.argv.slice(1)
  const handled = fs.openSync(log, "a")
  const program = Effect.gen(function* () {
    const pool = yield* (yield* Pools).open("p")
    yield* Stream.runForEach(pool.tail({ cursor: "billing", follow: false }), ({ seq }) =>
      Effect.zipRight(
        Effect.sync(() => void fs.writeSync(handled, seq + "\\n")),
        seq % 20 === 0 ? Effect.sleep(2) : Effect.void
      )
    )
  })
  await Effect.runPromise(program.pipe(
    Effect.scoped, Effect.provide(RemotePools.layer({ url })), Effect.provide(JqMessageFilter.layer)
  ))
`

describe("tail({ cursor }) of a server's pool", () => {
  it("commits many messages with one request, and all of them before it waits or ends", async () => {
    const server = await serverWith(count)
    const handled = await remotely(server, (pool) => Stream.runCount(pool.tail({ cursor: "billing", follow: false })))
    assert.strictEqual(handled, count)
    const { generation, seq } = await cursorAt(server)
    assert.strictEqual(seq, count)
    assert.isBelow(generation, count / 10)
    // Following, it has nothing left to hand on: what was handled is committed without another message.
    await server.run(Effect.flatMap(server.pools.open("p"), (pool) => pool.append({ n: 1 })))
    await remotely(server, (pool) =>
      Effect.race(
        Stream.runDrain(pool.tail({ cursor: "billing" })),
        Effect.promise(async () => {
          const deadline = performance.now() + 10_000
          while ((await cursorAt(server)).seq <= count) assert.isBelow(performance.now(), deadline)
        })
      )
    )
    assert.strictEqual((await cursorAt(server)).seq, count + 1)
  })

  it("commits by time when messages are handled slowly, and never the one in hand", async () => {
    const server = await serverWith(40)
    const seen: Array<number> = []
    await remotely(server, (pool) =>
      Stream.runForEach(Stream.take(pool.tail({ cursor: "billing" }), 30), ({ seq }) =>
        Effect.promise(async () => {
          const { seq: committed } = await cursorAt(server)
          assert.isBelow(committed, seq)
          seen.push(committed)
          await new Promise((resolve) => setTimeout(resolve, 100))
        })
      )
    )
    // A second and one message, at ten messages a second; more where the machine is slow, but not as many as there are.
    const steps = seen.filter((committed, at) => committed !== seen[at - 1])
    assert.isAtLeast(steps.length, 3, seen.join(" "))
    assert.strictEqual((await cursorAt(server)).seq, 30)
  })

  it("a handler that fails leaves only its own message uncommitted", async () => {
    const server = await serverWith(60)
    const failing = remotely(server, (pool) =>
      Stream.runForEach(pool.tail({ cursor: "billing" }), ({ seq }) => (seq === 50 ? Effect.fail("no") : Effect.void))
    )
    await failing.then(
      () => assert.fail("it went on"),
      () => {}
    )
    assert.strictEqual((await cursorAt(server)).seq, 49)
  })

  it("so does an interruption", async () => {
    const server = await serverWith(60)
    await remotely(server, (pool) =>
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const tail = pool.tail({ cursor: "billing" })
        const fiber = yield* Effect.fork(
          Stream.runForEach(tail, ({ seq }) =>
            seq === 50 ? Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never) : Effect.void
          )
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
      })
    )
    assert.strictEqual((await cursorAt(server)).seq, 49)
  })

  it("skips nothing and repeats no more than the bound, wherever its process is killed", async () => {
    const server = await serverWith(killedCount)
    const log = path.join(server.directory, "handled.log")
    const random = new Chance(20261201)
    const handled = (): Array<number> =>
      fs.existsSync(log) ? fs.readFileSync(log, "utf8").split("\n").slice(0, -1).map(Number) : []
    let kills = 0
    for (let before = 0; ;) {
      const args = ["--input-type=module", "-e", child, server.url, log]
      const running = childProcess.spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: "inherit" })
      const ended = new Promise<number | null>((resolve) => running.once("close", resolve))
      // Once it has handled some more: a process takes a while to start, and a time would say nothing.
      const until = before + 1 + random.below(400)
      const isOver = (): boolean => running.exitCode !== null || running.signalCode !== null
      while (!isOver() && handled().length < until) await new Promise((resolve) => setTimeout(resolve, 5))
      running.kill("SIGKILL")
      const code = await ended
      const all = handled()
      const first = all[before]
      if (before > 0 && first !== undefined) {
        const last = all[before - 1]!
        assert.isAtMost(first, last + 1, "a message was skipped")
        assert.isAtLeast(first, last - mostUncommitted, "more came again than may")
      }
      for (let at = before + 1; at < all.length; at++) assert.strictEqual(all[at], all[at - 1]! + 1)
      before = all.length
      if (code === 0) break
      kills++
    }
    assert.isAtLeast(kills, 3)
    assert.strictEqual(new Set(handled()).size, killedCount)
    assert.strictEqual((await cursorAt(server)).seq, killedCount)
  }, 120_000)
})
