/**
 * What happens in one simulated run, drawn from its seed: how large the pool is, who writes and reads what, and who dies
 * when. A plan is plain data, so that a failing one can be made smaller and printed.
 */
import type { DurabilityMode } from "../../src/Durability.js"
import type { Access } from "../../layers/simulated/SimDisk.js"
import { Chance } from "../../layers/simulated/Chance.js"

export type WriterStep =
  | { readonly do: "append"; readonly padding: number }
  | { readonly do: "appendAll"; readonly paddings: ReadonlyArray<number> }
  /** The message so many numbers before the newest. */
  | { readonly do: "get"; readonly back: number }
  | { readonly do: "pause"; readonly millis: number }

export interface Writer {
  readonly steps: ReadonlyArray<WriterStep>
}

export interface Reader {
  readonly from: "oldest" | "now"
  /** Rests after every message for so long. */
  readonly restMillis: number
}

export type Mishap =
  | { readonly is: "kill"; readonly whom: "writer" | "reader"; readonly index: number }
  | { readonly is: "death at store"; readonly index: number; readonly store: number }
  | { readonly is: "disk fault"; readonly on: "store" | "sync"; readonly after: number; readonly short: boolean }
  | { readonly is: "power loss" }

export interface Plan {
  readonly seed: number
  readonly sizeBytes: number
  readonly indexCapacity: number
  readonly access: Access
  readonly interleaveOneIn: number
  readonly durability: DurabilityMode
  readonly writers: ReadonlyArray<Writer>
  readonly readers: ReadonlyArray<Reader>
  readonly mishaps: ReadonlyArray<{ readonly afterMillis: number; readonly mishap: Mishap }>
  /** When somebody checks and repairs the pool, while everybody is at work. */
  readonly repairsAfterMillis: ReadonlyArray<number>
}

const headerBytes = 4096

/** Each seed has a character of its own: many are calm in most respects and extreme in one or two. */
export const planOf = (seed: number): Plan => {
  // Not the chance that decides the order of things: that one is drawn from while the plan is carried out.
  const chance = new Chance(seed ^ 0x5eed)
  const indexCapacity = chance.pick([0, 1, 4, 16])
  const ringBytes = chance.pick([600, 900, 1600, 4000, 12_000])
  const largest = chance.oneIn(4) ? Math.floor(ringBytes * 0.7) : Math.floor(ringBytes / 8)
  const padding = (): number => Math.floor((chance.below(100) / 100) ** 2 * largest)

  const writerStep = (): WriterStep => {
    switch (chance.below(8)) {
      case 0:
        return { do: "appendAll", paddings: Array.from({ length: chance.between(1, 4) }, padding) }
      case 1:
        return { do: "get", back: chance.below(12) }
      case 2:
        return { do: "pause", millis: chance.below(100) }
      default:
        return { do: "append", padding: padding() }
    }
  }
  const writers = Array.from({ length: chance.between(1, 4) }, () => ({
    steps: Array.from({ length: chance.between(1, 30) }, writerStep)
  }))
  const readers = Array.from({ length: chance.between(0, 3) }, () => ({
    from: chance.pick(["oldest", "now"] as const),
    restMillis: chance.pick([0, 0, 5, 100])
  }))

  const hasPowerLoss = chance.oneIn(3)
  const mishap = (): Mishap => {
    switch (chance.below(hasPowerLoss ? 5 : 4)) {
      case 0:
        return { is: "kill", whom: readers.length > 0 && chance.oneIn(4) ? "reader" : "writer", index: chance.below(4) }
      case 1:
      case 2:
        return { is: "death at store", index: chance.below(4), store: chance.between(1, 12) }
      case 3:
        return {
          is: "disk fault",
          on: chance.pick(["store", "sync"] as const),
          after: chance.below(8),
          short: chance.oneIn(2)
        }
      default:
        return { is: "power loss" }
    }
  }
  return {
    seed,
    sizeBytes: headerBytes + 16 * indexCapacity + ringBytes + 8 * chance.below(20),
    indexCapacity,
    access: chance.pick(["mapped", "positional"]),
    interleaveOneIn: chance.pick([0, 2, 4, 8, 8, 30]),
    durability: chance.pick(["fast", "flush"]),
    writers,
    readers,
    mishaps: Array.from({ length: chance.below(7) }, () => ({ afterMillis: chance.below(60), mishap: mishap() })),
    repairsAfterMillis: chance.oneIn(4) ? Array.from({ length: chance.between(1, 3) }, () => chance.below(80)) : []
  }
}
