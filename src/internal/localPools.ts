/**
 * The `Pools` of one directory of files: references become paths, paths become open handles.
 */
import type * as Context from "effect/Context"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Barrier, Durability, DurabilityMode } from "../Durability.js"
import type { MessageFilter } from "../MessageFilter.js"
import type { Pool } from "../Pool.js"
import { make as makePool } from "../Pool.js"
import type { PoolConfigValues } from "../PoolConfig.js"
import { PoolError } from "../PoolError.js"
import type { PoolInfo, PoolListing } from "../PoolInfo.js"
import type { PoolRef } from "../PoolRef.js"
import { display, extension, nameOfPath, toPath } from "../PoolRef.js"
import type { CreateOptions, OpenOptions, Pools } from "../Pools.js"
import type { PoolFileEntry } from "../PoolStorage.js"
import { makeLocalCursors, removeCursors } from "./localCursors.js"
import type { LocalServices } from "./localHandle.js"
import { lookAtLocal, openLocal } from "./localHandle.js"
import { makeLocalPool } from "./localPool.js"
import { poolInfo, withCursors } from "./poolInfo.js"
import { planPool } from "./ring/create.js"
import { repairPool } from "./repairPool.js"
import { verifyPool } from "./verifyPool.js"
import { attempt, holdLock } from "./withLock.js"

export interface LocalPoolsServices extends LocalServices {
  readonly durability: Context.Tag.Service<Durability>
  readonly filters: Context.Tag.Service<MessageFilter>
  readonly config: PoolConfigValues
}

const noSuchMode = (mode: never): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `durability ${JSON.stringify(mode)} is not known`,
    hint: 'It is "fast" or "flush".'
  })

/** Who opens a pool can also create it, which whoever else misses a file cannot. */
const orCreate = (error: PoolError): PoolError =>
  error.reason === "NotFound"
    ? new PoolError({ ...error, message: error.message, hint: "Check the name, or open it with `{ create: true }`." })
    : error

export const makeLocalPools = (services: LocalPoolsServices): Context.Tag.Service<Pools> => {
  const { config, durability, filters, locks, storage } = services
  const pathOf = (ref: PoolRef): Effect.Effect<string, PoolError> => Effect.suspend(() => toPath(ref, config.directory))

  /** A mode that is none must not pass for the weaker one. */
  const barrier = (mode: DurabilityMode): Effect.Effect<Barrier | undefined, PoolError> =>
    mode === "flush" || mode === "fast" ? durability.barrier(mode) : Effect.fail(noSuchMode(mode))

  const openPath = (name: string, path: string): Effect.Effect<Pool, PoolError, Scope.Scope> =>
    Effect.gen(function* () {
      const handle = yield* openLocal(services, name, path, config.lockTimeoutMillis)
      const fastBarrier = yield* durability.barrier("fast")
      const cursors = makeLocalCursors(services, name, path)
      return makePool(makeLocalPool(handle, { barrier, compile: filters.compile }, fastBarrier, cursors))
    })

  /** Creating is rare, and a pool that a power cut turns into zeroes could neither be opened nor created again: on disk. */
  const createPath = (path: string, options: CreateOptions): Effect.Effect<void, PoolError> =>
    Effect.flatMap(
      attempt(() =>
        planPool({
          fileSize: options.sizeBytes ?? config.defaultSizeBytes,
          ...(options.indexCapacity === undefined ? {} : { indexCapacity: options.indexCapacity })
        })
      ),
      ({ file }) => storage.create(path, file, { durable: true })
    )

  /** Somebody else may create it between our look and our attempt: then it is there, which is all we want. */
  const open = (ref: PoolRef, options: OpenOptions = {}): Effect.Effect<Pool, PoolError, Scope.Scope> =>
    Effect.flatMap(pathOf(ref), (path) => {
      const opened = openPath(display(ref), path)
      if (options.create === undefined || options.create === false) return Effect.mapError(opened, orCreate)
      const created = createPath(path, options.create === true ? {} : options.create)
      return Effect.catchIf(
        opened,
        (error) => error.reason === "NotFound",
        () =>
          Effect.zipRight(
            Effect.catchIf(
              created,
              (error) => error.reason === "AlreadyExists",
              () => Effect.void
            ),
            opened
          )
      )
    })

  /** Listing a directory looks at every pool in it: none is opened for more than that. */
  const lookAt = (name: string, path: string): Effect.Effect<PoolInfo, PoolError> =>
    Effect.scoped(
      Effect.gen(function* () {
        const looked = yield* lookAtLocal(services, name, path)
        const found = yield* poolInfo(looked, yield* Clock.currentTimeMillis)
        return withCursors(found, yield* makeLocalCursors(services, name, path).list)
      })
    )

  const info = (ref: PoolRef): Effect.Effect<PoolInfo, PoolError> =>
    Effect.flatMap(pathOf(ref), (path) => lookAt(display(ref), path))

  const listing = (entry: PoolFileEntry): Effect.Effect<PoolListing> =>
    Effect.match(lookAt(entry.name, entry.path), {
      onFailure: (error): PoolListing => ({ _tag: "Unreadable", name: entry.name, path: entry.path, error }),
      onSuccess: (info): PoolListing => ({
        _tag: "Readable",
        name: entry.name,
        path: entry.path,
        fileSize: info.fileSize,
        bounds: info.bounds,
        modifiedMillis: entry.modifiedMillis,
        info
      })
    })

  return {
    open,
    info,
    pathOf,
    create: (ref, options = {}) =>
      Effect.flatMap(pathOf(ref), (path) => Effect.zipRight(createPath(path, options), info(ref))),
    list: Effect.flatMap(storage.list(config.directory), (entries) => Effect.forEach(entries, listing)),
    remove: (ref) => Effect.flatMap(pathOf(ref), (path) => removePath(path)),
    verify: (ref) =>
      Effect.flatMap(pathOf(ref), (path) => verifyPool(services, typedFor(path), path, config.lockTimeoutMillis)),
    repair: (ref, options = {}) =>
      Effect.flatMap(pathOf(ref), (path) =>
        repairPool(services, typedFor(path), path, config.lockTimeoutMillis, options)
      )
  }

  /** What to type for a pool: its name if it is one of the directory. */
  function typedFor(path: string): string {
    const name = nameOfPath(path)
    return path === `${config.directory}/${name}${extension}` ? name : path
  }

  /**
   * Under the exclusive lock, so that no append is acknowledged that the deletion swallows; closing the scope frees it.
   * A file that cannot even be locked can be deleted all the same. Cursors go last: one left behind by a death in between
   * finds out that it is ahead of its pool, while a pool without its cursors would have all messages handled again.
   */
  function removePath(path: string): Effect.Effect<void, PoolError> {
    const removed = Effect.zipRight(storage.remove(path), removeCursors(storage, path))
    return Effect.scoped(
      Effect.matchEffect(locks.open(path), {
        onFailure: (error) => (error.reason === "NotFound" ? Effect.fail(error) : removed),
        onSuccess: (lock) =>
          Effect.zipRight(holdLock({ lock, path, timeoutMillis: config.lockTimeoutMillis }, "exclusive"), removed)
      })
    )
  }
}
