/**
 * Time that moves only when nobody has anything to do: then it jumps to the earliest sleeper. An hour of pauses takes
 * no time at all, and no two runs of one seed differ in a millisecond.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { currentProcess, type SimProcess } from "./SimProcess.js"

interface Sleeper {
  readonly atMillis: number
  readonly owner: SimProcess
  readonly wake: () => void
}

/** 2026-01-01T00:00:00Z. */
const beginning = 1_767_225_600_000

/**
 * @since 0.1.0
 * @category models
 */
export class SimClock implements Clock.Clock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  /** Milliseconds since the simulation began. */
  elapsedMillis = 0
  /** In the order of their times; of equal ones who came first. */
  private readonly sleepers: Array<Sleeper> = []

  unsafeCurrentTimeMillis(): number {
    return beginning + this.elapsedMillis
  }

  unsafeCurrentTimeNanos(): bigint {
    return BigInt(this.unsafeCurrentTimeMillis()) * 1_000_000n
  }

  readonly currentTimeMillis: Effect.Effect<number> = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos: Effect.Effect<bigint> = Effect.sync(() => this.unsafeCurrentTimeNanos())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (!Number.isFinite(millis)) return Effect.never
    return Effect.flatMap(FiberRef.get(currentProcess), (owner) =>
      Effect.async<void>((resume) => {
        const cancel = this.after(millis, owner, () => resume(Effect.void))
        return Effect.sync(cancel)
      })
    )
  }

  /** Runs `wake` when so much time has passed, unless its owner died or it was cancelled by calling the result. */
  after(millis: number, owner: SimProcess, wake: () => void): () => void {
    const sleeper: Sleeper = { atMillis: this.elapsedMillis + Math.max(millis, 0), owner, wake }
    let place = this.sleepers.length
    while (place > 0 && this.sleepers[place - 1]!.atMillis > sleeper.atMillis) place--
    this.sleepers.splice(place, 0, sleeper)
    return () => {
      const index = this.sleepers.indexOf(sleeper)
      if (index >= 0) this.sleepers.splice(index, 1)
    }
  }

  /** Moves to the earliest sleeper and wakes it; false if nobody sleeps, or nobody for so short a time. */
  advance(atMostMillis = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      const sleeper = this.sleepers[0]
      if (sleeper === undefined || sleeper.atMillis > this.elapsedMillis + atMostMillis) return false
      this.sleepers.shift()
      if (!sleeper.owner.alive) continue
      this.elapsedMillis = sleeper.atMillis
      sleeper.wake()
      return true
    }
  }
}
