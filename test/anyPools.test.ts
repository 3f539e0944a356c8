// One program, one value, that knows nothing but `Pools`: on files, in memory, behind a server and on the simulated machine it
// does the same and comes to the same result.
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as PoolServer from "../http/PoolServer.js"
import * as RemotePools from "../http/RemotePools.js"
import * as JqMessageFilter from "../layers/JqMessageFilter.js"
import * as MemoryPools from "../layers/MemoryPools.js"
import * as NodePools from "../layers/NodePools.js"
import * as Simulated from "../layers/simulated/Simulation.js"
import * as Consumer from "../src/Consumer.js"
import type { Gap } from "../src/EncodedPool.js"
import { Pools } from "../src/Pools.js"
import * as RequestReply from "../src/RequestReply.js"
import * as TypedPool from "../src/TypedPool.js"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-any-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
let directories = 0
const directory = (): string => path.join(root, String(directories++))

const Job = Schema.Struct({ n: Schema.Number, at: Schema.Date })
const doubling = RequestReply.protocol({ request: Schema.Number, reply: Schema.Number, failure: Schema.String })

/** A worker follows one pool and writes to another; meanwhile jobs come in, some marked, one that does not fit. */
const worked = Effect.gen(function* () {
  const pools = yield* Pools
  const jobs = TypedPool.make(yield* pools.open("jobs", { create: true }), Job)
  const results = yield* pools.open("results", { create: { sizeBytes: 64 * 1024 } })
  const unfit: Array<number> = []
  const started = yield* Deferred.make<void>()
  const worker = yield* jobs
    .tail({
      from: "oldest",
      tags: ["work"],
      onMismatch: ({ received }) => Effect.sync(() => void unfit.push(received.seq))
    })
    .pipe(
      Stream.mapEffect(({ data, seq }) =>
        Effect.zipRight(
          Deferred.succeed(started, undefined),
          results.append({ job: seq, square: data.n ** 2, year: data.at.getUTCFullYear() }, { tags: ["done", "x"] })
        )
      ),
      Stream.take(3),
      Stream.runCollect,
      Effect.fork
    )
  const job = (n: number, tags: ReadonlyArray<string>) => ({ data: { n, at: new Date(0) }, tags })
  const batch = yield* jobs.appendAll([job(2, ["work"]), job(3, ["rest"]), job(4, ["work"])])
  yield* Deferred.await(started)
  yield* jobs.pool.append({ n: "five" }, { tags: ["work"] })
  yield* jobs.append({ n: 6, at: new Date(0) }, { tags: ["more", "work"] })
  const receipts = Chunk.toReadonlyArray(yield* Fiber.join(worker))
  const read = yield* Stream.runCollect(results.tail({ from: "oldest", follow: false }))
  return {
    appended: batch.map(({ seq }) => seq),
    unfit,
    answered: receipts.map(({ seq }) => seq),
    results: Array.from(read, ({ data, seq, tags }) => ({ seq, data, tags })),
    last: (yield* results.get(3)).data,
    bounds: (yield* results.info).bounds
  }
})

/** A reader that is too slow for a small ring learns what it missed, and goes on. */
const overtaken = Effect.gen(function* () {
  const pools = yield* Pools
  yield* pools.create("ring", { sizeBytes: 8 * 1024 })
  const ring = yield* pools.open("ring")
  for (let n = 1; n <= 200; n++) yield* ring.append({ n, padding: "p".repeat(100) })
  const gaps: Array<Gap> = []
  const onGap = (gap: Gap) => Effect.sync(() => void gaps.push(gap))
  const read = yield* Stream.runCollect(ring.tail({ from: { seq: 1 }, follow: false, onGap }))
  const strict = yield* Effect.flip(Stream.runDrain(ring.tail({ from: { seq: 1 }, follow: false, onGap: "fail" })))
  const oldest = (yield* ring.info).bounds?.oldest
  return {
    told: gaps.length === 1 && gaps[0]?.expected === 1 && gaps[0].found === oldest,
    whole: Array.from(read, ({ seq }) => seq).every((seq, index) => seq === oldest! + index),
    newest: Chunk.unsafeLast(read).data["n"],
    strict: strict.reason,
    oldest
  }
})

const asked = Effect.gen(function* () {
  const pools = yield* Pools
  const pair = {
    requests: yield* pools.open("requests", { create: true }),
    replies: yield* pools.open("replies", { create: true })
  }
  const double = (n: number) => (n < 0 ? Effect.fail("negative") : Effect.succeed(2 * n))
  const server = yield* Effect.fork(RequestReply.serve(pair, doubling, double, { from: "oldest" }))
  const { ask } = yield* RequestReply.client(pair, doubling)
  const answers = [
    yield* ask(21, { deadline: "10 seconds" }),
    yield* Effect.flip(ask(-1, { deadline: "10 seconds" })),
    yield* ask(4, { deadline: "10 seconds" })
  ]
  yield* Fiber.interrupt(server)
  const late = yield* Effect.flip(ask(5, { deadline: "20 millis" }))
  return [...answers, typeof late === "string" ? late : late._tag]
})

/** A consumer stops twice, once by a failure, and goes on where it was; what it asks for is on disk where there is one. */
const resumed = Effect.gen(function* () {
  const pools = yield* Pools
  const orders = yield* pools.open("orders", { create: true })
  const numbered = (n: number) => ({ data: { n } })
  yield* orders.appendAll([1, 2, 3].map(numbered), { durability: "flush" })
  yield* orders.append({ n: 4 }, { durability: "flush" })
  const handled: Array<number> = []
  const billing = (last: number) =>
    Effect.scoped(
      Effect.flatMap(Consumer.make(orders, "billing", { durability: "flush" }), (consumer) =>
        consumer.forEach(
          ({ seq }) => (seq === last ? Effect.fail("no more today") : Effect.sync(() => void handled.push(seq))),
          { follow: false }
        )
      )
    )
  const stopped = yield* Effect.flip(billing(3))
  yield* billing(0)
  yield* orders.append({ n: 5 })
  const tail = orders.tail({ cursor: "billing", follow: false })
  const rest = yield* Stream.runCollect(tail)
  const { cursors = [] } = yield* orders.info
  yield* Consumer.forget(orders, "billing")
  const missing = yield* Effect.flip(Consumer.forget(orders, "billing"))
  const anew = yield* Stream.runCollect(Stream.take(tail, 1))
  yield* pools.remove("orders")
  return {
    handled,
    stopped,
    rest: Array.from(rest, ({ seq }) => seq),
    cursors: cursors.map(({ lag, name, seq }) => ({ name, seq, lag })),
    missing: missing.reason,
    anew: Array.from(anew, ({ seq }) => seq)
  }
})

const refused = Effect.gen(function* () {
  const pools = yield* Pools
  const jobs = yield* pools.open("jobs")
  const results = yield* pools.open("results")
  const errors = [
    yield* Effect.flip(jobs.get(99)),
    yield* Effect.flip(pools.create("jobs")),
    yield* Effect.flip(pools.info("nowhere")),
    yield* Effect.flip(results.append({ large: "l".repeat(100_000) }))
  ]
  const names = (yield* pools.list).map(({ name }) => name)
  for (const name of names) yield* pools.remove(name)
  return { reasons: errors.map(({ reason }) => reason), names, left: (yield* pools.list).length }
})

/** Needs `Pools` and nothing else. */
const program = Effect.scoped(
  Effect.gen(function* () {
    return {
      worked: yield* worked,
      overtaken: yield* overtaken,
      asked: yield* asked,
      resumed: yield* resumed,
      refused: yield* refused
    }
  })
)

const done = (seq: number, job: number, square: number) => ({
  seq,
  data: { job, square, year: 1970 },
  tags: ["done", "x"]
})

const expected = {
  worked: {
    appended: [1, 2, 3],
    unfit: [4],
    answered: [1, 2, 3],
    results: [done(1, 1, 4), done(2, 3, 16), done(3, 5, 36)],
    last: { job: 5, square: 36, year: 1970 },
    bounds: { oldest: 1, newest: 3 }
  },
  overtaken: { told: true, whole: true, newest: 200, strict: "RetentionGap" },
  asked: [42, "negative", 8, "DeadlineExceeded"],
  resumed: {
    handled: [1, 2, 3, 4],
    stopped: "no more today",
    rest: [5],
    cursors: [{ name: "billing", seq: 5, lag: 0 }],
    missing: "NotFound",
    anew: [1]
  },
  refused: {
    reasons: ["NotFound", "AlreadyExists", "NotFound", "Usage"],
    names: ["jobs", "replies", "requests", "results", "ring"],
    left: 0
  }
}

const remote = Layer.unwrapScoped(
  Effect.gen(function* () {
    const machine = yield* Layer.build(NodePools.layer({ directory: directory() }))
    const { url } = yield* Effect.provide(PoolServer.make({ port: 0, logRequests: "none" }), machine)
    return Layer.provide(RemotePools.layer({ url }), JqMessageFilter.layer)
  })
)

describe("a program over Pools", () => {
  const layers = {
    "mapped files": () => NodePools.layer({ directory: directory() }),
    "positional files, polled": () => NodePools.layer({ directory: directory(), storage: "file", notify: "poll" }),
    memory: () => MemoryPools.layer(),
    "a server": () => remote
  }
  for (const [place, layer] of Object.entries(layers)) {
    it(`runs on ${place}`, async () => {
      expect(await Effect.runPromise(Effect.provide(program, layer()))).toMatchObject(expected)
    })
  }

  it("runs on the simulated machine, whatever happens in between", () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(Simulated.simulateOrThrow({ seed, program }), `seed ${seed}`).toMatchObject(expected)
    }
  })
})
