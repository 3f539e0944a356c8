/**
 * How people are told about sizes, ages, places and lists of things. Text that came from elsewhere (names, tags,
 * messages) is made visible first: it cannot move the cursor or pretend to be another line.
 */
import { displayWidth } from "./displayWidth.js"
import { paint, plain, sgr } from "./color.js"
import type { Style } from "./color.js"

const bytesPerKibibyte = 1024
const largestUnit = "G"

/** Digits below 1024, then `K`, `M`, `G`: no decimals when exact, else one. */
export const humanSize = (bytes: number): string => {
  if (bytes < bytesPerKibibyte) return String(bytes)
  let amount = bytes
  for (const unit of ["K", "M", largestUnit]) {
    amount /= bytesPerKibibyte
    const text = Number.isInteger(amount) ? String(amount) : amount.toFixed(1)
    // What rounds up to 1024 of a unit is one of the next.
    if (Number(text) < bytesPerKibibyte || unit === largestUnit) return `${text}${unit}`
  }
  return String(bytes)
}

const secondsPerMinute = 60
const secondsPerHour = 60 * secondsPerMinute
const secondsPerDay = 24 * secondsPerHour
const secondsPerWeek = 7 * secondsPerDay

/** `5s ago` to `3w ago`: whole units, rounded down, at least one second. */
export const humanAge = (millis: number): string => {
  const seconds = Math.max(1, Math.floor(millis / 1000))
  if (seconds < secondsPerMinute) return `${seconds}s ago`
  if (seconds < secondsPerHour) return `${Math.floor(seconds / secondsPerMinute)}m ago`
  if (seconds < secondsPerDay) return `${Math.floor(seconds / secondsPerHour)}h ago`
  if (seconds < secondsPerWeek) return `${Math.floor(seconds / secondsPerDay)}d ago`
  return `${Math.floor(seconds / secondsPerWeek)}w ago`
}

/** `1 message`, `4 messages`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** Control characters, and those that turn the direction of writing, as escapes. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0)
    return escapes[character] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`)
  })

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0")

/** What stands in for a value that is missing. */
export const missing = "-"

/**
 * Columns under upper-case headers, two blanks apart, as wide as their widest cell, without blanks at line ends.
 */
export const table = (
  headers: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  style: Style = plain
): string => {
  const lines = [headers, ...rows.map((row) => row.map(visible))]
  const widths = headers.map((_, column) => Math.max(...lines.map((line) => displayWidth(line[column]!))))
  const [header, ...body] = lines.map((line) =>
    line
      .map((cell, column) => cell + " ".repeat(widths[column]! - displayWidth(cell)))
      .join("  ")
      .trimEnd()
  )
  return [paint(sgr.dim, header!, style), ...body].join("\n")
}

/** A headline, then labels with their values in one column. */
export const block = (headline: string, facts: ReadonlyArray<readonly [label: string, value: string]>): string => {
  const width = Math.max(...facts.map(([label]) => displayWidth(label))) + 2
  const lines = facts.map(([label, value]) => `  ${`${label}:`.padEnd(width)}${visible(value)}`)
  return [visible(headline), ...lines].join("\n")
}

/** The directories that paths are shown relative to. Absolute, without a slash at the end. */
export interface Places {
  readonly poolDirectory: string
  readonly currentDirectory: string
  readonly homeDirectory: string
}

/** A path inside the pool directory is relative to it; any other stays as it is. */
export const displayPath = (path: string, { poolDirectory }: Pick<Places, "poolDirectory">): string =>
  pathInside(path, poolDirectory) || path

/** The pool directory as `./…`, `~/…` or absolute, with a slash at the end. */
export const displayPoolDirectory = ({ currentDirectory, homeDirectory, poolDirectory }: Places): string => {
  const shown = (start: string, inside: string): string => (inside === "" ? `${start}/` : `${start}/${inside}/`)
  const inCurrent = pathInside(poolDirectory, currentDirectory)
  if (inCurrent !== undefined) return shown(".", inCurrent)
  const inHome = pathInside(poolDirectory, homeDirectory)
  if (inHome !== undefined) return shown("~", inHome)
  return poolDirectory.endsWith("/") ? poolDirectory : `${poolDirectory}/`
}

/** What follows the directory in a path inside it; empty for the directory itself. */
const pathInside = (path: string, directory: string): string | undefined => {
  // Everything is inside the root, which says nothing about anything.
  if (directory === "" || directory === "/") return undefined
  if (path === directory) return ""
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined
}
