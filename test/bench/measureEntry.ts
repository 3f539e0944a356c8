/**
 * Measures one entry in a process of its own, so that no entry finds a compiler, a heap or open files as another left
 * them: `--only` gives the same figures as a whole run. Its parent gets what came of it as one message.
 */
import { entries } from "./entries.js"
import { assertUsed } from "./messages.js"
import { NotHere, type Absence, type PeerFigures, type Plots, type Sample } from "./Entry.js"

export interface EntryRequest {
  readonly entry: string
  readonly directory: string
  readonly shared: string
  readonly rounds: number
}

export interface EntryAnswer {
  /** The samples of each row, a round each. */
  readonly samples: Readonly<Record<string, ReadonlyArray<Sample>>>
  readonly plots: Plots
  readonly peers: ReadonlyArray<PeerFigures>
  readonly absent: ReadonlyArray<Absence>
  /** Why nothing was measured, if so. */
  readonly reason?: string
}

const nothing: EntryAnswer = { samples: {}, plots: {}, peers: [], absent: [] }

const measure = async ({ directory, entry: name, rounds, shared }: EntryRequest): Promise<EntryAnswer> => {
  const entry = entries.find((entry) => entry.name === name)
  if (entry === undefined) throw new Error(`no entry is called ${name}`)
  const session = await entry.open({ directory, shared, rounds })
  try {
    const samples: Record<string, Array<Sample>> = {}
    for (let round = 0; round < rounds * (entry.roundsFactor ?? 1); round++) {
      for (const [row, sample] of Object.entries(await session.round())) (samples[row] ??= []).push(sample)
    }
    assertUsed()
    return {
      samples,
      plots: session.plots?.() ?? {},
      peers: session.peers?.() ?? [],
      absent: session.absent ?? []
    }
  } finally {
    await session.close()
  }
}

process.once("message", (request: EntryRequest) => {
  void measure(request)
    .catch((error: unknown): EntryAnswer => ({
      ...nothing,
      reason:
        error instanceof NotHere ? error.message : `failed: ${error instanceof Error ? error.message : String(error)}`
    }))
    .then((answer) => process.send?.(answer, () => process.exit()))
})
