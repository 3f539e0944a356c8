/**
 * Those who wait for one pool to change. A waiter is asked about its change, never told: when it comes in, at every
 * hint, and by the timer. Being asked in vain costs nanoseconds, so a hint may be wrong or doubled.
 */
import * as Effect from "effect/Effect"

/** Has rooms looked into from time to time. */
export interface RoomTimer {
  /** The room is no longer empty. */
  readonly add: (room: WaitingRoom) => void
  /** The room is empty. */
  readonly remove: (room: WaitingRoom) => void
  /** Something came: more may follow soon. */
  readonly noteActivity: () => void
}

interface Waiter {
  readonly changed: () => boolean
  readonly resume: (result: Effect.Effect<void>) => void
}

export class WaitingRoom {
  private readonly waiters = new Set<Waiter>()

  /** `unannounced` is called when a change was found that no hint had told of. */
  constructor(
    private readonly timer?: RoomTimer,
    private readonly unannounced: () => void = () => {}
  ) {}

  get isEmpty(): boolean {
    return this.waiters.size === 0
  }

  /**
   * Ends once `changed` has returned true. `arrange` runs when the waiter has come in, and `changed` is asked again
   * after it: what happens while hints are being arranged for is not missed.
   */
  waitUntil(changed: () => boolean, arrange: () => void = () => {}): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const waiter: Waiter = { changed, resume }
      if (isDone(waiter)) return
      if (this.isEmpty) this.timer?.add(this)
      this.waiters.add(waiter)
      arrange()
      this.ask(waiter)
      return Effect.sync(() => this.leave(waiter))
    })
  }

  /** Asks everybody, and lets go those whose change has come. */
  look(): void {
    for (const waiter of this.waiters) this.ask(waiter)
  }

  /** The same, without a hint. */
  lookUnprompted(): void {
    const { size } = this.waiters
    this.look()
    if (this.waiters.size < size) this.unannounced()
  }

  private ask(waiter: Waiter): void {
    if (!isDone(waiter)) return
    this.timer?.noteActivity()
    this.leave(waiter)
  }

  private leave(waiter: Waiter): void {
    if (this.waiters.delete(waiter) && this.isEmpty) this.timer?.remove(this)
  }
}

/** A waiter that throws has broken its promise; it gets its exception back, and the others are not disturbed. */
const isDone = (waiter: Waiter): boolean => {
  try {
    if (!waiter.changed()) return false
    waiter.resume(Effect.void)
  } catch (exception) {
    waiter.resume(Effect.die(exception))
  }
  return true
}
