/**
 * Chance that a seed repeats: which pool, who writes, when somebody dies.
 */

/** Spreads the bits of a number; neighbours end up far apart. */
export const scatter = (value: number): number => {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
  return (bits ^ (bits >>> 16)) >>> 0
}

export class Chance {
  constructor(private state: number) {}

  /** 0 to `limit - 1`. */
  below(limit: number): number {
    this.state = (this.state + 0x9e3779b9) | 0
    return scatter(this.state) % limit
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<A>(choices: ReadonlyArray<A>): A {
    return choices[this.below(choices.length)]!
  }
}
