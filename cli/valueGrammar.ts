/**
 * The grammars of option and argument values: sizes, durations, points in time, speeds, sequence numbers, counts.
 * Every parser is pure: text in, value or a `Usage` error out, whose hint lists what would have been understood.
 * Nothing is guessed: `5` is no duration and `1MiB` is no size.
 */
import * as Either from "effect/Either"
import { parseRfc3339Nanoseconds } from "../src/internal/timestamp.js"
import type { PoolError } from "../src/PoolError.js"
import { usageError } from "./usageError.js"
import { quoted } from "./usageText.js"

/** Where a value was written, so that its refusal can name the place and the help page. */
export interface ValueOrigin {
  /** The option or argument as the caller knows it: `--timeout`, `SEQ`. */
  readonly name: string
  /** The words of the command as it was spelled: `["peek"]`, `["pool", "create"]`. */
  readonly command: ReadonlyArray<string>
}

/**
 * Stands for every sequence number that fits in 64 bits but not in a double. A pool refuses to number messages
 * that far, so looking this one up finds nothing, just as looking up the number typed would.
 */
export const unreachableSeq: number = Number.MAX_SAFE_INTEGER + 1

const largestUnsigned64 = 2n ** 64n - 1n

const refuse = (
  text: string,
  origin: ValueOrigin,
  problem: string,
  understood: string
): Either.Either<never, PoolError> =>
  Either.left(usageError(origin.command, `invalid value ${quoted(text)} for ${origin.name}: ${problem}`, understood))

const bytesPerUnit: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }
const sizesUnderstood = "Write digits with an optional unit K, M or G (powers of 1024), such as 65536, 64K, 8M or 1G"

/** SIZE: a number of bytes. Blanks around it are tolerated. */
export const parseSize = (text: string, origin: ValueOrigin): Either.Either<number, PoolError> => {
  const match = /^(\d+)([KMG]?)$/i.exec(text.trim())
  if (match === null) return refuse(text, origin, "not a size", sizesUnderstood)
  const bytes = Number(match[1]) * bytesPerUnit[match[2]!.toUpperCase()]!
  return bytes <= Number.MAX_SAFE_INTEGER
    ? Either.right(bytes)
    : refuse(text, origin, "more bytes than a file can have", sizesUnderstood)
}

const millisPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const durationsUnderstood = "Write digits followed by a unit ms, s, m or h, such as 250ms, 5s, 1m or 2h"

/** DURATION: a number of milliseconds, which may be more than a timer can take at once. */
export const parseDuration = (text: string, origin: ValueOrigin): Either.Either<number, PoolError> => {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text)
  if (match === null) return refuse(text, origin, "not a duration", durationsUnderstood)
  const millis = Number(match[1]) * millisPerUnit[match[2]!]!
  return millis <= Number.MAX_SAFE_INTEGER
    ? Either.right(millis)
    : refuse(text, origin, "longer than can be measured", durationsUnderstood)
}

const nanosecondsPerUnit: Readonly<Record<string, bigint>> = {
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n
}
const timesUnderstood =
  "Write an age with a unit s, m, h or d, such as 90s, 5m, 1h or 2d, or a date and time with an offset, " +
  "such as 2026-01-15T10:00:00Z or 2026-01-15T12:00:00+02:00"
const longestAgeDigits = 20

/**
 * SINCE: nanoseconds since 1970. No message is older than that, so what lies before counts as 0. A time in the
 * future is legal and may lie beyond 64 bits.
 */
export const parseSince = (
  text: string,
  nowMillis: number,
  origin: ValueOrigin = { name: "--since", command: ["peek"] }
): Either.Either<bigint, PoolError> => {
  const age = /^(\d+)([smhd])$/i.exec(text)
  if (age !== null) {
    if (age[1]!.length > longestAgeDigits) return refuse(text, origin, "not a time", timesUnderstood)
    const now = BigInt(Math.floor(nowMillis)) * 1_000_000n
    return Either.right(notBefore1970(now - BigInt(age[1]!) * nanosecondsPerUnit[age[2]!.toLowerCase()]!))
  }
  const time = parseRfc3339Nanoseconds(text)
  return time === undefined ? refuse(text, origin, "not a time", timesUnderstood) : Either.right(notBefore1970(time))
}

const notBefore1970 = (nanoseconds: bigint): bigint => (nanoseconds < 0n ? 0n : nanoseconds)

/** SPEED: a factor; 0 means without pauses. */
export const parseSpeed = (
  text: string,
  origin: ValueOrigin = { name: "--replay", command: ["peek"] }
): Either.Either<number, PoolError> => {
  const speed = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(speed)
    ? Either.right(speed)
    : refuse(text, origin, "not a speed", "Write a decimal number of at least 0, such as 0, 0.5, 1 or 10")
}

/** SEQ: the whole unsigned 64-bit range; beyond 2^53 - 1 the answer is `unreachableSeq`. */
export const parseSeq = (
  text: string,
  origin: ValueOrigin = { name: "SEQ", command: ["get"] }
): Either.Either<number, PoolError> =>
  Either.map(parseUnsigned64(text, origin, "sequence number"), (value) => Math.min(value, unreachableSeq))

/**
 * An unsigned integer that counts something (`--tail`, `--retry`, `--index-capacity`): the whole unsigned 64-bit
 * range; beyond 2^53 - 1, where no count ever gets, the answer is 2^53 - 1.
 */
export const parseCount = (text: string, origin: ValueOrigin): Either.Either<number, PoolError> =>
  Either.map(parseUnsigned64(text, origin, "count"), (value) => Math.min(value, Number.MAX_SAFE_INTEGER))

/** The nearest double, once the digits are known to fit in 64 bits. */
const parseUnsigned64 = (text: string, origin: ValueOrigin, what: string): Either.Either<number, PoolError> => {
  const digits = /^0*(\d+)$/.exec(text)?.[1]
  return digits !== undefined && digits.length <= 20 && BigInt(digits) <= largestUnsigned64
    ? Either.right(Number(digits))
    : refuse(text, origin, `not a ${what}`, `Write an unsigned decimal integer up to ${largestUnsigned64}, such as 42`)
}
