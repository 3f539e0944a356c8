/**
 * What the benchmark is made of. An entry measures one or more rows, ours and the yardstick in turns, so that both meet
 * the same neighbours on the machine; a row says which figure counts and which bar it has to clear.
 */
import type { Summary } from "./statistics.js"

export type Unit = "ns" | "µs" | "ms" | "messages/s" | "lines/s" | "gets/s" | "% of a core" | "MiB"

/**
 * How the figure comes out of a round: the quotient, either way round (`inverse` is how many times better ours is when
 * both are times), the difference, or what was measured of ours alone.
 */
export type Figure = "ratio" | "inverse" | "difference" | "ours"

export interface Row {
  /** What `--only` looks for, and what a shortfall is called. */
  readonly name: string
  /** The row of the table, for people. */
  readonly what: string
  readonly unit: Unit
  readonly yardstick?: string
  readonly figure: Figure
  /** Whether the figure has to stay below its bar or above it. */
  readonly direction: "at most" | "at least"
  readonly bar: number
  readonly aim: number
}

/** One round of one row, in the row's unit. */
export interface Sample {
  readonly ours: number
  readonly yardstick?: number
}

/** What plots show beside the figures of rows: named series of points or of plain values. */
export interface Series {
  readonly name: string
  readonly values: ReadonlyArray<number>
  /** Where along the horizontal axis each value belongs, if the series is a curve. */
  readonly at?: ReadonlyArray<number>
}
export type Plots = Readonly<Record<string, ReadonlyArray<Series>>>

export interface PeerFigures {
  readonly peer: string
  /** What a message survives once it is acknowledged, in the two modes. */
  readonly fast: string
  readonly flush: string
  readonly rates: Readonly<Partial<Record<PeerMode, Summary>>>
}
export type PeerMode = "single" | "batch" | "flush" | "read"

/** What was not measured, and why. */
export interface Absence {
  readonly name: string
  readonly reason: string
}

export interface EntryContext {
  /** An empty directory of this entry. */
  readonly directory: string
  /** A directory of the whole run, for pools that several entries read. */
  readonly shared: string
  readonly rounds: number
}

export interface Session {
  /** Measures every row once; a row that could not be measured is left out. */
  readonly round: () => Promise<Readonly<Record<string, Sample>>>
  /** Asked after the last round. */
  readonly plots?: () => Plots
  readonly peers?: () => ReadonlyArray<PeerFigures>
  readonly absent?: ReadonlyArray<Absence>
  readonly close: () => Promise<void>
}

export interface Entry {
  readonly name: string
  readonly rows: ReadonlyArray<Row>
  /** Rounds for each that was asked for: more where one is quick and noisy. Default 1. */
  readonly roundsFactor?: number
  readonly open: (context: EntryContext) => Promise<Session>
}

/** Thrown by `open` where an entry cannot be measured on this machine at all. */
export class NotHere extends Error {}
