/**
 * From a time to a message, by halving: the times of a pool rise with its numbers, as long as nobody sets a clock back. Where
 * somebody did, one of the places that answer the question is found.
 */
import * as Effect from "effect/Effect"
import type { EncodedPool } from "../../src/EncodedPool.js"
import type { PoolError } from "../../src/PoolError.js"
import { firstTime } from "./headerSteps.js"

/** The first message of `oldest` to `newest` that is of this time or later; `newest + 1` when there is none. */
export const firstNotBefore = (
  pool: EncodedPool,
  oldest: number,
  newest: number,
  nanoseconds: bigint
): Effect.Effect<number, PoolError> => {
  const search = (low: number, high: number): Effect.Effect<number, PoolError> => {
    if (low >= high) return Effect.succeed(low)
    const middle = low + Math.floor((high - low) / 2)
    return Effect.flatMap(firstTime(pool, middle, high - 1), (found) =>
      // Nothing from the middle on can be read: what is asked for lies before, or nowhere.
      found === undefined || found.nanoseconds >= nanoseconds ? search(low, middle) : search(found.seq + 1, high)
    )
  }
  return search(oldest, newest + 1)
}
