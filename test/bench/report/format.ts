/** Numbers as people read them: three digits that mean something, thousands apart, a unit behind. */
import type { Row, Unit } from "../Entry.js"
import type { Summary } from "../statistics.js"
import type { RowResult, Verdict } from "../verdict.js"

/** Three significant digits, never in exponents, with commas. */
export const digits = (value: number): string => {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (size >= 100) return Number(value.toPrecision(3)).toLocaleString("en-US")
  return value.toFixed(size >= 10 ? 1 : size >= 0.0995 ? 2 : 3)
}

export const withUnit = (value: number, unit: Unit): string => {
  if (unit === "ns" && Math.abs(value) >= 1_000) return `${digits(value / 1e3)} µs`
  if (unit.endsWith("/s") && value >= 1e6) return `${digits(value / 1e6)} M`
  if (unit.endsWith("/s") && value >= 1e4) return `${digits(value / 1e3)} k`
  if (unit.endsWith("/s")) return digits(value)
  return unit === "% of a core" ? `${digits(value)} %` : `${digits(value)} ${unit}`
}

/** A figure, or the bar for it, as the row counts. */
export const figureText = ({ direction, figure, unit }: Row, value: number): string => {
  if (figure === "ratio" || figure === "inverse")
    return `${digits(value)}${figure === "inverse" || direction === "at least" ? "×" : ""}`
  return `${figure === "difference" && value > 0 ? "+" : ""}${withUnit(value, unit)}`
}

/** Bars and aims are round numbers: `5×`, not `5.00×`. */
export const markText = (row: Row, mark: number): string =>
  figureText(row, mark)
    .replace(/(\d+\.\d*?)0+(?!\d)/, "$1")
    .replace(/\.(?!\d)/, "")

export const barText = (row: Row, mark: number): string =>
  `${row.direction === "at most" ? "≤" : "≥"} ${markText(row, mark)}`

export const spreadText = (row: Row, { high, low }: Summary): string =>
  `${figureText(row, low)} … ${figureText(row, high)}`

export const verdictText: Record<Verdict, string> = {
  aim: "aim reached",
  bar: "bar met",
  short: "FALLS SHORT",
  "not measured": "not measured"
}

/** Why a row fell short, in one line. */
export const shortfall = (result: RowResult): string =>
  result.figures === undefined
    ? "nothing was measured"
    : `${figureText(result, result.figures.median)} (half of the rounds ${spreadText(result, result.figures)}), bar ${barText(result, result.bar)}`

/** Rates of peers: `412 k`. */
export const rateText = (perSecond: number): string => withUnit(perSecond, "messages/s")
