// A program of a project that serves pools, and uses those of a server.
import { equal } from "node:assert/strict"
import { Pools } from "effect-plasmite"
import { Api, PoolServer, RemotePools } from "effect-plasmite/http"
import { JqMessageFilter } from "effect-plasmite/node"
import { MemoryPools } from "effect-plasmite/testing"
import { Effect, Layer } from "effect"

const remote = Layer.unwrapScoped(
  Effect.map(PoolServer.make({ port: 0, logRequests: "none" }), ({ url }) =>
    Layer.provide(RemotePools.layer({ url }), JqMessageFilter.layer)
  )
).pipe(Layer.provide(MemoryPools.layer()))

const program = Effect.scoped(
  Effect.gen(function* () {
    const pool = yield* (yield* Pools).open("far", { create: true })
    yield* pool.append({ n: 1 })
    return (yield* pool.get(1)).data["n"]
  })
)

equal(await Effect.runPromise(Effect.provide(program, remote)), 1)
equal(typeof Api.groups, "object")
