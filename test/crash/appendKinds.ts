/**
 * Appends of every kind, found by trying all payload lengths on pools of many shapes: a kind is what its stores show,
 * so none is missed because somebody forgot to write it down, and none is listed that does not occur.
 */
import { makeRandom } from "../ring/MemoryFile.js"
import { chainOf } from "./chainModel.js"
import { forEachCrashPoint } from "./crashPoints.js"
import { Ledger } from "./Ledger.js"
import type { Pool, Scenario } from "./scenarios.js"
import { appendOf, emptiedPool, growPool, recordOurs, recordUpstream, withoutPadding } from "./scenarios.js"

/** Must occur among the words of the kinds found, or the search was too narrow. */
export const listedWords: ReadonlyArray<string> = [
  "new-pool",
  "emptied-pool",
  "drop-0",
  "drop-1",
  "drop-2",
  "drop-many",
  "drop-all",
  "wrap-marker",
  "wrap",
  "early",
  "zero-fill",
  "exactly-full",
  "from-full",
  "single-frame-full",
  "batch",
  "beyond-ring",
  "parked-tail",
  "adopts",
  "heal",
  "repair",
  "upstream"
]

const ringSizes = [72, 80, 144, 208, 264, 320, 408, 560, 640]

/** A pool of a shape that chance chooses; sometimes its last writer died before it could publish. */
export const randomPool = (random: () => number): Pool => {
  const ringSize = ringSizes[Math.floor(random() * ringSizes.length)]!
  const capacity = random() < 0.5 ? 0 : 4
  if (random() < 0.1) {
    const head = 8 * Math.floor((random() * ringSize) / 8)
    return { bytes: emptiedPool(ringSize, capacity, head, 1 + Math.floor(random() * 9)), ledger: new Ledger() }
  }
  const largest = random() < 0.3 ? ringSize - 72 : Math.max(0, Math.min(ringSize - 72, ringSize / 5))
  const upstreamShare = [0, 0, 0.5, 1][Math.floor(random() * 4)]!
  const uniform = random() < 0.3
  const length = Math.floor(largest * random())
  const pool = growPool(
    { ringSize, capacity, appends: Math.floor(random() * 14), largest: uniform ? length : largest, upstreamShare },
    uniform ? () => 0.999 : random
  )
  return random() < 0.1 ? diedBeforePublishing(withoutPadding(pool), random) : pool
}

const diedBeforePublishing = (pool: Pool, random: () => number): Pool => {
  const scenario = appendOf(pool, [Math.floor(random() * (ringSizeOf(pool) - 72 + 1))])
  const bytes = pool.bytes.slice()
  for (const { bytes: stored, offset } of scenario.stores.slice(0, -1)) bytes.set(stored, offset)
  return { bytes, ledger: scenario.ledger }
}

const ringSizeOf = ({ bytes }: Pool): number => new DataView(bytes.buffer).getUint32(48, true)

/** Every append of one payload that fits the pool, by 8 bytes and some odd ones, and batches. */
export const appendsTo = function* (pool: Pool, random: () => number): Generator<Scenario> {
  const most = ringSizeOf(pool) - 72
  const sound = withoutPadding(pool)
  for (let length = 0; length <= most; length += 8) {
    yield appendOf(sound, [random() < 0.5 ? length : Math.min(most, length + 1 + Math.floor(random() * 7))])
  }
  for (const [count, share] of [
    [2, 8],
    [3, 4],
    [5, 3],
    [7, 1.5]
  ] as const) {
    const lengths = Array.from({ length: count }, () =>
      Math.floor(Math.max(0, random() * Math.min(most, most / share)))
    )
    yield appendOf(sound, lengths)
  }
  // With what a writer left behind: finished but unpublished, or padding.
  yield appendOf(pool, [Math.floor(random() * (most + 1))])
  const { bytes, ledger } = pool
  const { newest, oldest } = chainOf(bytes)
  const promised = { from: oldest === 0 ? newest + 1 : oldest, to: newest }
  const healing = recordOurs(bytes, ledger, [], { kind: "heal", promised, atRest: bytes })
  if (healing.stores.length > 0) yield healing
  const own = new Ledger(ledger)
  const last = withoutPadding(pool)
  const next = chainOf(last.bytes).newest + 1
  yield recordUpstream(last.bytes, own, own.payload(next, Math.floor(random() * (most + 1))))
}

/** Repairs by our next writer of what a dead append of upstream left, from every point at which it could die. */
export const repairsOf = function* (scenario: Scenario, random: () => number): Generator<Scenario> {
  const repairs: Array<Scenario> = []
  const order = random() < 0.5 ? "upwards" : "downwards"
  forEachCrashPoint(scenario, order, random, (image, promised) => {
    if (random() > 0.15) return
    const repair = recordOurs(image.slice(), scenario.ledger, [], { kind: "repair", promised, atRest: scenario.before })
    if (repair.stores.length > 0) repairs.push(repair)
  })
  yield* repairs
}

/** Scenarios of all kinds, at most so many of each, from so many pools. */
export const findScenarios = (seed: number, pools: number, perKind: number): Array<Scenario> => {
  const random = makeRandom(seed)
  const found = new Map<string, Array<Scenario>>()
  const keep = (scenario: Scenario): boolean => {
    const same = found.get(scenario.kind) ?? []
    found.set(scenario.kind, same)
    if (same.length >= perKind) return false
    same.push(scenario)
    return true
  }
  for (let count = 0; count < pools; count++) {
    for (const scenario of appendsTo(randomPool(random), random)) {
      const isNew = keep(scenario)
      if (isNew && scenario.writer === "upstream") for (const repair of repairsOf(scenario, random)) keep(repair)
    }
  }
  return [...found.values()].flat()
}
