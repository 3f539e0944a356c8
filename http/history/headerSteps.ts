/**
 * Walks over the headers of a pool in steps that are short enough for a server: after each, everybody else has a turn. An
 * engine that cannot look at headers alone is read, and answers the same.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EncodedPool, HeaderVisitor, PoolHeaders } from "../../src/EncodedPool.js"
import { toNanoseconds } from "../../src/internal/wallClock.js"
import { isPoolError, type PoolError } from "../../src/PoolError.js"
import type { PoolBounds } from "../../src/PoolInfo.js"

/** Headers of one step: less than a millisecond where files are mapped, some where each is a call of the system. */
const headersPerStep = 1024

/** Lets the event loop go round once. Effect's own yielding mostly stays within one turn of it. */
export const breathe: Effect.Effect<void> = Effect.async((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

export const boundsOf = (pool: EncodedPool): Effect.Effect<PoolBounds, PoolError> => {
  const { headers } = pool
  return headers === undefined ? Effect.map(pool.info, ({ bounds }) => bounds) : throwing(() => headers.fill().bounds)
}

/** `Effect.sync` for code that throws `PoolError`s. */
export const throwing = <A>(body: () => A): Effect.Effect<A, PoolError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(body())
    } catch (error) {
      return isPoolError(error) ? Effect.fail(error) : Effect.die(error)
    }
  })

/**
 * Visits the headers of messages `from` to `through` that are retained when it gets there, until the visitor has enough;
 * damaged ones are left out.
 */
export const visitHeaders = (
  pool: EncodedPool,
  from: number,
  through: number,
  visit: HeaderVisitor
): Effect.Effect<void, PoolError> =>
  pool.headers === undefined
    ? visitByReading(pool, from, through, visit)
    : visitBySteps(pool, pool.headers, from, through, visit)

const visitBySteps = (
  pool: EncodedPool,
  headers: PoolHeaders,
  from: number,
  through: number,
  visit: HeaderVisitor
): Effect.Effect<void, PoolError> =>
  Effect.flatMap(
    throwing(() => {
      let next = from
      let isOver = false
      const reached = headers.visit(from, headersPerStep, (seq, low, high, bytes) => {
        next = seq + 1
        // Where messages were overwritten meanwhile, the step begins later, and may lead beyond.
        isOver = seq > through || !visit(seq, low, high, bytes) || seq === through
        return !isOver
      })
      return { isOver, next, reached }
    }),
    ({ isOver, next, reached }) => {
      if (isOver) return Effect.void
      if (reached === "damaged") return visitByReading(pool, next, through, visit)
      return reached === "end" || reached > through
        ? Effect.void
        : Effect.zipRight(breathe, visitBySteps(pool, headers, reached, through, visit))
    }
  )

const visitByReading = (
  pool: EncodedPool,
  from: number,
  through: number,
  visit: HeaderVisitor
): Effect.Effect<void, PoolError> =>
  Effect.suspend(() =>
    from > through
      ? Effect.void
      : Stream.runForEachWhile(pool.tail({ from: { seq: from }, through, follow: false }, "lent"), ({ messages }) => {
          const goesOn = messages.every(
            ({ payload, seq, timestampHigh, timestampLow }) =>
              seq <= through && visit(seq, timestampLow, timestampHigh, payload.length)
          )
          return Effect.as(breathe, goesOn)
        })
  )

export interface MessageTime {
  readonly seq: number
  /** Since 1970. */
  readonly nanoseconds: bigint
}

/** The first message from `from` on that is there, as a rule that one itself, and its time. */
export const firstTime = (
  pool: EncodedPool,
  from: number,
  through: number
): Effect.Effect<MessageTime | undefined, PoolError> =>
  Effect.suspend(() => {
    let found: MessageTime | undefined
    const headers = visitHeaders(pool, from, through, (seq, low, high) => {
      found = { seq, nanoseconds: toNanoseconds(low, high) }
      return false
    })
    return Effect.map(headers, () => found)
  })

/** Afterwards the message is found at once, wherever in a large pool it is. */
export const approach = (pool: EncodedPool, seq: number): Effect.Effect<void, PoolError> =>
  pool.headers === undefined ? Effect.void : visitHeaders(pool, seq, seq, () => false)
