/**
 * Reproducible chance, as fuzzing wants it: every case has a source of its own, made from the seed of the run, the
 * kind of case and its number, so that any case can be repeated alone.
 */
import { makeRandom } from "../ring/MemoryFile.js"

export class Chance {
  private readonly next: () => number

  constructor(seed: number, kind: string, caseNumber: number) {
    let mixed = seed | 0
    for (let at = 0; at < kind.length; at++) mixed = Math.imul(mixed ^ kind.charCodeAt(at), 0x01000193)
    mixed = Math.imul(mixed ^ (caseNumber >>> 0), 0x9e3779b1) ^ Math.floor(caseNumber / 0x1_0000_0000)
    this.next = makeRandom(mixed ^ (mixed >>> 15))
  }

  /** A whole number from 0 to before `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<A>(items: ReadonlyArray<A>): A {
    return items[this.below(items.length)]!
  }
}

/** What a case found. The runner adds how to repeat it. */
export class Finding extends Error {}

export const insist = (holds: boolean, what: string): void => {
  if (!holds) throw new Finding(what)
}

/** One kind of fuzzing: a case is made from its chance alone, and throws if anything is wrong. */
export interface Kind {
  readonly name: string
  /** Share of the time of a run. */
  readonly weight: number
  readonly run: (chance: Chance) => void | Promise<void>
}
