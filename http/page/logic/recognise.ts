/**
 * What a value probably is besides JSON: a time, a duration, an address, encoded text, a stack trace. Guesses are shown
 * next to the value, never instead of it, so they are made only where they are rarely wrong.
 */
import type { ExactValue } from "./exactJson.js"
import { formatBytes, formatDuration, formatExact, formatRelative, type TimeZoneChoice } from "./format.js"

export type Recognised =
  | { readonly kind: "time"; readonly text: string; readonly timeMillis: number }
  | { readonly kind: "duration"; readonly text: string }
  | { readonly kind: "size"; readonly text: string }
  /** Only http and https; to be opened without an opener. */
  | { readonly kind: "link"; readonly href: string }
  | { readonly kind: "encoded"; readonly text: string }
  | { readonly kind: "stack"; readonly lines: ReadonlyArray<string> }

export interface RecogniseContext {
  readonly key: string | number | undefined
  readonly zone: TimeZoneChoice
  readonly now: number
}

export const recognise = (value: ExactValue, context: RecogniseContext): Recognised | undefined => {
  if (value.kind === "number") return recogniseNumber(value.text, context)
  return value.kind === "string" ? recogniseText(value.value, context) : undefined
}

const earliestYear = Date.UTC(2000, 0, 1)
const latestYear = Date.UTC(2070, 0, 1)

/** The unit in which a count since 1970 is a time of these decades, as millis per unit. */
const epochUnits: ReadonlyArray<readonly [digits: number, perMilli: number]> = [
  [10, 0.001],
  [13, 1],
  [16, 1_000],
  [19, 1_000_000]
]

const timeKey = /time|date|stamp|_at$|At$|^ts$|^at$|since|until|expires|epoch|created|updated/
const durationKeys: ReadonlyArray<readonly [pattern: RegExp, millis: number]> = [
  [/(?:_ns|Ns|Nanos|_nanos|nanoseconds)$/i, 1e-6],
  [/(?:_us|Micros|_micros|microseconds)$/i, 1e-3],
  [/(?:_ms|Ms|Millis|_millis|milliseconds)$/, 1],
  [/(?:_s|_sec|_secs|Secs|_seconds|Seconds|seconds)$/, 1_000]
]
const bareDurationKey = /^(?:duration|elapsed|latency|took)_?(?:ms|millis)?$/i
const sizeKey = /(?:_bytes|Bytes|^bytes|^size_bytes)$/

const recogniseNumber = (text: string, { key, now, zone }: RecogniseContext): Recognised | undefined => {
  const value = Number(text)
  const name = typeof key === "string" ? key : ""
  const digits = /^-?(\d+)/.exec(text)?.[1]?.length ?? 0
  const unit = epochUnits.find(([count]) => count === digits)
  const isDuration = durationKeys.find(([pattern]) => pattern.test(name))
  if (unit !== undefined && value > 0 && (isDuration === undefined || timeKey.test(name))) {
    const timeMillis = value / unit[1]
    const isLikely = digits > 10 || timeKey.test(name) || /^\d{10}\.\d+$/.test(text)
    if (isLikely && timeMillis >= earliestYear && timeMillis < latestYear) return time(timeMillis, undefined, zone, now)
  }
  if (isDuration !== undefined) return { kind: "duration", text: formatDuration(value * isDuration[1]) }
  if (bareDurationKey.test(name) && /ms|millis/i.test(name)) return { kind: "duration", text: formatDuration(value) }
  return sizeKey.test(name) && value >= 1_024 ? { kind: "size", text: formatBytes(value) } : undefined
}

const time = (timeMillis: number, text: string | undefined, zone: TimeZoneChoice, now: number): Recognised => {
  const exact = formatExact(text ?? new Date(timeMillis).toISOString(), zone)
  return { kind: "time", text: `${exact} (${formatRelative(timeMillis, now)})`, timeMillis }
}

const isoTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/
const isoDuration =
  /^P(?=.)(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=.)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const stackFrame = /^\s*(?:at\s.+|File ".+", line \d+.*|\S+\(.*:\d+\)|\s*\d+: .+)$/

const recogniseText = (text: string, { now, zone }: RecogniseContext): Recognised | undefined => {
  if (text.length <= 64 && isoTime.test(text)) {
    const millis = Date.parse(text)
    return Number.isNaN(millis) ? undefined : time(millis, text, zone, now)
  }
  const duration = text.length <= 64 ? isoDuration.exec(text) : null
  if (duration !== null) {
    const [weeks, days, hours, minutes, seconds] = duration.slice(1).map((part) => Number(part ?? 0))
    const millis = (((weeks! * 7 + days!) * 24 + hours!) * 60 + minutes!) * 60_000 + seconds! * 1_000
    return { kind: "duration", text: formatDuration(millis) }
  }
  if (/^https?:\/\/[^\s]+$/i.test(text) && text.length <= 4_096) return linkTo(text)
  if (text.includes("\n")) {
    const lines = text.split("\n")
    return lines.filter((line) => stackFrame.test(line)).length >= 2 ? { kind: "stack", lines } : undefined
  }
  return encodedText(text)
}

const linkTo = (text: string): Recognised | undefined => {
  try {
    const url = new URL(text)
    return url.protocol === "http:" || url.protocol === "https:" ? { kind: "link", href: url.href } : undefined
  } catch {
    return undefined
  }
}

/** Base64 that holds readable text: most words could be base64 of something, but not of that. */
const encodedText = (text: string): Recognised | undefined => {
  if (text.length < 16 || text.length > 65_536 || text.length % 4 !== 0) return undefined
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  let decoded: string
  try {
    decoded = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
  const isReadable = !/[^\P{Cc}\t\r\n]/u.test(decoded) && /[\s{}":,.]/.test(decoded)
  return isReadable ? { kind: "encoded", text: decoded } : undefined
}
