/**
 * Times, sizes and numbers as people read them, and back. All in English, always the same number of characters where a
 * column would jump otherwise. Times are milliseconds since 1970 unless a name says text.
 */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `0 s`, `45 s`, `12 min`, `3 h`, `5 d`: the largest unit only. Negative ages (clocks differ) are zero. */
export const formatAge = (millis: number): string => {
  const age = Math.max(0, millis)
  if (age < minute) return `${Math.floor(age / second)} s`
  if (age < hour) return `${Math.floor(age / minute)} min`
  if (age < 2 * day) return `${Math.floor(age / hour)} h`
  return `${Math.floor(age / day)} d`
}

/** `now`, `12 s ago`, `in 3 min`. */
export const formatRelative = (timeMillis: number, now: number): string => {
  const age = now - timeMillis
  if (Math.abs(age) < second) return "now"
  return age >= 0 ? `${formatAge(age)} ago` : `in ${formatAge(-age)}`
}

/** Two units at most: `850 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export const formatDuration = (millis: number): string => {
  const sign = millis < 0 ? "−" : ""
  const length = Math.abs(millis)
  if (length < 1) return length === 0 ? "0 ms" : `${sign}${trimmed(length * 1_000, 0)} µs`
  if (length < second) return `${sign}${trimmed(length, length < 10 ? 1 : 0)} ms`
  if (length < 10 * second) return `${sign}${trimmed(length / second, 2)} s`
  if (length < minute) return `${sign}${trimmed(length / second, 1)} s`
  for (const [unit, name, lower, lowerName] of [
    [minute, "min", second, "s"],
    [hour, "h", minute, "min"],
    [day, "d", hour, "h"]
  ] as const) {
    if (unit !== day && length >= (unit === minute ? hour : day)) continue
    const whole = Math.floor(length / unit)
    const rest = Math.floor((length - whole * unit) / lower)
    return `${sign}${whole} ${name}${rest === 0 ? "" : ` ${rest} ${lowerName}`}`
  }
  return ""
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)))

const sizeUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const

/** `0 B`, `512 B`, `1.5 KiB`, `64 MiB`: three digits at least are right. */
export const formatBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1_024 && unit < sizeUnits.length - 1) {
    value /= 1_024
    unit++
  }
  return `${trimmed(value, unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${sizeUnits[unit]!}`
}

/** `64MiB`, `64 M`, `1.5 GiB`, `4096`: bytes, or undefined. Units are powers of 1,024, as in the programs. */
export const parseBytes = (text: string): number | undefined => {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?\s*$/i.exec(text)
  if (match === null) return undefined
  const power = " kmgt".indexOf(match[2] === "" ? " " : match[2]!.toLowerCase())
  const bytes = Number(match[1]) * 1_024 ** power
  return Number.isInteger(bytes) && Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `1,234,567`. */
export const formatCount = (count: number): string => String(Math.trunc(count)).replace(/\B(?=(\d{3})+$)/g, ",")

/** `1,234`, `12.3 k`, `4.56 M`: for places too small for all digits. */
export const formatShortCount = (count: number): string => {
  if (count < 10_000) return formatCount(count)
  const [value, unit] = count < 1_000_000 ? [count / 1e3, "k"] : count < 1e9 ? [count / 1e6, "M"] : [count / 1e9, "G"]
  return `${value >= 100 ? Math.floor(value) : Math.floor(value * 10) / 10} ${unit}`
}

/** Per second: `0`, `0.25`, `3.4`, `120`, `5,000`. */
export const formatRate = (perSecond: number): string => {
  if (perSecond >= 100) return formatCount(Math.round(perSecond))
  if (perSecond >= 10) return trimmed(perSecond, 0)
  return perSecond < 0.005 ? "0" : trimmed(perSecond, perSecond < 1 ? 2 : 1)
}

/** Of 0 to 100: `0 %`, `0.4 %`, `12 %`, never `100 %` before it is. */
export const formatPercent = (percent: number): string => {
  if (percent > 0 && percent < 1) return `${Math.max(0.1, Math.floor(percent * 10) / 10)} %`
  return `${percent > 99 && percent < 100 ? 99 : Math.round(percent)} %`
}

export type TimeZoneChoice = "local" | "utc"

/** The parts of a moment in the chosen zone. */
const partsOf = (timeMillis: number, zone: TimeZoneChoice) => {
  const date = new Date(timeMillis)
  const isUtc = zone === "utc"
  return {
    year: isUtc ? date.getUTCFullYear() : date.getFullYear(),
    month: isUtc ? date.getUTCMonth() : date.getMonth(),
    day: isUtc ? date.getUTCDate() : date.getDate(),
    hour: isUtc ? date.getUTCHours() : date.getHours(),
    minute: isUtc ? date.getUTCMinutes() : date.getMinutes(),
    second: date.getUTCSeconds(),
    millis: date.getUTCMilliseconds()
  }
}

const two = (value: number): string => String(value).padStart(2, "0")

/** `09:15:30.123`. */
export const formatClock = (timeMillis: number, zone: TimeZoneChoice): string => {
  const { hour, millis, minute, second } = partsOf(timeMillis, zone)
  return `${two(hour)}:${two(minute)}:${two(second)}.${String(millis).padStart(3, "0")}`
}

/** `2026-03-04`. */
export const formatDay = (timeMillis: number, zone: TimeZoneChoice): string => {
  const { day, month, year } = partsOf(timeMillis, zone)
  return `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(day)}`
}

/** The nine digits of the fraction of a second in an RFC 3339 text. */
export const nanosecondDigits = (time: string): string => (/\.(\d+)/.exec(time)?.[1] ?? "").slice(0, 9).padEnd(9, "0")

/** `2026-03-04 09:15:30.123456789`, with `UTC` or the offset, `+01:00`, behind. `time` is RFC 3339. */
export const formatExact = (time: string, zone: TimeZoneChoice): string => {
  const millis = Date.parse(time)
  const clock = formatClock(millis, zone).slice(0, 8)
  return `${formatDay(millis, zone)} ${clock}.${nanosecondDigits(time)} ${zone === "utc" ? "UTC" : offsetText(millis)}`
}

const offsetText = (timeMillis: number): string => {
  const minutes = -new Date(timeMillis).getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** The nanoseconds from one RFC 3339 text to another. */
export const nanosecondsBetween = (from: string, to: string): bigint => nanoseconds(to) - nanoseconds(from)

const nanoseconds = (time: string): bigint =>
  BigInt(Math.floor(Date.parse(time) / 1_000)) * 1_000_000_000n + BigInt(nanosecondDigits(time))

/** A distance between two messages: `+1.25 ms`, `−3 s`. */
export const formatDistance = (from: string, to: string): string => {
  const distance = nanosecondsBetween(from, to)
  const millis = Number(distance) / 1e6
  return millis < 0 ? formatDuration(millis) : `+${formatDuration(millis)}`
}

/** A window of time, the day said once if it is one: `2026-03-04 09:15:30 – 09:20:00`. */
export const formatSpan = (from: number, to: number, zone: TimeZoneChoice): string => {
  const [fromDay, toDay] = [formatDay(from, zone), formatDay(to, zone)]
  const [fromClock, toClock] = [formatClock(from, zone).slice(0, 8), formatClock(to, zone).slice(0, 8)]
  return `${fromDay} ${fromClock} – ${fromDay === toDay ? toClock : `${toDay} ${toClock}`}`
}
