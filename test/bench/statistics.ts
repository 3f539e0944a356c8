/**
 * What is left of many rounds: the median, and the quartiles as its spread. Machines that do other things, too, make
 * means and extremes say more about the neighbours than about the code.
 */

export interface Summary {
  readonly median: number
  /** A quarter of the rounds lie below, a quarter above. */
  readonly low: number
  readonly high: number
  readonly rounds: number
}

/** The value below which `share` of the values lie, between two neighbours in proportion. `NaN` of nothing. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = [...values].sort((left, right) => left - right)
  if (sorted.length === 0) return Number.NaN
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

export const summarize = (values: ReadonlyArray<number>): Summary => ({
  median: median(values),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
  rounds: values.length
})
