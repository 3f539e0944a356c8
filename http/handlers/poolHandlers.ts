/**
 * The endpoints that are about pools as a whole. Rare, so each looks at the file itself, not at what the server has open:
 * the answer is about what is there now.
 */
import * as Effect from "effect/Effect"
import type { PoolError } from "../../src/PoolError.js"
import { extension, nameOfPath } from "../../src/PoolRef.js"
import { CreatePool, OpenPool } from "../api/models.js"
import type * as Models from "../api/models.js"
import type { Exchange } from "../server/Exchange.js"
import { referenceOf } from "../server/PoolCache.js"
import { poolFileName } from "../server/poolName.js"
import type { ServerState } from "../server/ServerState.js"
import { usage } from "../server/wireError.js"
import type { Handler } from "./Handler.js"
import { attempt, poolFileOf } from "./Handler.js"
import { readJson } from "./jsonBody.js"
import { wirePool, wireSizes } from "./wirePool.js"

const answer = (exchange: Exchange, body: (typeof Models.PoolAnswer | typeof Models.PoolsAnswer)["Encoded"]): void =>
  exchange.json(200, JSON.stringify(body))

export const create =
  (state: ServerState): Handler =>
  (exchange) =>
    Effect.gen(function* () {
      const request = yield* readJson(exchange, CreatePool)
      const file = yield* attempt(() => poolFileName(request.pool))
      const sizeBytes = request.size_bytes ?? undefined
      const indexCapacity = request.index_capacity ?? undefined
      const { maxPoolBytes } = state.options
      if (sizeBytes !== undefined && sizeBytes > maxPoolBytes) {
        return yield* usage(
          `a pool of ${sizeBytes} bytes is larger than the ${maxPoolBytes} that this server allows`,
          "Ask for less, or raise the server's --max-pool-bytes."
        )
      }
      const info = yield* state.admit(
        Effect.zipRight(
          belowMaxPools(state),
          state.pools.create(referenceOf(file), {
            ...(sizeBytes === undefined ? {} : { sizeBytes }),
            ...(indexCapacity === undefined ? {} : { indexCapacity })
          })
        )
      )
      state.sampler.forgetList()
      answer(exchange, { pool: wirePool(request.pool, file, info) })
    })

const belowMaxPools = (state: ServerState): Effect.Effect<void, PoolError> =>
  Effect.flatMap(state.pools.list, (pools) =>
    pools.length < state.options.maxPools
      ? Effect.void
      : usage(
          `the server has ${pools.length} pools, as many as it allows`,
          "Delete one that is not needed, or raise the server's --max-pools."
        )
  )

export const open =
  (state: ServerState): Handler =>
  (exchange) =>
    Effect.gen(function* () {
      const request = yield* readJson(exchange, OpenPool)
      const file = yield* attempt(() => poolFileName(request.pool))
      const info = yield* state.admit(state.pools.info(referenceOf(file)))
      const describe = state.options.access === "write-only" ? wireSizes : wirePool
      answer(exchange, { pool: describe(request.pool, file, info) })
    })

export const info =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    Effect.gen(function* () {
      const file = yield* attempt(() => poolFileOf(parameters))
      const found = yield* state.admit(state.pools.info(referenceOf(file)))
      answer(exchange, { pool: wirePool(nameOfPath(file), file, found) })
    })

export const remove =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    Effect.gen(function* () {
      const file = yield* attempt(() => poolFileOf(parameters))
      yield* state.admit(Effect.zipRight(state.pools.remove(referenceOf(file)), state.cache.drop(file)))
      state.sampler.forgetList()
      exchange.json(200, '{"ok":true}')
    })

export const list =
  (state: ServerState): Handler =>
  (exchange) =>
    Effect.gen(function* () {
      const listings = yield* state.admit(state.pools.list)
      const unreadable = listings.flatMap((listing) =>
        listing._tag === "Unreadable" ? [{ name: listing.name, error: state.envelope(listing.error).error }] : []
      )
      answer(exchange, {
        pools: listings.flatMap((listing) =>
          listing._tag === "Readable" ? [wirePool(listing.name, listing.name + extension, listing.info)] : []
        ),
        ...(unreadable.length === 0 ? {} : { unreadable })
      })
    })
