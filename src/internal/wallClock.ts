/**
 * The time of a message: nanoseconds since 1970 from Effect's `Clock`, as two 32-bit halves. The clock's nanosecond
 * reading counts from the start of the process, so after the machine slept or its clock was set it is off; then
 * the millisecond reading, which follows the wall clock, wins.
 */
import type * as Clock from "effect/Clock"

/** Nanoseconds since 1970 as `high * 2^32 + low`. */
export interface Timestamp {
  readonly low: number
  readonly high: number
}

const toleratedDriftMillis = 1000

/** The current time, in one reading for a whole batch. */
export const unsafeNow = (clock: Clock.Clock): Timestamp => {
  const nanoseconds = clock.unsafeCurrentTimeNanos()
  const millis = clock.unsafeCurrentTimeMillis()
  const drift = Number(nanoseconds / 1_000_000n) - millis
  return drift > toleratedDriftMillis || drift < -toleratedDriftMillis
    ? fromNanoseconds(BigInt(millis) * 1_000_000n)
    : fromNanoseconds(nanoseconds)
}

export const fromNanoseconds = (nanoseconds: bigint): Timestamp => {
  const unsigned = BigInt.asUintN(64, nanoseconds)
  return { low: Number(unsigned & 0xffff_ffffn), high: Number(unsigned >> 32n) }
}

export const toNanoseconds = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low)
