/**
 * The endpoints behind the page: documents, counters, pages of history, the histogram.
 */
import * as Effect from "effect/Effect"
import { docsText } from "../documents/docsText.js"
import { findPage } from "../documents/findPage.js"
import { WebDocument } from "../documents/WebDocument.js"
import type { Histogram } from "../history/histogram.js"
import { KeptHistograms } from "../history/KeptHistograms.js"
import { parsePageRequest } from "../history/pageRequest.js"
import { readPage } from "../history/readPage.js"
import { openApi } from "../openApi.js"
import type { Exchange } from "../server/Exchange.js"
import type { ServerState } from "../server/ServerState.js"
import { StatsStream } from "../stats/StatsStream.js"
import { boundedNumber } from "../tail/queryParameters.js"
import type { Handler } from "./Handler.js"
import { poolFileOf, suspend } from "./Handler.js"
import { tailSlot } from "./tailSlot.js"

/** Whoever opens the server's address in a browser wants the page. */
export const home = (): Handler => (exchange) => Effect.sync(() => exchange.empty(302, ["location", "/ui"]))

/** The page, whatever its path says about a pool: the page itself reads that, and says what is wrong with it. */
export const page = (state: ServerState): Handler => serve(() => tellReaders(findPage(), state.options))

/** Who may read, for the script that asks before the page has asked what it may do. It is the same for every request. */
const tellReaders = (document: string, { access, token }: ServerState["options"]): string =>
  access === "write-only"
    ? document
    : document.replace('data-readers=""', `data-readers="${token === undefined ? "anyone" : "token"}"`)

export const docs = (): Handler => serve(() => docsText(openApi()))

/** A document that is made when it is first asked for. */
const serve = (make: () => string): Handler => {
  let document: WebDocument | undefined
  return (exchange: Exchange) => suspend(() => (document ??= new WebDocument(make())).answer(exchange))
}

export const history =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const file = poolFileOf(parameters)
      const request = parsePageRequest(exchange.query, state.options, Date.now())
      return Effect.map(
        state.withPool(file, ({ encoded }) => readPage(encoded, request)),
        (text) => exchange.json(200, text)
      )
    })

export const histogram =
  (state: ServerState, kept = new KeptHistograms()): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const file = poolFileOf(parameters)
      const range = { least: 1, most: 1000, otherwise: 120 }
      const buckets = boundedNumber(new URLSearchParams(exchange.query), "buckets", range)
      return Effect.map(
        state.withPool(file, ({ encoded }) => kept.of(encoded, buckets)),
        (answer: Histogram) => exchange.json(200, JSON.stringify(answer))
      )
    })

export const stats =
  (state: ServerState): Handler =>
  (exchange) =>
    suspend(() => {
      const { maxTailTimeoutMillis: most, stalledWriterMillis } = state.options
      const range = { least: 0, most, otherwise: most }
      const timeoutMillis = boundedNumber(new URLSearchParams(exchange.query), "timeout_ms", range)
      return Effect.scoped(
        Effect.gen(function* () {
          yield* tailSlot(state)
          const stream = new StatsStream(exchange, { timeoutMillis, stalledWriterMillis })
          yield* Effect.acquireRelease(
            Effect.sync(() => {
              state.streams.add(stream)
              stream.begin(exchange.method === "HEAD" || state.stopping)
            }),
            () =>
              Effect.sync(() => {
                state.streams.delete(stream)
                stream.close()
              })
          )
          if (stream.isOver) return
          yield* state.sampler.listen(stream.send)
          yield* stream.awaitOver
        })
      )
    })
