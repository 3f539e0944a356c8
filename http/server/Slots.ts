/**
 * A bound on how many of something there may be at once. Who finds none free is refused, not queued.
 */
export class Slots {
  private taken = 0

  constructor(readonly limit: number) {}

  get used(): number {
    return this.taken
  }

  /** The way to give the slot back, which works once; `undefined` when all are taken. */
  take(): (() => void) | undefined {
    if (this.taken >= this.limit) return undefined
    this.taken++
    let held = true
    return () => {
      if (held) this.taken--
      held = false
    }
  }
}
