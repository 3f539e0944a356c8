/**
 * Pools of one directory, as a service: the entry to everything else. Code that takes `Pools` does not know whether they
 * are files, memory, or somebody else's machine.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Durability } from "./Durability.js"
import { makeLocalPools } from "./internal/localPools.js"
import { MessageFilter } from "./MessageFilter.js"
import type { Pool } from "./Pool.js"
import { PoolConfig } from "./PoolConfig.js"
import type { PoolError } from "./PoolError.js"
import type { PoolInfo, PoolListing, PoolRepair, PoolVerification } from "./PoolInfo.js"
import { PoolLock } from "./PoolLock.js"
import { PoolNotify } from "./PoolNotify.js"
import type { PoolRef } from "./PoolRef.js"
import { PoolStorage } from "./PoolStorage.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateOptions {
  /** File size in bytes, rounded up to a multiple of 8. Default: that of `PoolConfig`, 1 MiB. */
  readonly sizeBytes?: number
  /** Slots of the index, 16 bytes each. Default: one for each 256 bytes of the file, at most 65,536. */
  readonly indexCapacity?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface OpenOptions {
  /** Create the pool, with these options, if it does not exist. */
  readonly create?: boolean | CreateOptions
}

/**
 * @since 0.1.0
 * @category models
 */
export interface RepairOptions {
  /** Copy the file first, beside it, as `NAME.plasmite.backup-N`. Default: true. */
  readonly backup?: boolean
  /**
   * Give up all messages before the last damaged one, readable or not, so that what remains is without a hole. Default:
   * false; damage in the middle then stays until the ring has come round, and does no harm to appends.
   */
  readonly dropDamaged?: boolean
}

/**
 * @since 0.1.0
 * @category services
 */
export class Pools extends Context.Tag("effect-plasmite/Pools")<
  Pools,
  {
    /**
     * The pool, open until the scope closes. Fails with `NotFound`, `Corrupt`, `Permission`, `Io`, or `Usage` for a
     * format version that this build does not know.
     */
    readonly open: (ref: PoolRef, options?: OpenOptions) => Effect.Effect<Pool, PoolError, Scope.Scope>
    /** The pool exists, empty. Fails with `AlreadyExists`, and with `Usage` for sizes that make no pool. */
    readonly create: (ref: PoolRef, options?: CreateOptions) => Effect.Effect<PoolInfo, PoolError>
    /** The pools of the directory by name, unreadable ones with the reason. A missing directory has none. */
    readonly list: Effect.Effect<ReadonlyArray<PoolListing>, PoolError>
    readonly info: (ref: PoolRef) => Effect.Effect<PoolInfo, PoolError>
    /** The pool no longer exists. Who has it open finds out at the next append or wait. */
    readonly remove: (ref: PoolRef) => Effect.Effect<void, PoolError>
    /** Checks every byte that has a meaning, without changing any. Damage is the answer, not a failure. */
    readonly verify: (ref: PoolRef) => Effect.Effect<PoolVerification, PoolError>
    /**
     * Makes a damaged pool sound, nobody else writing meanwhile: header, bounds and index follow what survived. A healthy
     * pool is never touched. Fails with `Corrupt` when the header cannot be told with certainty, with `Usage` for another
     * format version; nothing is changed then.
     */
    readonly repair: (ref: PoolRef, options?: RepairOptions) => Effect.Effect<PoolRepair, PoolError>
    /** The file that a reference means. */
    readonly pathOf: (ref: PoolRef) => Effect.Effect<string, PoolError>
  }
>() {}

/**
 * Pools over whatever storage, lock, notification, durability and filter are provided. (Marked as pure, so that a bundle of a
 * program that only takes `Pools` holds none of this.)
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Pools,
  never,
  PoolStorage | PoolLock | PoolNotify | Durability | MessageFilter | PoolConfig
> = /* @__PURE__ */ Layer.effect(
  Pools,
  /* @__PURE__ */ Effect.gen(function* () {
    return makeLocalPools({
      storage: yield* PoolStorage,
      locks: yield* PoolLock,
      notifications: yield* PoolNotify,
      durability: yield* Durability,
      filters: yield* MessageFilter,
      config: yield* PoolConfig
    })
  })
)
