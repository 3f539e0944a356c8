/**
 * A window of time in words, fine enough that its two ends differ.
 */
import { formatClock, formatDay, formatSpan, type TimeZoneChoice } from "../logic/format.js"

/** Within so short a time, seconds alone would repeat themselves. */
export const shortSpanMillis = 20_000

export const windowText = (from: number, until: number, zone: TimeZoneChoice): string =>
  until - from >= shortSpanMillis
    ? formatSpan(from, until, zone)
    : `${formatDay(from, zone)} ${formatClock(from, zone)} – ${formatClock(until, zone)}`
