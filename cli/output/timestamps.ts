/**
 * Times for reports, in the one form used everywhere: RFC 3339 in UTC, trailing zeros dropped.
 */

/** Milliseconds since 1970; parts of a millisecond are cut off. */
export const formatMillis = (millis: number): string =>
  new Date(Math.floor(millis)).toISOString().replace(/\.?0*Z$/, "Z")

/** The same time without its fraction, for people. */
export const toTheSecond = (time: string): string => time.replace(/\.\d+Z$/, "Z")
