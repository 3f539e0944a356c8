/**
 * Power cuts. What was stored since the disk was last waited for is a set of units, any of which may be on the disk or
 * not, in any combination: words of 8 bytes, as a map may be written back, or sectors of 512. A publish lies within
 * one sector and is one unit.
 */
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { TestLock } from "../ring/MemoryFile.js"
import { checkSound, checkSurvivors, checkWriter, drain, WatchedFile } from "./aftermath.js"
import { located, mayNeedRepair } from "./crashes.js"
import type { Promised, Scenario, Settling } from "./scenarios.js"
import { Survivors } from "./survivors.js"

export interface Unit {
  readonly offset: number
  readonly bytes: Uint8Array
  /** Which store of the append it belongs to. */
  readonly store: number
}

export type UnitSize = "words" | "sectors"

export interface PowerLossOptions {
  readonly units: UnitSize
  readonly mode: "flush" | "fast"
  /** Up to so many units all subsets are tried. */
  readonly allSubsetsUpTo: number
  /** Beyond that, so many random ones besides the regular ones. */
  readonly randomSubsets: number
  readonly random: () => number
}

export const unitsOf = ({ stores }: Scenario, size: UnitSize): Array<Unit> => {
  const units: Array<Unit> = []
  for (const [store, { atomic, bytes, offset }] of stores.entries()) {
    const step = size === "words" ? 8 : 512
    for (let from = 0; from < bytes.length;) {
      const to = atomic ? bytes.length : Math.min(bytes.length, from + step - ((offset + from) % step))
      units.push({ offset: offset + from, bytes: bytes.subarray(from, to), store })
      from = to
    }
  }
  return units
}

/**
 * All subsets, or the regular ones (none, all, each one missing, each one alone, all up to one, all from one on) and
 * random ones. `visit` sees which units made it, in an array that is only lent.
 */
export const forEachSubset = (
  count: number,
  { allSubsetsUpTo, random, randomSubsets }: Pick<PowerLossOptions, "allSubsetsUpTo" | "random" | "randomSubsets">,
  visit: (present: ReadonlyArray<boolean>) => void
): number => {
  const present = Array.from({ length: count }, () => false)
  let visited = 0
  const show = (isPresent: (unit: number) => boolean): void => {
    for (let unit = 0; unit < count; unit++) present[unit] = isPresent(unit)
    visit(present)
    visited++
  }
  if (count <= allSubsetsUpTo) {
    for (let subset = 0; subset < 2 ** count; subset++) show((unit) => (subset & (1 << unit)) !== 0)
    return visited
  }
  for (let edge = 0; edge <= count; edge++) {
    show((unit) => unit < edge)
    show((unit) => unit >= edge)
  }
  for (let odd = 0; odd < count; odd++) {
    show((unit) => unit !== odd)
    show((unit) => unit === odd)
  }
  for (let sample = 0; sample < randomSubsets; sample++) {
    const share = random()
    show(() => random() < share)
  }
  return visited
}

/** What holds whichever of the pending stores made it. */
const promisedThrough = ({ promised }: Scenario, from: number, to: number): Promised => {
  const all = promised.slice(from, to + 1)
  return { from: Math.max(...all.map(({ from }) => from)), to: Math.min(...all.map(({ to }) => to)) }
}

/** Returns how many images there were. */
export const checkPowerLoss = (scenario: Scenario, options: PowerLossOptions): number => {
  const { before, settlings, stores } = scenario
  const units = unitsOf(scenario, options.units)
  const settled = before.slice()
  // Repairing and absorbing padding put nothing at risk: all must be there, whatever of it reached the disk.
  const isCareful = scenario.kind === "repair" || scenario.kind === "heal"
  const survivors = options.mode === "fast" && !isCareful ? new Survivors(scenario) : undefined
  const image = new Uint8Array(before.length)
  let pending: Array<Unit> = []
  let images = 0
  let taken = 0
  const cut = (storesDone: number, acknowledged: boolean): void => {
    const firstPending = pending.reduce((least, { store }) => Math.min(least, store), storesDone)
    const promised = acknowledged ? scenario.promised[storesDone]! : promisedThrough(scenario, firstPending, storesDone)
    const some = pending
    let number = 0
    images += forEachSubset(some.length, options, (present) => {
      image.set(settled)
      for (let unit = 0; unit < some.length; unit++)
        if (present[unit]!) image.set(some[unit]!.bytes, some[unit]!.offset)
      const where = (): string =>
        `${scenario.kind}, ${options.mode}, power lost after store ${storesDone}, present: ${present.map((is) => (is ? "1" : "0")).join("")}`
      located(where, () => checkImage(scenario, image, promised, options.mode, survivors, number++))
    })
  }
  const take = (upTo: number): boolean => {
    const before = pending.length
    for (; taken < units.length && units[taken]!.store < upTo; taken++) pending.push(units[taken]!)
    return pending.length > before
  }
  const waits: ReadonlyArray<Settling> = options.mode === "flush" ? settlings : scenario.fastSettlings
  for (const { after, from, to } of waits) {
    // Without a store in between, what may be pending is a part of what was pending before.
    if (take(after)) cut(after, false)
    for (const { bytes, offset } of pending.filter((unit) => overlaps(unit, from, to))) settled.set(bytes, offset)
    pending = pending.filter((unit) => !overlaps(unit, from, to))
  }
  take(stores.length)
  cut(stores.length, options.mode === "flush")
  return images
}

const overlaps = ({ bytes, offset }: Unit, from: number, to: number): boolean =>
  offset < to && from < offset + bytes.length

/** One short next append by ours or by upstream, in turn: a million images are to be looked at. */
const checkImage = (
  scenario: Scenario,
  image: Uint8Array,
  promised: Promised,
  mode: PowerLossOptions["mode"],
  mayLose: Survivors | undefined,
  number: number
): void => {
  const { atRest, ledger } = scenario
  const isSound = mode === "flush" && !mayNeedRepair(scenario)
  const strictness = mayLose === undefined ? "whole" : "partial"
  const survivors = mayLose?.of(image) ?? []
  const aftermath = { before: atRest, image, ledger, promised, strictness, survivors, nextLengths: [20] } as const
  const ring = Ring.open(new WatchedFile(image))
  checkSurvivors(drain(new RingCursor(ring, new TestLock(), 1, { reportFirstGap: false }), aftermath, true), survivors)
  if (isSound && number % 2 === 0) return checkWriter(aftermath, "upstream")
  if (isSound) checkSound(image)
  checkWriter(aftermath, "fresh")
}
