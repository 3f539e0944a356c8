/**
 * Questions over pools: every client gets its own answers, every way to fail has its own error, and who dies can come back.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as MemoryPools from "../layers/MemoryPools.js"
import type { Pool } from "../src/Pool.js"
import { Pools } from "../src/Pools.js"
import * as RequestReply from "../src/RequestReply.js"

class DivisionByZero extends Schema.TaggedError<DivisionByZero>()("DivisionByZero", { dividend: Schema.Number }) {}

const division = RequestReply.protocol({
  request: Schema.Struct({ dividend: Schema.Number, divisor: Schema.Number }),
  reply: Schema.NumberFromString,
  failure: DivisionByZero
})

type Division = (typeof division)["request"]["Type"]

const divide = ({ dividend, divisor }: Division): Effect.Effect<number, DivisionByZero> =>
  divisor === 0 ? Effect.fail(new DivisionByZero({ dividend })) : Effect.succeed(dividend / divisor)

const withPools = <A, E>(use: (pools: RequestReply.PoolPair) => Effect.Effect<A, E, Pools | Scope.Scope>) =>
  Effect.gen(function* () {
    const pools = yield* Pools
    return yield* use({
      requests: yield* pools.open("requests", { create: true }),
      replies: yield* pools.open("replies", { create: true })
    })
  }).pipe(Effect.scoped, Effect.provide(MemoryPools.layer()))

const second = { deadline: "10 seconds" } as const

const read = (pool: Pool) =>
  Effect.map(Stream.runCollect(pool.tail({ from: "oldest", follow: false })), Chunk.toReadonlyArray)

describe("RequestReply", () => {
  it.live("answers many clients at once, each its own questions", () =>
    withPools((pair) =>
      Effect.gen(function* () {
        yield* Effect.fork(RequestReply.serve(pair, division, divide, { from: "oldest", concurrency: 4 }))
        const clients = yield* Effect.forEach([1, 2, 3], () => RequestReply.client(pair, division))
        const answers = yield* Effect.forEach(
          clients.flatMap((client, index) => Array.from({ length: 20 }, (_, n) => ({ client, index, n }))),
          ({ client, index, n }) => client.ask({ dividend: n * 10 + index, divisor: 2 }, second),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          answers,
          [0, 1, 2].flatMap((index) => Array.from({ length: 20 }, (_, n) => (n * 10 + index) / 2))
        )
        assert.strictEqual((yield* read(pair.replies)).length, 60)
      })
    )
  )

  it.live("carries the handler's failure, its death, and a misunderstanding, and goes on", () =>
    withPools((pair) =>
      Effect.gen(function* () {
        const handle = (request: Division) =>
          request.dividend === 666 ? Effect.dieMessage("overheated") : divide(request)
        yield* Effect.fork(RequestReply.serve(pair, division, handle, { from: "oldest" }))
        const client = yield* RequestReply.client(pair, division)

        const failure = yield* Effect.flip(client.ask({ dividend: 7, divisor: 0 }, second))
        assert.deepStrictEqual(failure, new DivisionByZero({ dividend: 7 }))

        const death = yield* Effect.flip(client.ask({ dividend: 666, divisor: 1 }, second))
        assert.strictEqual(death._tag, "ServerFailed")
        assert.match(death.message, /^the handler died: .*overheated/)

        const other = RequestReply.protocol({ request: Schema.String, reply: Schema.String })
        const stranger = yield* RequestReply.client(pair, other)
        const refused = yield* Effect.flip(stranger.ask("hello", second))
        assert.match(refused.message, /^the request does not fit/)

        const hasty = RequestReply.protocol({ request: division.request, reply: Schema.Boolean })
        const misread = yield* RequestReply.client(pair, hasty)
        const mismatch = yield* Effect.flip(misread.ask({ dividend: 1, divisor: 1 }, second))
        assert.match(mismatch.message, /^the reply does not fit/)

        assert.strictEqual(yield* client.ask({ dividend: 9, divisor: 3 }, second), 3)
      })
    )
  )

  it.live("gives up at the deadline, and a server that comes later does not handle what expired", () =>
    withPools((pair) =>
      Effect.gen(function* () {
        const client = yield* RequestReply.client(pair, division)
        const late = yield* Effect.flip(client.ask({ dividend: 1, divisor: 1 }, { deadline: "20 millis" }))
        assert.strictEqual(late._tag, "DeadlineExceeded")
        assert.match(late.message, /^no reply to request 1 of pool requests within 20ms$/)
        yield* Effect.sleep("5 millis")

        const handled: Array<number> = []
        const handle = (request: Division) =>
          Effect.zipRight(
            Effect.sync(() => handled.push(request.dividend)),
            divide(request)
          )
        yield* Effect.fork(RequestReply.serve(pair, division, handle, { from: "oldest" }))
        assert.strictEqual(yield* client.ask({ dividend: 4, divisor: 2 }, second), 2)
        assert.deepStrictEqual(handled, [4])
      })
    )
  )

  it.live("survives its server: the next one goes on from what is not answered", () =>
    withPools((pair) =>
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const stuck = () => Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never)
        const first = yield* Effect.fork(RequestReply.serve(pair, division, stuck, { from: "oldest" }))
        const client = yield* RequestReply.client(pair, division)
        const answer = yield* Effect.fork(client.ask({ dividend: 8, divisor: 2 }, second))
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(first)
        assert.deepStrictEqual(yield* read(pair.replies), [])
        yield* Effect.fork(RequestReply.serve(pair, division, divide, { from: { seq: 1 } }))
        assert.strictEqual(yield* Fiber.join(answer), 4)
      })
    )
  )

  it.live("takes the first of two replies, ignores those nobody waits for, and forgets interrupted questions", () =>
    withPools((pair) =>
      Effect.gen(function* () {
        const client = yield* RequestReply.client(pair, division)
        const given = yield* Effect.fork(client.ask({ dividend: 1, divisor: 4 }, second))
        yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(given)
        // Both servers answer everything: at-least-once as it looks to a client.
        yield* Effect.fork(RequestReply.serve(pair, division, divide, { from: "oldest" }))
        yield* Effect.fork(RequestReply.serve(pair, division, divide, { from: "oldest" }))
        assert.strictEqual(yield* client.ask({ dividend: 6, divisor: 4 }, second), 1.5)
        assert.strictEqual(yield* client.ask({ dividend: 5, divisor: 4 }, second), 1.25)
      })
    )
  )

  it.live("tells every question, also later ones, when the replies are gone", () =>
    withPools((pair) =>
      Effect.gen(function* () {
        const client = yield* RequestReply.client(pair, division)
        const waiting = yield* Effect.fork(Effect.flip(client.ask({ dividend: 1, divisor: 1 }, second)))
        yield* Effect.sleep("5 millis")
        yield* Effect.flatMap(Pools, (pools) => pools.remove("replies"))
        const error = yield* Fiber.join(waiting)
        assert.strictEqual(error._tag, "PoolError")
        const after = yield* Effect.flip(client.ask({ dividend: 1, divisor: 1 }, second))
        assert.strictEqual(after._tag, "PoolError")
      })
    )
  )
})
