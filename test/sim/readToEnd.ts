/** Reads a pool from its oldest message to its newest, in the eyes of a follower. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import type { Follower } from "./Model.js"

/** The numbers read. A gap is one up to `oldest`, where that is known, or else up to what was found behind it. */
export const readToEnd = (
  pool: Pool,
  follower: Follower,
  oldest?: number
): Effect.Effect<ReadonlyArray<number>, PoolError> =>
  Effect.suspend(() => {
    const seqs: Array<number> = []
    const messages = pool.tail({
      from: "oldest",
      follow: false,
      onGap: ({ expected, found }) => Effect.sync(() => follower.gap(expected, found, oldest ?? found)),
      onDamage: ({ seq }) => Effect.sync(() => follower.damage(seq ?? 0))
    })
    const read = Stream.runForEach(messages, ({ data, seq }) =>
      Effect.sync(() => {
        follower.message(seq, data)
        seqs.push(seq)
      })
    )
    return Effect.as(read, seqs)
  })
