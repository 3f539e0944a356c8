/** Everything that a run found out: what the table, the plots and the page are made from, and what is kept as JSON. */
import type { Absence, PeerFigures, Plots } from "../Entry.js"
import type { RowResult } from "../verdict.js"

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGibibytes: number
  readonly system: string
  readonly node: string
  /** Of what the pools were on. */
  readonly fileSystem: string
  /** Processes waiting for a core, over the minute before and the minute after. */
  readonly loadBefore: number
  readonly loadAfter: number
}

export interface Results {
  readonly when: string
  readonly seconds: number
  readonly rounds: number
  readonly machine: Machine
  readonly rows: ReadonlyArray<RowResult>
  readonly peers: ReadonlyArray<PeerFigures>
  readonly absent: ReadonlyArray<Absence>
  readonly plots: Plots
}
