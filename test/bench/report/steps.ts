/** From what was timed of an append to its parts, in nanoseconds and as shares of the whole. */
import type { Plots } from "../Entry.js"
import { summarize } from "../statistics.js"

export interface StepShare {
  readonly name: string
  readonly nanos: number
  /** Of 1. */
  readonly share: number
}

export interface AppendShares {
  readonly steps: ReadonlyArray<StepShare>
  /** Nanoseconds: the sum of the steps. */
  readonly whole: number
  readonly checksum: number
}

/** Medians of the rounds, step by step. */
export const shares = (plots: Plots): AppendShares => {
  const medians = (name: string) =>
    (plots[name] ?? []).map((series) => ({ name: series.name, nanos: summarize(series.values).median }))
  const steps = medians("steps")
  const whole = steps.reduce((sum, { nanos }) => sum + nanos, 0)
  return {
    steps: steps.map(({ name, nanos }) => ({ name, nanos, share: nanos / whole })),
    whole,
    checksum: medians("checksums")[0]?.nanos ?? 0
  }
}
