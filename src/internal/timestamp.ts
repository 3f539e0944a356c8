/**
 * Times as text: nanoseconds since 1970, in 64 bits, to RFC 3339 and back. Writing is on the path of every message
 * that is printed, so the text of the current second is kept; reading is for arguments and takes care instead.
 * Both are exact to the nanosecond.
 */
import type { TextBytes } from "./lite3/TextBytes.js"

const nanosecondsPerSecond = 1_000_000_000
const mostFractionDigits = 9
const fullStop = 0x2e
const zero = 0x30
const zulu = 0x5a

// Messages that follow each other mostly share their second: what was formatted last is kept.
let cachedSecond = -1
let cachedText = ""
let cachedBytes: Uint8Array = new Uint8Array(0)
const encoder = new TextEncoder()

/** UTC with `Z`, up to nine fractional digits, trailing zeros dropped: `2026-03-04T09:15:30.5Z`. */
export const formatTimestamp = (low: number, high: number): string => {
  const nanoseconds = beyondSecond(low, high)
  return nanoseconds === 0 ? `${cachedText}Z` : `${cachedText}.${fractionDigits(nanoseconds)}Z`
}

/** Adds the same text. */
export const writeTimestamp = (low: number, high: number, target: TextBytes): void => {
  const nanoseconds = beyondSecond(low, high)
  target.copy(cachedBytes)
  if (nanoseconds !== 0) {
    target.byte(fullStop)
    target.digits(nanoseconds, mostFractionDigits)
    target.dropTrailing(zero)
  }
  target.byte(zulu)
}

/** The nanoseconds since the last full second, whose text is then the cached one. */
const beyondSecond = (low: number, high: number): number => {
  // Long division of the 64 bits by 10^9, 16 bits at a time: each partial dividend stays below 2^46, so is exact.
  const top = (high >>> 16) * 0x10000 + (high & 0xffff)
  const quotient1 = Math.floor(top / nanosecondsPerSecond)
  const middle = (top - quotient1 * nanosecondsPerSecond) * 0x10000 + (low >>> 16)
  const quotient2 = Math.floor(middle / nanosecondsPerSecond)
  const bottom = (middle - quotient2 * nanosecondsPerSecond) * 0x10000 + (low & 0xffff)
  const quotient3 = Math.floor(bottom / nanosecondsPerSecond)
  const second = (quotient1 * 0x10000 + quotient2) * 0x10000 + quotient3
  if (second !== cachedSecond) {
    cachedText = new Date(second * 1000).toISOString().slice(0, 19)
    cachedBytes = encoder.encode(cachedText)
    cachedSecond = second
  }
  return bottom - quotient3 * nanosecondsPerSecond
}

const fractionDigits = (nanoseconds: number): string => {
  let significant = nanoseconds
  let digitCount = mostFractionDigits
  while (significant % 10 === 0) {
    significant /= 10
    digitCount -= 1
  }
  return String(significant).padStart(digitCount, "0")
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/**
 * An RFC 3339 date and time with offset, as nanoseconds since 1970 (negative before), or `undefined`. Digits beyond
 * the ninth of the fraction are cut off. A leap second is the first moment of the next minute.
 */
export const parseRfc3339Nanoseconds = (text: string): bigint | undefined => {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const offsetHours = Number(match[9] ?? 0)
  const offsetMinutes = Number(match[10] ?? 0)
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (match[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes)
  const minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offset
  if (second === 60 && modulo(minutes, 24 * 60) !== 24 * 60 - 1) return undefined
  const fraction = BigInt((match[7] ?? "").slice(0, 9).padEnd(9, "0"))
  return BigInt(minutes * 60 + second) * BigInt(nanosecondsPerSecond) + fraction
}

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeapYear(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31

/** Proleptic Gregorian, also for the years below 100 that `Date.UTC` moves into the twentieth century. */
const daysSince1970 = (year: number, month: number, day: number): number => {
  const moved = new Date(0)
  moved.setUTCFullYear(year, month - 1, day)
  return moved.getTime() / 86_400_000
}
