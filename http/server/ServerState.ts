/**
 * What the handlers of one server share: its options, its open pools, its limits, and what is open now.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import type { Pools } from "../../src/Pools.js"
import type { ErrorEnvelope } from "../api/ApiError.js"
import type { ResolvedOptions } from "../ServerOptions.js"
import { PoolSampler } from "../stats/PoolSampler.js"
import { PoolFeeds } from "../tail/PoolFeed.js"
import { PoolCache } from "./PoolCache.js"
import { Slots } from "./Slots.js"
import { makeTokenCheck, type TokenCheck } from "./token.js"
import { busy, makeEnvelope, Refusal } from "./wireError.js"

export class ServerState {
  readonly cache: PoolCache
  /** Tails, which live long; and requests that wait for a pool, which should not. */
  readonly tailSlots: Slots
  private readonly storageSlots: Slots
  /** What is open and would not end by itself soon. */
  readonly streams = new Set<{ readonly end: () => void }>()
  readonly sampler: PoolSampler
  readonly feeds = new PoolFeeds()
  readonly envelope: (error: PoolError) => ErrorEnvelope
  readonly features: ReadonlyArray<string>
  stopping = false
  private tokenCheck: TokenCheck | undefined

  constructor(
    readonly options: ResolvedOptions,
    readonly pools: Context.Tag.Service<Pools>,
    /** Where the pools are: what must not be told. */
    directory: string
  ) {
    this.cache = new PoolCache(pools)
    this.tailSlots = new Slots(options.maxTailConcurrency)
    this.storageSlots = new Slots(options.maxTailConcurrency)
    this.envelope = makeEnvelope(directory)
    this.tokenCheck = options.token === undefined ? undefined : makeTokenCheck(options.token)
    this.sampler = new PoolSampler(this)
    const where = options.serverWhere ? ["where"] : []
    this.features = [
      "since",
      "last",
      ...where,
      "heartbeat",
      "history",
      "server-info",
      "ui-stats",
      "batch",
      "append-key",
      "cursors"
    ]
  }

  /** The check that requests have to pass now; none where everybody may come in. */
  get checkToken(): TokenCheck | undefined {
    return this.tokenCheck
  }

  /** Another token counts, from the next request on. Whether one is asked for does not change. */
  replaceToken(token: string): void {
    if (this.tokenCheck !== undefined) this.tokenCheck = makeTokenCheck(token)
  }

  get storageIsFull(): boolean {
    return this.storageSlots.used >= this.storageSlots.limit
  }

  /** The way to give back the leave to touch pools. Throws a `Refusal` when too many have it. */
  takeStorageSlot(): () => void {
    const release = this.storageSlots.take()
    if (release === undefined) throw busy("too many requests are waiting for pools", "Try again in a moment.")
    return release
  }

  /** Runs work that touches pools, unless too much of it is under way. */
  admit<A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E | Refusal> {
    return Effect.suspend((): Effect.Effect<A, E | Refusal> => {
      try {
        return Effect.ensuring(work, Effect.sync(this.takeStorageSlot()))
      } catch (refusal) {
        return refusal instanceof Refusal ? Effect.fail(refusal) : Effect.die(refusal)
      }
    })
  }

  /** Runs `body` with the pool of that file open. */
  withPool<A, E>(file: string, body: (pool: Pool) => Effect.Effect<A, E>): Effect.Effect<A, E | PoolError | Refusal> {
    return this.admit(this.cache.use(file, body))
  }
}
