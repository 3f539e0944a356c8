// A server in a process of its own, so that it can be killed and does not share its processor's time with the browser's
// driver. Options come as JSON; the first line out is the address; what it logs follows.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { NodePools } from "../../dist/binding/index.js"
import { PoolServer } from "../../dist/http/index.js"

const { directory, ...options } = JSON.parse(process.argv[2])

const program = Effect.gen(function* () {
  const { url } = yield* PoolServer.PoolServer
  yield* Effect.sync(() => console.log(url))
  return yield* Effect.never
})

await Effect.runPromise(
  Effect.provide(
    program,
    PoolServer.layer(options).pipe(Layer.provide(NodePools.layer({ directory, lockTimeoutMillis: 1_000 })))
  )
)
