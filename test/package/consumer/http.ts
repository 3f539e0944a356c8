// A program of a project that serves pools, and uses those of a server.
import { deepEqual, equal } from "node:assert/strict"
import { Pools } from "effect-plasmite"
import { Api, PoolServer, RemotePools } from "effect-plasmite/http"
import { JqMessageFilter, RemoteClient } from "effect-plasmite/node"
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

// The same without Effect.
const talk = async (url: string) => {
  const client = new RemoteClient(url)
  await client.createPool("far", 65536)
  const pool = await client.openPool("far")
  await pool.append({ n: 2 }, ["note"])
  const seen: Array<unknown> = []
  for await (const { data, seq } of pool.tail({ tags: ["note"] })) {
    seen.push(seq, data)
    break
  }
  return seen
}
const talked = PoolServer.make({ port: 0, logRequests: "none" }).pipe(
  Effect.flatMap(({ url }) => Effect.promise(() => talk(url))),
  Effect.provide(MemoryPools.layer())
)
deepEqual(await Effect.runPromise(Effect.scoped(talked)), [1n, { n: 2 }])
