/**
 * Runs synchronous code while holding a pool's lock. Nothing awaits while it is held; while somebody else holds it,
 * the event loop goes on, and after the deadline the answer is `Busy`.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { isPoolError, PoolError } from "../PoolError.js"
import type { PoolLockHandle, PoolLockMode } from "../PoolLock.js"

/** Knows of some exceptions what they come of. */
export interface Explains {
  /** The `PoolError` that it is, or the same exception. */
  readonly explain?: (error: unknown) => unknown
}

/** Turns what synchronous code throws into a typed failure; anything but a `PoolError` is a defect. */
export const attempt = <A>(body: () => A, explains?: Explains): Effect.Effect<A, PoolError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(body())
    } catch (error) {
      return failureOf(error, explains)
    }
  })

/** What was thrown, as `attempt` has it. */
export const failureOf = (thrown: unknown, explains: Explains | undefined): Effect.Effect<never, PoolError> => {
  const error = explains?.explain === undefined ? thrown : explains.explain(thrown)
  return isPoolError(error) ? Effect.fail(error) : Effect.die(error)
}

export interface LockWait extends Explains {
  readonly lock: PoolLockHandle
  readonly path: string
  readonly timeoutMillis: number
}

/**
 * Pauses between attempts: the lock is usually held for microseconds, so the first ones are yields. Then whoever holds it
 * is not running; where many writers share few cores, it soon will be, and one that slept longer than the others would
 * find the lock taken again and again. So pauses grow slowly.
 */
const yields = 8
const shortPauses = 64
const longestPauseMillis = 10

const pause = (attempts: number): Effect.Effect<void> =>
  attempts <= yields
    ? Effect.yieldNow()
    : Effect.sleep(Math.min(Math.ceil((attempts - yields) / shortPauses), longestPauseMillis))

/** The result of `body`, run once under the lock. */
export const withLock = <A>(wait: LockWait, mode: PoolLockMode, body: () => A): Effect.Effect<A, PoolError> =>
  untilFree(wait, () => {
    if (!wait.lock.tryAcquire(mode)) return contended
    try {
      return body()
    } finally {
      wait.lock.release()
    }
  })

/** The lock is held; closing the handle's scope releases it. For what cannot be one synchronous body. */
export const holdLock = (wait: LockWait, mode: PoolLockMode): Effect.Effect<void, PoolError> =>
  untilFree(wait, () => (wait.lock.tryAcquire(mode) ? undefined : contended))

/** Says that somebody else holds the lock. */
export const contended: unique symbol = Symbol.for("effect-plasmite/contended")

/**
 * Asks again, with pauses, until the answer is not `contended`; after the deadline fails with `Busy`. An answer had at
 * once costs one step of the fiber.
 */
export const untilFree = <A>(
  wait: Omit<LockWait, "lock">,
  ask: () => A | typeof contended
): Effect.Effect<A, PoolError> => Effect.suspend(() => askNow(wait, ask))

/** The same for somebody whom a fiber is running already: the first time is now. */
export const askNow = <A>(
  wait: Omit<LockWait, "lock">,
  ask: () => A | typeof contended
): Effect.Effect<A, PoolError> => {
  try {
    const answer = ask()
    return answer === contended ? askAgain(wait, ask) : Effect.succeed(answer)
  } catch (error) {
    return failureOf(error, wait)
  }
}

const askAgain = <A>(wait: Omit<LockWait, "lock">, ask: () => A | typeof contended): Effect.Effect<A, PoolError> =>
  Effect.gen(function* () {
    const once = attempt(ask, wait)
    const deadline = (yield* Clock.currentTimeMillis) + wait.timeoutMillis
    for (let attempts = 1; ; attempts++) {
      yield* pause(attempts)
      const answer = yield* once
      if (answer !== contended) return answer
      if ((yield* Clock.currentTimeMillis) >= deadline) return yield* busy(wait)
    }
  })

const busy = (wait: Omit<LockWait, "lock">): PoolError =>
  new PoolError({
    reason: "Busy",
    message: `another process has held the lock of ${wait.path} for ${wait.timeoutMillis} ms`,
    hint: "Find a stopped or stuck writer (`fuser` or `lsof` on the file) and continue or end it, then try again.",
    path: wait.path
  })
