/**
 * What becomes known of a request when it is over: counters, and a line in the log with annotations. Never a token, a
 * query or a message.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import type { ServerOptions } from "../ServerOptions.js"
import type { Exchange } from "./Exchange.js"
import * as Metrics from "./metrics.js"

export interface RequestLog {
  readonly answered: (exchange: Exchange, route: string, elapsedMillis: number) => void
  readonly defect: (exchange: Exchange, cause: Cause.Cause<unknown>) => void
}

const streams: ReadonlySet<string> = new Set(["tail", "tailFrames", "events", "stats"])

export const makeRequestLog = (
  policy: NonNullable<ServerOptions["logRequests"]>,
  runFork: (effect: Effect.Effect<void>) => void
): RequestLog => ({
  answered: (exchange, route, elapsedMillis) => {
    Metrics.requestAnswered(route, exchange.status, streams.has(route) ? undefined : elapsedMillis)
    if (exchange.status === 423) Metrics.add(Metrics.busyRefusals, 1)
    const failed = exchange.status >= 500
    if (policy === "none" || (policy === "failed" && !failed)) return
    runFork(
      Effect.annotateLogs(Effect.logWithLevel(failed ? LogLevel.Error : LogLevel.Info, "request"), {
        method: exchange.method,
        path: exchange.path.slice(0, 512),
        route,
        // 0: the client went away before there was an answer.
        status: exchange.status,
        responseBytes: exchange.responseBytes,
        elapsedMillis: Math.round(elapsedMillis * 1000) / 1000
      })
    )
  },
  defect: (exchange, cause) =>
    runFork(
      Effect.annotateLogs(Effect.logError("a request met a defect", cause), {
        method: exchange.method,
        path: exchange.path.slice(0, 512)
      })
    )
})
