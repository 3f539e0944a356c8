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
  const drift = Number(nanoseconds) / 1e6 - millis
  return drift > toleratedDriftMillis || drift < -toleratedDriftMillis
    ? fromNanoseconds(BigInt(millis) * 1_000_000n)
    : fromNanoseconds(nanoseconds)
}

/** A 64-bit store and two 32-bit loads cost less than arithmetic on a `bigint`. */
const halves = new DataView(new ArrayBuffer(8))

export const fromNanoseconds = (nanoseconds: bigint): Timestamp => {
  halves.setBigInt64(0, nanoseconds, true)
  return { low: halves.getUint32(0, true), high: halves.getUint32(4, true) }
}

export const toNanoseconds = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low)
