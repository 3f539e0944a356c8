/**
 * Plays messages at the pace at which they were written. Each is due at its distance from the first, so that delays
 * of the consumer do not add up; a clock that was set back makes no pause.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { PoolError } from "../PoolError.js"
import { toNanoseconds } from "./wallClock.js"

export interface Timed {
  readonly timestampLow: number
  readonly timestampHigh: number
}

/** `speed` 1 is the original pace, 2 twice as fast, 0 without pauses. */
export const paced = <A extends Timed, E, R>(
  messages: Stream.Stream<A, E, R>,
  speed: number
): Stream.Stream<A, E | PoolError, R> => {
  if (!Number.isFinite(speed) || speed < 0) {
    return Stream.fail(
      new PoolError({
        reason: "Usage",
        message: `replay speed ${speed} is not a number from 0 up`,
        hint: "1 is the original pace, 2 twice as fast, 0 without pauses."
      })
    )
  }
  if (speed === 0) return messages
  return Stream.suspend(() => {
    let previous: bigint | undefined
    let dueMillis = 0
    return Stream.mapEffect(messages, (message) =>
      Effect.flatMap(Clock.currentTimeMillis, (nowMillis) => {
        const written = toNanoseconds(message.timestampLow, message.timestampHigh)
        const distanceMillis = previous === undefined ? 0 : Number(written - previous) / 1e6 / speed
        dueMillis = previous === undefined ? nowMillis : dueMillis + Math.max(0, distanceMillis)
        previous = written
        return dueMillis > nowMillis ? Effect.as(Effect.sleep(dueMillis - nowMillis), message) : Effect.succeed(message)
      })
    )
  })
}
