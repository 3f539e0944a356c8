// `--retry`: a transient failure is tried again after a fixed pause; the last one says how often it was tried.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { PoolError } from "../src/PoolError.js"
import { CommandFailure } from "./CommandEnd.js"

export interface RetryPolicy {
  readonly extraAttempts: number
  /** Doing it twice is the same as doing it once: then it may also be tried again where it is not known how far it got. */
  readonly repeatable?: boolean
  readonly delayMillis: number
}

/** Busy, or an operation that the system interrupted: it may go through the next time. */
const isTransient = ({ causes, reason }: PoolError): boolean =>
  reason === "Busy" || (reason === "Io" && (causes ?? []).some((cause) => /EINTR|EAGAIN|ETIMEDOUT/.test(cause)))

export const retrying = <A>(
  attempt: Effect.Effect<A, PoolError>,
  { delayMillis, extraAttempts, repeatable = false }: RetryPolicy
): Effect.Effect<A, PoolError | CommandFailure> => {
  if (extraAttempts === 0) return attempt
  return Effect.flatMap(Clock.currentTimeMillis, (startMillis) => {
    const go = (attempts: number): Effect.Effect<A, PoolError | CommandFailure> =>
      Effect.catchIf(
        attempt,
        (error) => isTransient(error) || (repeatable && error.reason === "Io"),
        (error) =>
          attempts <= extraAttempts
            ? Effect.zipRight(Effect.sleep(delayMillis), go(attempts + 1))
            : Effect.flatMap(Clock.currentTimeMillis, (now) => exhausted(error, attempts, now - startMillis))
      )
    return go(1)
  })
}

const exhausted = (error: PoolError, attempts: number, waitedMillis: number): CommandFailure =>
  new CommandFailure({
    error: new PoolError({
      ...facts(error),
      hint: `${error.hint ?? "Try again later."} Tried ${attempts} times within ${waitedMillis} ms.`
    }),
    extras: { attempts, waitedMillis }
  })

const facts = ({ causes, message, offset, path, reason, seq }: PoolError) => ({
  reason,
  message,
  ...(path === undefined ? {} : { path }),
  ...(seq === undefined ? {} : { seq }),
  ...(offset === undefined ? {} : { offset }),
  ...(causes === undefined ? {} : { causes })
})
