/** What both services agree on. */
import { Effect, Schema } from "effect"
import { Pools, RequestReply } from "effect-plasmite"

export const quotes = RequestReply.protocol({
  request: Schema.Struct({ article: Schema.String, count: Schema.Number }),
  reply: Schema.Struct({ cents: Schema.Number }),
  failure: Schema.Struct({ unknown: Schema.String })
})

export const openPair = Effect.gen(function* () {
  const pools = yield* Pools
  return {
    requests: yield* pools.open("quote-requests", { create: true }),
    replies: yield* pools.open("quote-replies", { create: true })
  }
})
