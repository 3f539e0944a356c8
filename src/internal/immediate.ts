/**
 * What an engine of this machine does at once, for callers whom no fiber runs: the same code that its effects wrap, and nothing
 * around it. Known by the very object: whoever wraps a pool, to see or change what happens, is not passed by.
 */
import type * as Clock from "effect/Clock"
import type { AppendedRange, EncodedPool, StoredMessage } from "../EncodedPool.js"
import type { contended, Explains } from "./withLock.js"

/** Throws a `PoolError`, or what `explain` makes one of. After `contended` nothing was done: somebody else has the lock, and waiting is the effects' business. */
export interface Immediate extends Explains {
  /** As `append` with the durability `"fast"`. */
  readonly append: (payloads: ReadonlyArray<Uint8Array>, clock: Clock.Clock) => AppendedRange | typeof contended
  readonly get: (seq: number) => StoredMessage | typeof contended
}

const known = new WeakMap<EncodedPool, Immediate>()

export const declareImmediate = (pool: EncodedPool, immediate: Immediate): EncodedPool => {
  known.set(pool, immediate)
  return pool
}

/** `undefined`: only the effects do. */
export const immediateOf = (pool: EncodedPool): Immediate | undefined => known.get(pool)
