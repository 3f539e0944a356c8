/**
 * The only source of chance of a simulation. Everything that could go either way asks here, in the order in which
 * it happens, so one seed decides everything.
 *
 * @since 0.1.0
 */
import { PCGRandom } from "effect/Utils"

/**
 * A seeded generator.
 *
 * @since 0.1.0
 * @category models
 */
export class Chance {
  private readonly generator: PCGRandom

  constructor(readonly seed: number) {
    this.generator = new PCGRandom(seed >>> 0, Math.floor(seed / 4294967296))
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.generator.integer(limit)
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True once in `times`; never for 0. */
  oneIn(times: number): boolean {
    return times > 0 && this.below(times) === 0
  }

  /** One of the items, each as likely as the others. */
  pick<A>(items: ReadonlyArray<A>): A {
    if (items.length === 0) throw new Error("there is nothing to pick from")
    return items[this.below(items.length)]!
  }
}
