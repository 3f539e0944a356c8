/**
 * Decides who runs next, by the seed: one bag of ready tasks, one of which is drawn at each step. Fibers also give way
 * in the middle: after a drawn number of operations, and, within synchronous code, wherever a device is touched.
 * There the tasks of other processes run, as on a machine with several cores.
 *
 * @since 0.1.0
 */
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import type { Chance } from "./Chance.js"
import type { SimClock } from "./SimClock.js"
import { currentProcess, director, type SimProcess } from "./SimProcess.js"

interface ReadyTask {
  readonly run: () => void
  readonly owner: SimProcess
}

/** Effect needs ten operations to resume after a yield; a budget below that would never get anywhere. */
const leastOperations = 10
const mostOperations = 40

/** How many processes may be stopped in the middle of synchronous code at the same time. */
const deepestInterleaving = 3

/** How long a process may lie still in the middle of synchronous code while time passes for the others. */
const longestPauseMillis = 50

/**
 * @since 0.1.0
 * @category models
 */
export class SimScheduler implements Scheduler.Scheduler {
  /** Tasks run so far. */
  steps = 0
  private ready: Array<ReadyTask> = []
  private readonly running: Array<SimProcess> = []
  private operations = leastOperations
  private history = 0x811c9dc5

  constructor(
    private readonly chance: Chance,
    /** Other processes run at one of so many accesses to a device; 0 for never. */
    private readonly interleaveOneIn: number,
    private readonly clock: SimClock
  ) {}

  shouldYield(fiber: Fiber.RuntimeFiber<unknown, unknown>): number | false {
    // The dead do not get to their next operation, not even to a finalizer.
    const owner = this.running.at(-1)
    if (owner !== undefined && !owner.alive) return 0
    if (fiber.currentOpCount <= this.operations) return false
    this.operations = this.chance.between(leastOperations, mostOperations)
    return 0
  }

  scheduleTask(task: () => void, _priority: number, fiber?: Fiber.RuntimeFiber<unknown, unknown>): void {
    this.schedule(fiber?.getFiberRef(currentProcess) ?? director, task)
  }

  /** The task is ready to run, if its owner lives to see it. */
  schedule(owner: SimProcess, task: () => void): void {
    if (owner.alive) this.ready.push({ run: task, owner })
  }

  /** Runs one ready task; false if there was none. */
  step(): boolean {
    this.ready = this.ready.filter(({ owner }) => owner.alive)
    if (this.ready.length === 0) return false
    this.runTask(this.chance.below(this.ready.length))
    return true
  }

  /** Called by devices in the middle of synchronous code: what others do at this very moment. */
  interleave(): void {
    if (!this.chance.oneIn(this.interleaveOneIn) || this.running.length >= deepestInterleaving) return
    for (let tasks = this.chance.between(1, 12); tasks > 0; tasks--) {
      const index = this.drawOther()
      if (index >= 0) this.runTask(index)
      else if (!this.chance.oneIn(4) || !this.clock.advance(longestPauseMillis)) return
    }
  }

  /** Adds a fact to what identifies this run: two runs of one seed must end with the same fingerprint. */
  record(fact: number): void {
    this.history = Math.imul(this.history ^ fact, 0x01000193) >>> 0
  }

  get fingerprint(): number {
    return this.history
  }

  private runTask(index: number): void {
    const [{ owner, run }] = this.ready.splice(index, 1) as [ReadyTask]
    this.steps++
    this.record(index * 64 + owner.id)
    this.running.push(owner)
    try {
      run()
    } finally {
      this.running.pop()
    }
  }

  /** A process runs on one thread: those in the middle of something cannot do anything else. */
  private drawOther(): number {
    const others: Array<number> = []
    for (let index = 0; index < this.ready.length; index++) {
      const { owner } = this.ready[index]!
      if (owner.alive && !this.running.includes(owner)) others.push(index)
    }
    return others.length === 0 ? -1 : this.chance.pick(others)
  }
}
