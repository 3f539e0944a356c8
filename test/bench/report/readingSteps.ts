/** Steps of reading, from what was timed to tables: medians of the rounds, and their sum. */
import type { Plots } from "../Entry.js"
import { summarize } from "../statistics.js"
import { withUnit } from "./format.js"

/** Where the times of each table are among the plots, and what it is called. */
const tables = [
  ["steps of a tail", "Step of a tailed message, tiny"],
  ["steps of a get", "Step of `Pool.get`, tiny"],
  ["steps of a wake-up", "Step of a wake-up, between two processes, to a `Stream`"],
  ["steps of a wake-up by forEach", "Step of a wake-up, between two processes, to `Pool.forEach`"]
] as const

const medians = (plots: Plots, key: string): ReadonlyArray<{ readonly name: string; readonly nanos: number }> =>
  (plots[key] ?? []).map(({ name, values }) => ({ name, nanos: summarize(values).median }))

/** A table for each of the ways that was measured. */
export const readingStepsMarkdown = (plots: Plots): string =>
  tables
    .map(([key, title]) => {
      const steps = medians(plots, key)
      const sum = steps.reduce((total, { nanos }) => total + nanos, 0)
      const rows = steps.map(({ name, nanos }) => `| ${name} | ${withUnit(nanos, "ns")} |`)
      return steps.length === 0
        ? `${title}: not measured.`
        : [`| ${title} | Time |`, "| --- | --: |", ...rows, `| **sum** | **${withUnit(sum, "ns")}** |`].join("\n")
    })
    .join("\n\n")

export const readingStepsText = (plots: Plots): ReadonlyArray<string> =>
  tables.flatMap(([key, title]) => {
    const steps = medians(plots, key)
    return steps.length === 0
      ? []
      : [title, ...steps.map(({ name, nanos }) => `${withUnit(nanos, "ns").padStart(10)}  ${name}`), ""]
  })
