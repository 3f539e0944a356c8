/**
 * The endpoints in which the server speaks of itself.
 */
import * as Effect from "effect/Effect"
import * as MediaTypes from "../api/mediaTypes.js"
import type * as Models from "../api/models.js"
import { openApi } from "../openApi.js"
import * as Metrics from "../server/metrics.js"
import { prometheusText } from "../server/prometheus.js"
import type { ServerState } from "../server/ServerState.js"
import { version } from "../version.js"
import type { Handler } from "./Handler.js"

export const health = (): Handler => (exchange) => Effect.sync(() => exchange.json(200, '{"ok":true}'))

export const ready =
  (state: ServerState): Handler =>
  (exchange) =>
    Effect.sync(() => (state.stopping ? exchange.json(503, '{"ok":false}') : exchange.json(200, '{"ok":true}')))

export const server =
  (state: ServerState): Handler =>
  (exchange) =>
    Effect.sync(() => {
      const { options } = state
      const answer: (typeof Models.ServerAnswer)["Encoded"] = {
        server: {
          name: "effect-plasmite",
          version,
          api: 0,
          access: options.access,
          auth: options.token === undefined ? "none" : "bearer",
          limits: {
            max_body_bytes: options.maxBodyBytes,
            max_tail_timeout_ms: options.maxTailTimeoutMillis,
            max_tail_concurrency: options.maxTailConcurrency,
            max_pool_bytes: options.maxPoolBytes,
            max_pools: options.maxPools
          },
          features: state.features,
          time: new Date().toISOString()
        }
      }
      exchange.json(200, JSON.stringify(answer))
    })

export const metrics =
  (state: ServerState): Handler =>
  (exchange) =>
    Effect.sync(() => {
      Metrics.set(Metrics.openTails, state.tailSlots.used)
      Metrics.set(Metrics.openPools, state.cache.size)
      exchange.text(200, MediaTypes.prometheus, prometheusText())
    })

export const openapi = (): Handler => {
  let text: string | undefined
  return (exchange) =>
    Effect.sync(() => {
      text ??= JSON.stringify(openApi())
      exchange.json(200, text)
    })
}
