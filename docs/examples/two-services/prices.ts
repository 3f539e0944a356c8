/** The service that knows the prices. */
import { Effect } from "effect"
import { RequestReply } from "effect-plasmite"
import { NodePools } from "effect-plasmite/node"
import { openPair, quotes } from "./protocol.js"

const prices = new Map([
  ["bolt", 25],
  ["nut", 10]
])

const serve = Effect.flatMap(openPair, (pair) =>
  RequestReply.serve(
    pair,
    quotes,
    ({ article, count }) => {
      const price = prices.get(article)
      return price === undefined ? Effect.fail({ unknown: article }) : Effect.succeed({ cents: price * count })
    },
    // Questions that came while nobody was here are answered, unless their deadline has passed.
    { from: "oldest" }
  )
)

await serve.pipe(Effect.scoped, Effect.provide(NodePools.layer()), Effect.runPromise)
