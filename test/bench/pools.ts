/**
 * Our own pools, for the entries: opened through the public layers, and one floor below, as the handle that the ring
 * code works on, for what is measured without Effect.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as path from "node:path"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import * as NodePools from "../../layers/NodePools.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import * as WatchPoolNotify from "../../layers/WatchPoolNotify.js"
import { type CreateOptions, PoolLock, PoolNotify, Pools, PoolStorage } from "../../src/index.js"
import type { Pool } from "../../src/Pool.js"
import { type LocalHandle, openLocal } from "../../src/internal/localHandle.js"
import { tinyBatch } from "./messages.js"

export const mebibyte = 1024 * 1024

/** A ring that holds more messages than are read at once, and that everything measured has wrapped. */
export const usualBytes = 64 * mebibyte

export interface OpenPools {
  readonly open: (name: string, options?: CreateOptions) => Promise<Pool>
  /** A handle of its own on a pool that exists. */
  readonly handle: (name: string) => Promise<LocalHandle>
  readonly close: () => Promise<void>
}

export const openPools = async (directory: string): Promise<OpenPools> => {
  const scope = await Effect.runPromise(Scope.make())
  const build = <A>(layer: Layer.Layer<A>): Promise<Context.Context<A>> =>
    Effect.runPromise(Layer.buildWithScope(layer, scope))
  const context = await build(NodePools.layer({ directory }))
  const parts = await build(Layer.mergeAll(MmapPoolStorage.layer, OsPoolLock.layer, WatchPoolNotify.layer))
  const services = {
    storage: Context.get(parts, PoolStorage.PoolStorage),
    locks: Context.get(parts, PoolLock.PoolLock),
    notifications: Context.get(parts, PoolNotify.PoolNotify)
  }
  return {
    open: (name, options = { sizeBytes: usualBytes }) =>
      Effect.runPromise(Scope.extend(Context.get(context, Pools).open(name, { create: options }), scope)),
    handle: (name) =>
      Effect.runPromise(Scope.extend(openLocal(services, name, poolPath(directory, name), 1_000), scope)),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const largeBatch = Array.from({ length: 16 }, () => tinyBatch).flat()

/** Appends tiny messages, in batches, until the pool holds `count` of them, or its ring has come round. */
export const fill = async (pool: Pool, count = Number.POSITIVE_INFINITY): Promise<number> => {
  for (;;) {
    const { bounds } = await Effect.runPromise(pool.info)
    const newest = bounds.newest ?? 0
    if (newest >= count || (bounds.oldest ?? 1) > 1) return newest
    const missing = count - newest
    await Effect.runPromise(
      missing < largeBatch.length
        ? pool.appendAll(largeBatch.slice(0, missing))
        : repeat(() => pool.appendAll(largeBatch), Math.min(Math.floor(missing / largeBatch.length), 16))
    )
  }
}

/** Runs an effect `times` times in one fiber, at the least cost that Effect has for that. */
export const repeat = <E>(operation: () => Effect.Effect<unknown, E>, times: number): Effect.Effect<void, E> => {
  let done = 0
  return Effect.whileLoop({ while: () => done < times, body: operation, step: () => void done++ })
}

/** On the disk, so that the system does not start writing gigabytes while something is measured. */
const settle = (file: string): void => {
  const descriptor = fs.openSync(file, "r+")
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** A pool of the whole run with its ring filled once; made by the first entry that asks. */
export const sharedPool = async (
  shared: string,
  sizeBytes: number
): Promise<{ readonly name: string; readonly count: number }> => {
  const name = `filled-${sizeBytes / mebibyte}-mib`
  const pools = await openPools(shared)
  try {
    const pool = await pools.open(name, { sizeBytes })
    await fill(pool)
    const { bounds } = await Effect.runPromise(pool.info)
    return { name, count: (bounds.newest ?? 0) - (bounds.oldest ?? 1) + 1 }
  } finally {
    await pools.close()
    settle(poolPath(shared, name))
  }
}

export const poolPath = (directory: string, name: string): string => path.join(directory, `${name}.plasmite`)
