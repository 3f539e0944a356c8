// What a measure of the page says: a figure, what it may be at most, and what the same machine needs for next to nothing,
// so that a busy machine is not taken for a slow page.

export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** At most; a figure without one is there to be read. */
  readonly most?: number
  /** At least. */
  readonly least?: number
  /** What stands beside it, in words. */
  readonly beside?: string
  /** Why the clock was not believed, where it was not. */
  readonly excuse?: string
}

export interface Measure {
  readonly name: string
  readonly run: (settings: Settings) => Promise<ReadonlyArray<Figure>>
}

export interface Settings {
  readonly rounds: number
  readonly executablePath: string
}

export const isMet = ({ excuse, least, most, value }: Figure): boolean =>
  excuse !== undefined || ((most === undefined || value <= most) && (least === undefined || value >= least))

const digits = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : String(Math.round(value)))

export const line = (figure: Figure): string => {
  const { beside, excuse, least, most, unit, value, what } = figure
  const bound = most !== undefined ? ` (at most ${most})` : least !== undefined ? ` (at least ${least})` : ""
  const verdict =
    excuse !== undefined
      ? `  not judged: ${excuse}`
      : most === undefined && least === undefined
        ? ""
        : isMet(figure)
          ? "  ok"
          : "  FALLS SHORT"
  return `  ${what}: ${digits(value)} ${unit}${bound}${beside === undefined ? "" : `; ${beside}`}${verdict}`
}
