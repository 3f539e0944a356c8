/**
 * From samples to a verdict. The figure of a row is taken round by round, from what was measured in the same moment,
 * and then the median of these: a machine that slows down for a while slows down both sides.
 */
import type { Figure, Row, Sample } from "./Entry.js"
import { summarize, type Summary } from "./statistics.js"

export type Verdict = "aim" | "bar" | "short" | "not measured"

export interface RowResult extends Row {
  readonly verdict: Verdict
  /** Why there is nothing to judge. */
  readonly reason?: string
  readonly ours?: Summary
  readonly theirs?: Summary
  readonly figures?: Summary
}

const figureOf: Record<Figure, (ours: number, yardstick: number) => number> = {
  ratio: (ours, yardstick) => ours / yardstick,
  inverse: (ours, yardstick) => yardstick / ours,
  difference: (ours, yardstick) => ours - yardstick,
  ours: (ours) => ours
}

export const judge = (row: Row, samples: ReadonlyArray<Sample>, reason = "nothing was measured"): RowResult => {
  if (samples.length === 0) return { ...row, verdict: "not measured", reason }
  const yardsticks = samples.flatMap(({ yardstick }) => (yardstick === undefined ? [] : [yardstick]))
  const figures = summarize(samples.map(({ ours, yardstick }) => figureOf[row.figure](ours, yardstick ?? Number.NaN)))
  return {
    ...row,
    ours: summarize(samples.map(({ ours }) => ours)),
    ...(yardsticks.length === 0 ? {} : { theirs: summarize(yardsticks) }),
    figures,
    verdict: reaches(row, figures.median, row.aim) ? "aim" : reaches(row, figures.median, row.bar) ? "bar" : "short"
  }
}

/** A figure that is no number clears no bar. */
const reaches = ({ direction }: Row, figure: number, mark: number): boolean =>
  direction === "at most" ? figure <= mark : figure >= mark

export interface Check {
  readonly status: 0 | 1
  readonly lines: ReadonlyArray<string>
}

/** `--check`: names each row that falls short, and each that nobody could judge. Only the former are failures. */
export const check = (results: ReadonlyArray<RowResult>, describe: (result: RowResult) => string): Check => {
  const short = results.filter(({ verdict }) => verdict === "short")
  const broken = results.filter(({ reason, verdict }) => verdict === "not measured" && reason?.startsWith("failed"))
  const unjudged = results.filter((result) => result.verdict === "not measured" && !broken.includes(result))
  const judged = results.length - broken.length - unjudged.length
  return {
    status: short.length + broken.length > 0 ? 1 : 0,
    lines: [
      ...short.map((result) => `FALLS SHORT  ${result.name}: ${describe(result)}`),
      ...broken.map(({ name, reason }) => `FAILED       ${name}: ${reason}`),
      ...unjudged.map(({ name, reason }) => `not judged   ${name}: ${reason}`),
      `${judged - short.length} of ${judged} bars met`
    ]
  }
}
