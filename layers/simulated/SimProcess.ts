/**
 * A process that can be killed. A death is not an interruption: nothing of the process runs again, no finalizer, no
 * `finally` that matters. Its fibers are never resumed, its devices refuse to work, and the machine frees its locks.
 *
 * @since 0.1.0
 */
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"

/**
 * Thrown by a device of a dead process, to get out of synchronous code. The program may catch it, but not go on: each
 * device throws it again, and the scheduler runs none of its steps.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProcessDeath extends Error {
  override readonly name = "ProcessDeath"
}

/**
 * One simulated process: the owner of fibers, open files and locks.
 *
 * @since 0.1.0
 * @category models
 */
export class SimProcess {
  private living = true
  private storesLeft = Number.POSITIVE_INFINITY
  private readonly atDeath: Array<() => void> = []

  constructor(
    /** Counts from 1 within one simulation; 0 is the one who looks on and cannot die. */
    readonly id: number,
    readonly name: string
  ) {}

  get alive(): boolean {
    return this.living
  }

  /** The process no longer exists. Locks are freed, whoever awaits its end is told. */
  kill(): void {
    if (!this.living || this.id === 0) return
    this.living = false
    for (const action of this.atDeath) action()
  }

  /** The process dies at its `count`-th store from now on, in the middle of it where a store can be cut. */
  dieAtStore(count: number): void {
    this.storesLeft = count
  }

  /** What the machine does when the process is gone. */
  onDeath(action: () => void): void {
    this.atDeath.push(action)
  }

  /** Every device asks before it does anything. */
  assertAlive(): void {
    if (!this.living) throw new ProcessDeath(`${this.name} is dead`)
  }

  /** Counts a store; true if it is the one during which the process dies. */
  countStore(): boolean {
    return --this.storesLeft <= 0
  }
}

/** Not a process of the simulation: the program that starts and kills them. */
export const director = globalValue("effect-plasmite/director", () => new SimProcess(0, "director"))

/**
 * Whose fiber this is. Children belong to the process of their parent.
 *
 * @since 0.1.0
 * @category references
 */
export const currentProcess: FiberRef.FiberRef<SimProcess> = globalValue("effect-plasmite/currentProcess", () =>
  FiberRef.unsafeMake(director)
)
