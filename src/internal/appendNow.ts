/**
 * Appends without an Effect, for a caller that has many to do and mostly finds the lock free: a server. Known by the `append`
 * that it stands in for, so that an engine around another one, which has an `append` of its own, is never passed by.
 */
import type * as Clock from "effect/Clock"
import type { AppendedRange, EncodedPool } from "../EncodedPool.js"
import type { contended } from "./withLock.js"

/** With durability `fast`. Says `contended` when somebody else holds the lock, and throws what `append` fails with. */
export type AppendNow = (payloads: ReadonlyArray<Uint8Array>, clock: Clock.Clock) => AppendedRange | typeof contended

const known = new WeakMap<EncodedPool["append"], AppendNow>()

export const withAppendNow = (append: EncodedPool["append"], appendNow: AppendNow): EncodedPool["append"] => {
  known.set(append, appendNow)
  return append
}

/** `undefined` where only `append` will do. */
export const appendNowOf = ({ append }: EncodedPool): AppendNow | undefined => known.get(append)
