/**
 * Runs an effect to its end before it returns, as code without promises expects. Where the effect would sleep, for example
 * because another process holds the lock, the thread does.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import { isPoolError } from "../../src/PoolError.js"
import { contended } from "../../src/internal/withLock.js"
import { toClientError } from "./ClientError.js"

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

export const blockMillis = (millis: number): void => {
  Atomics.wait(nobodyWakes, 0, 0, millis)
}

const machine = Clock.make()

const blockingClock: Clock.Clock = {
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  currentTimeMillis: machine.currentTimeMillis,
  currentTimeNanos: machine.currentTimeNanos,
  unsafeCurrentTimeMillis: () => machine.unsafeCurrentTimeMillis(),
  unsafeCurrentTimeNanos: () => machine.unsafeCurrentTimeNanos(),
  sleep: (duration) => Effect.sync(() => blockMillis(Duration.toMillis(duration)))
}

/** Made once: to give each effect its clock would cost as much as an append. */
const runExit = Runtime.runSyncExit(Effect.runSync(Effect.withClock(Effect.runtime(), blockingClock)))

/** Throws what the effect fails with, as the error that callers of the client know. */
export const runBlocking = <A, E>(effect: Effect.Effect<A, E>): A => {
  const exit = runExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  throw thrown(exit.cause)
}

/**
 * What `attempt` says, as long as nobody has to wait; otherwise what the effect ends with, blocking. A fiber for each call costs
 * as much as what most calls are for.
 */
export const runAtOnce = <A, E>(
  attempt: (clock: Clock.Clock) => A | typeof contended,
  otherwise: () => Effect.Effect<A, E>
): A => {
  let answer: A | typeof contended
  try {
    answer = attempt(blockingClock)
  } catch (error) {
    throw isPoolError(error) ? toClientError(error) : error
  }
  return answer === contended ? runBlocking(otherwise()) : answer
}

/** What a promise of the effect is rejected with. */
export const thrown = (cause: Cause.Cause<unknown>): unknown => {
  const error = Cause.squash(cause)
  return isPoolError(error) ? toClientError(error) : error
}
