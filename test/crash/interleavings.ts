/**
 * Readers beside living writers. The writers' stores are recorded once and played back piece by piece, between the
 * reads of two readers, of which the second may run in the middle of any read of the first. A schedule is a list
 * of choices, one at each read and each try for the lock: how many of the writers' steps happen before it. All
 * schedules up to a stated number of choices are run, depth first; beyond it chance chooses.
 */
import type { PoolLockHandle } from "../../src/PoolLock.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { makeRandom } from "../ring/MemoryFile.js"
import { drain, WatchedFile } from "./aftermath.js"
import { chainOf } from "./chainModel.js"
import { located } from "./crashes.js"
import type { Ledger } from "./Ledger.js"
import { Violation } from "./Ledger.js"
import type { Scenario } from "./scenarios.js"

type Step = "lock" | "unlock" | { readonly offset: number; readonly bytes: Uint8Array }

/** Headers in halves, payloads in halves, every other writer from the end. */
const stepsOf = (scenarios: ReadonlyArray<Scenario>): Array<Step> =>
  scenarios.flatMap(({ stores }, writer): Array<Step> => {
    const pieces = stores.flatMap(({ atomic, bytes, offset }): Array<Step> => {
      const middle = 64 + 8 * Math.floor((bytes.length - 64) / 16)
      const cuts = atomic || bytes.length <= 8 ? [0] : bytes.length <= 64 ? [0, 32] : [0, 32, 64, middle]
      const parts = [...new Set(cuts)].map((from, index, all) => ({
        offset: offset + from,
        bytes: bytes.subarray(from, all[index + 1] ?? bytes.length)
      }))
      return writer % 2 === 1 && bytes.length > 64 ? parts.toReversed() : parts
    })
    return ["lock", ...pieces, "unlock"]
  })

/** Chooses by a list as long as it lasts, then by chance; and goes through all lists up to a length. */
class Schedule {
  private taken = 0
  /** What was chosen, and what could have been. */
  private readonly choices: Array<number> = []
  private readonly limits: Array<number> = []
  private random: () => number = Math.random

  constructor(private readonly depth: number) {}

  begin(seed: number): void {
    this.taken = 0
    this.random = makeRandom(seed)
  }

  /** A whole number from 0 to `most`. */
  choose(most: number): number {
    const at = this.taken++
    if (at >= this.depth) return this.random() < 0.5 ? 0 : Math.floor(this.random() ** 2 * (most + 1))
    this.limits[at] = most
    if (at >= this.choices.length) this.choices.push(0)
    return this.choices[at]!
  }

  /** Goes on to the next list; false when all were there. */
  next(): boolean {
    this.choices.length = Math.min(this.choices.length, this.taken)
    while (this.choices.length > 0) {
      const last = this.choices.length - 1
      if (this.choices[last]! < this.limits[last]!) {
        this.choices[last]!++
        return true
      }
      this.choices.pop()
    }
    return false
  }

  toString(): string {
    return this.choices.join(",")
  }
}

/** Delivered in order, each once, whole; what is missing is reported, and really gone. */
class Follower {
  private expected = 0

  constructor(
    private readonly cursor: RingCursor,
    private readonly ledger: Ledger,
    private readonly bytes: Uint8Array
  ) {}

  read(): void {
    const { damaged, frames, gap } = this.cursor.read(3, 1 << 20)
    if (damaged !== undefined) throw new Violation("torn", `message ${damaged.seq} is called damaged`)
    if (gap !== undefined) {
      const { newest, oldest } = chainOf(this.bytes)
      if (this.expected !== 0 && gap.expected !== this.expected) throw new Violation("unreported", "a gap is inexact")
      if (gap.found > (oldest === 0 ? newest + 1 : oldest)) throw new Violation("lost", "a gap spans what is there")
      this.expected = gap.found
    }
    for (const { payload, seq } of frames) {
      if (this.expected !== 0 && seq !== this.expected)
        throw new Violation(seq < this.expected ? "reordered" : "unreported", `${seq} comes, ${this.expected} is due`)
      this.ledger.check(seq, payload)
      this.expected = seq + 1
    }
  }

  finish(newest: number): void {
    drain(this.cursor, { ledger: this.ledger, promised: { from: 1, to: 0 }, strictness: "whole" }, false)
    if (this.cursor.nextSeq !== newest + 1) throw new Violation("lost", `reading ends before ${this.cursor.nextSeq}`)
  }
}

/** Plays the steps; a reader that holds the lock keeps the next writer out. */
class World {
  readonly file: WatchedFile
  private done = 0
  private writerHolds = false
  private readersHold = 0
  private nested: (() => void) | undefined

  constructor(
    before: Uint8Array,
    private readonly steps: ReadonlyArray<Step>,
    private readonly schedule: Schedule
  ) {
    this.file = new WatchedFile(before.slice())
  }

  start(nested: () => void): void {
    this.nested = nested
    this.file.beforeRead = () => this.pause()
  }

  /** The other writers and readers get their turn. */
  pause(): void {
    const left = this.steps.length - this.done
    const canNest = this.nested !== undefined
    const choice = this.schedule.choose(left + (canNest ? 1 : 0))
    if (choice > left) {
      const nested = this.nested!
      this.nested = undefined
      nested()
    } else for (let step = 0; step < choice; step++) this.step()
  }

  get isOver(): boolean {
    return this.done === this.steps.length
  }

  finish(): void {
    this.file.beforeRead = undefined
    while (!this.isOver) this.step()
  }

  lock(): PoolLockHandle {
    let holds = false
    return {
      tryAcquire: () => {
        if (this.file.beforeRead !== undefined) this.pause()
        if (this.writerHolds) return false
        this.readersHold++
        holds = true
        return true
      },
      release: () => {
        if (holds) this.readersHold--
        holds = false
      }
    }
  }

  private step(): void {
    const step = this.steps[this.done]
    if (step === undefined || (step === "lock" && this.readersHold > 0)) return
    if (step === "lock") this.writerHolds = true
    else if (step === "unlock") this.writerHolds = false
    else this.file.bytes.set(step.bytes, step.offset)
    this.done++
  }
}

export interface InterleavingOptions {
  /** So many choices are gone through in every combination. */
  readonly depth: number
  readonly mostRuns: number
  readonly seed: number
}

/**
 * `scenarios` are appends to one pool, one after the other. Returns how many schedules there were, and whether those
 * were all.
 */
export const checkInterleavings = (
  scenarios: ReadonlyArray<Scenario>,
  { depth, mostRuns, seed }: InterleavingOptions
): { readonly runs: number; readonly complete: boolean } => {
  const steps = stepsOf(scenarios)
  const { before } = scenarios[0]!
  const { after, ledger } = scenarios.at(-1)!
  const { newest: newestBefore, oldest: oldestBefore } = chainOf(before)
  const { newest } = chainOf(after)
  const schedule = new Schedule(depth)
  for (let runs = 1; ; runs++) {
    schedule.begin(seed + runs)
    const world = new World(before, steps, schedule)
    located(
      () => `${scenarios.map(({ kind }) => kind).join(" | ")}, schedule ${schedule.toString()}, seed ${seed + runs}`,
      () => {
        const { file } = world
        const follow = (seq: number, reportFirstGap: boolean): Follower =>
          new Follower(new RingCursor(Ring.open(file), world.lock(), seq, { reportFirstGap }), ledger, file.bytes)
        const [fromOldest, fromNewest] = [follow(1, false), follow(newestBefore + 1, true)]
        const ring = Ring.open(file)
        world.start(() => {
          if (runs % 2 === 0) fromNewest.read()
          else checkGet(ring, world, Math.max(1, oldestBefore), ledger)
        })
        for (let looks = 0; looks < 3; looks++) fromOldest.read()
        world.finish()
        fromOldest.finish(newest)
        fromNewest.finish(newest)
      }
    )
    if (!schedule.next()) return { runs, complete: true }
    if (runs >= mostRuns) return { runs, complete: false }
  }
}

const checkGet = (ring: Ring, world: World, seq: number, ledger: Ledger): void => {
  const frame = readFrame(ring, world.lock(), seq)
  if (typeof frame === "object") ledger.check(seq, frame.payload)
  const { newest, oldest } = chainOf(world.file.bytes)
  if (frame === "missing" && oldest !== 0 && seq >= oldest && seq <= newest)
    throw new Violation("lost", `get ${seq} finds nothing`)
}
