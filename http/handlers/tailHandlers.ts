/**
 * The endpoints that follow a pool. What can be known to be wrong is said before the stream begins, with a status.
 */
import * as Effect from "effect/Effect"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { damagedPayload } from "../../src/internal/selectMessages.js"
import type { Pool } from "../../src/Pool.js"
import { isPoolError } from "../../src/PoolError.js"
import type { PoolError } from "../../src/PoolError.js"
import { checkFilters } from "../history/readPage.js"
import type { Exchange } from "../server/Exchange.js"
import * as Metrics from "../server/metrics.js"
import type { ServerState } from "../server/ServerState.js"
import type { Refusal } from "../server/wireError.js"
import { followPool } from "../tail/followPool.js"
import { Tail } from "../tail/Tail.js"
import type { TailFormat } from "../tail/tailFormats.js"
import * as Formats from "../tail/tailFormats.js"
import type { TailRequest } from "../tail/tailRequest.js"
import { parseTailRequest } from "../tail/tailRequest.js"
import type { Handler } from "./Handler.js"
import { attempt, poolFileOf, suspend } from "./Handler.js"
import { tailSlot } from "./tailSlot.js"

const tailIn =
  (format: TailFormat) =>
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const file = poolFileOf(parameters)
      const request = parse(state, exchange, format)
      return Effect.scoped(
        Effect.gen(function* () {
          yield* tailSlot(state)
          const pool = yield* state.cache.acquire(file)
          const { where = [] } = request.selection
          if (where.length > 0) yield* checkFilters(pool.encoded, where)
          if (format.cannotTellGap && request.sinceSeq !== undefined) yield* checkStart(pool, request.sinceSeq)
          yield* stream(state, exchange, format, request, pool)
        })
      )
    })

/** Follow as JSON Lines, as encoded frames, as server-sent events. */
export const tail = tailIn(Formats.jsonLines)
export const tailFrames = tailIn(Formats.frames)
export const events = tailIn(Formats.events)

const parse = (state: ServerState, exchange: Exchange, format: TailFormat): TailRequest => {
  const { heartbeatMillis, maxTailTimeoutMillis, serverWhere } = state.options
  const lastEventId = exchange.request.headers["last-event-id"]
  const resumes = format === Formats.events && typeof lastEventId === "string"
  return parseTailRequest(exchange.query, resumes ? lastEventId : undefined, {
    maxTimeoutMillis: maxTailTimeoutMillis,
    heartbeatMillis,
    serverWhere,
    cannotTellGap: format.cannotTellGap,
    nowMillis: Date.now()
  })
}

/** Frames cannot say that the first message is damaged, so that is said before. */
const checkStart = (pool: Pool, seq: number): Effect.Effect<void, PoolError | Refusal> =>
  Effect.matchEffect(pool.encoded.get(seq), {
    onFailure: (error) => (error.reason === "NotFound" ? Effect.void : Effect.fail(error)),
    onSuccess: ({ payload }) =>
      Effect.mapError(
        attempt(() => validatePayload(payload)),
        (error) => (isPoolError(error) ? damagedPayload(error, seq) : error)
      )
  })

const stream = (
  state: ServerState,
  exchange: Exchange,
  format: TailFormat,
  request: TailRequest,
  pool: Pool
): Effect.Effect<void> => {
  const tail = new Tail(exchange, format, request, {
    stalledWriterMillis: state.options.stalledWriterMillis,
    envelope: state.envelope
  })
  const messages = Effect.matchEffect(followPool(state.feeds, pool.encoded, request.selection, tail), {
    onFailure: (error) => Effect.sync(() => tail.fail(error)),
    onSuccess: () => Effect.sync(() => tail.end())
  })
  return Effect.acquireUseRelease(
    Effect.sync(() => {
      state.streams.add(tail)
      Metrics.add(Metrics.tailsOpened, 1)
      tail.begin(exchange.method === "HEAD" || state.stopping)
    }),
    () => Effect.raceFirst(tail.awaitOver, messages),
    () =>
      Effect.sync(() => {
        state.streams.delete(tail)
        tail.close()
      })
  )
}
