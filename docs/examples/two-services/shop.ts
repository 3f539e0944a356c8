/** The service that asks: `shop bolt 4`. */
import { Effect } from "effect"
import { RequestReply } from "effect-plasmite"
import { NodePools } from "effect-plasmite/node"
import { openPair, quotes } from "./protocol.js"

const [article = "", count = "1"] = process.argv.slice(2)

const ask = Effect.gen(function* () {
  const client = yield* RequestReply.client(yield* openPair, quotes)
  return yield* client.ask({ article, count: Number(count) }, { deadline: "15 seconds" })
})

const answer = ask.pipe(
  Effect.scoped,
  Effect.match({
    onSuccess: ({ cents }) => `${cents} cents`,
    onFailure: (failure) => ("unknown" in failure ? `nobody sells ${failure.unknown}` : failure.message)
  })
)
console.log(await answer.pipe(Effect.provide(NodePools.layer()), Effect.runPromise))
