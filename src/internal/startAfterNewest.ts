/**
 * A position that is fixed now, for a tail that starts a little later. `"now"` is fixed only when the stream starts, and what
 * is appended in between would be missed.
 */
import * as Effect from "effect/Effect"
import type { TailFrom } from "../EncodedPool.js"
import type { Pool } from "../Pool.js"
import type { PoolError } from "../PoolError.js"

export const startAfterNewest = (pool: Pool): Effect.Effect<TailFrom, PoolError> =>
  // Whatever an empty pool gets is new.
  Effect.map(pool.info, ({ bounds }) => (bounds.newest === undefined ? "oldest" : { seq: bounds.newest + 1 }))
