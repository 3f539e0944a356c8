/**
 * Runs a program that uses pools on a simulated machine: its own disk, clock, scheduler and chance, processes that can
 * be killed and a plug that can be pulled. One seed decides everything that could go either way, so a run that fails
 * can be had again, exactly, as often as wanted.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { MessageFilter } from "../../src/MessageFilter.js"
import * as PoolConfig from "../../src/PoolConfig.js"
import { PoolError } from "../../src/PoolError.js"
import { PoolLock } from "../../src/PoolLock.js"
import { PoolNotify } from "../../src/PoolNotify.js"
import * as Pools from "../../src/Pools.js"
import { PoolStorage } from "../../src/PoolStorage.js"
import * as DiskDurability from "../DiskDurability.js"
import { Chance } from "./Chance.js"
import { SimClock } from "./SimClock.js"
import { type Access, SimDisk } from "./SimDisk.js"
import type { Machine, SimulationCounts } from "./simFile.js"
import { makeNotify } from "./simNotify.js"
import { currentProcess, SimProcess } from "./SimProcess.js"
import { SimScheduler } from "./SimScheduler.js"
import { makeLocks, makeStorage } from "./simStorage.js"

export { Chance } from "./Chance.js"
export { SimClock } from "./SimClock.js"
export { type Access, type DiskFault, SimDisk, type SimFile } from "./SimDisk.js"
export type { SimulationCounts } from "./simFile.js"
export { currentProcess, ProcessDeath, SimProcess } from "./SimProcess.js"
export { SimScheduler } from "./SimScheduler.js"

/**
 * A process that was started, and how it ends: with what it computed, or because it was killed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Spawned<A, E> {
  readonly process: SimProcess
  readonly end: Effect.Effect<Exit.Exit<A, E> | "killed">
  readonly kill: Effect.Effect<void>
}

/**
 * The machine, for the program that starts processes on it and lets things happen to them.
 *
 * @since 0.1.0
 * @category services
 */
export class Simulation extends Context.Tag("effect-plasmite/Simulation")<
  Simulation,
  {
    readonly chance: Chance
    readonly clock: SimClock
    readonly disk: SimDisk
    readonly counts: Readonly<SimulationCounts>
    /** Runs the effect as a process of its own. What it forks belongs to it, too. */
    readonly spawn: <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<Spawned<A, E>, never, R>
    /** Every process is dead, and the disk holds what it had promised to hold, and perhaps more. */
    readonly powerLoss: Effect.Effect<void>
  }
>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface SimulationOptions<A, E> {
  readonly seed: number
  /** Uses `Pools` as anybody would. It is nobody's process: it can neither be killed nor lose what it remembers. */
  readonly program: Effect.Effect<A, E, Pools.Pools | Simulation | Scope.Scope>
  /** How stores are torn by a power loss. Default `"mapped"`. */
  readonly access?: Access
  /** Others act at one of so many accesses to disk or lock; 0 for never. Default 8. */
  readonly interleaveOneIn?: number
  /** No program needs more; one that does is stuck. Default 200,000. */
  readonly maxSteps?: number
  readonly config?: Partial<PoolConfig.PoolConfigValues>
}

/**
 * How a run ended. Two runs of one seed and program have the same fingerprint.
 *
 * @since 0.1.0
 * @category models
 */
export interface SimulationReport<A, E> {
  readonly seed: number
  readonly exit: Exit.Exit<A, E | SimulationStuck>
  readonly steps: number
  readonly fingerprint: number
  readonly elapsedMillis: number
}

/**
 * The program does not get to its end: everybody waits for somebody, or it goes on for ever.
 *
 * @since 0.1.0
 * @category errors
 */
export class SimulationStuck extends Error {
  override readonly name = "SimulationStuck"
}

/**
 * Runs the program to its end, here and now: nothing is awaited, and time passes only in the simulation. What waits for
 * the real world (a promise, a timer, a worker) never ends here and is reported as stuck.
 *
 * @since 0.1.0
 * @category running
 */
export const simulate = <A, E>(options: SimulationOptions<A, E>): SimulationReport<A, E> => {
  const { maxSteps = 200_000, seed } = options
  const chance = new Chance(seed)
  const clock = new SimClock()
  const scheduler = new SimScheduler(chance, options.interleaveOneIn ?? 8, clock)
  const disk = new SimDisk(chance, options.access ?? "mapped")
  const counts: SimulationCounts = { locksFreedByDeath: 0, locksRefused: 0, storesCut: 0, hintsLost: 0 }
  const machine: Machine = { chance, clock, counts, disk, scheduler }

  const world = options.program.pipe(
    Effect.scoped,
    Effect.provide(layerOf(machine, options.config ?? {})),
    Effect.withClock(clock),
    Effect.withRandom(Random.make(seed))
  )
  let exit: Exit.Exit<A, E | SimulationStuck> | undefined
  const fiber = Runtime.runFork(Runtime.defaultRuntime, world, { scheduler, immediate: false })
  fiber.addObserver((end) => (exit = end))
  while (exit === undefined) {
    if (scheduler.steps > maxSteps) exit = stuck(seed, `has not ended after ${maxSteps} steps`)
    else if (!scheduler.step() && !clock.advance()) exit = stuck(seed, "stands still: everybody waits")
  }
  return {
    seed,
    exit,
    steps: scheduler.steps,
    fingerprint: scheduler.fingerprint,
    elapsedMillis: clock.elapsedMillis
  }
}

/**
 * The result of the program; throws with the seed when it failed or got stuck. For tests.
 *
 * @since 0.1.0
 * @category running
 */
export const simulateOrThrow = <A, E>(options: SimulationOptions<A, E>): A => {
  const { exit, seed } = simulate(options)
  if (Exit.isSuccess(exit)) return exit.value
  throw new Error(`seed ${seed}: ${Cause.pretty(exit.cause)}`)
}

const stuck = (seed: number, how: string): Exit.Exit<never, SimulationStuck> =>
  Exit.fail(new SimulationStuck(`the program of seed ${seed} ${how}`))

const layerOf = (
  machine: Machine,
  config: Partial<PoolConfig.PoolConfigValues>
): Layer.Layer<Pools.Pools | Simulation> => {
  const processes: Array<SimProcess> = []

  const spawn = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>): Effect.Effect<Spawned<A, E>, never, R> =>
    Effect.gen(function* () {
      const process = new SimProcess(processes.length + 1, name)
      processes.push(process)
      const end = yield* Deferred.make<Exit.Exit<A, E> | "killed">()
      process.onDeath(() => Deferred.unsafeDone(end, Exit.succeed("killed" as const)))
      // After the yield each step belongs to the process; when it has ended, the machine cleans up behind it.
      yield* Effect.yieldNow().pipe(
        Effect.zipRight(effect),
        Effect.exit,
        Effect.flatMap((exit) => Deferred.succeed(end, exit)),
        Effect.zipRight(Effect.sync(() => process.kill())),
        Effect.locally(currentProcess, process),
        Effect.forkDaemon
      )
      return { process, end: Deferred.await(end), kill: Effect.sync(() => process.kill()) }
    })

  const powerLoss = Effect.sync(() => {
    for (const process of processes) process.kill()
    machine.disk.losePower()
  })

  const simulation = Layer.succeed(Simulation, { ...machine, spawn, powerLoss })
  return Layer.merge(
    simulation,
    Pools.layer.pipe(
      Layer.provide([
        Layer.succeed(PoolStorage, makeStorage(machine)),
        Layer.succeed(PoolLock, makeLocks(machine)),
        Layer.succeed(PoolNotify, makeNotify(machine)),
        DiskDurability.layer,
        noFilters,
        PoolConfig.layer({ directory: "/simulated", ...config })
      ])
    )
  )
}

/** jq runs on a thread of its own, whose pace no seed decides. Tags are fine. */
const noFilters = Layer.succeed(MessageFilter, {
  compile: () =>
    Effect.fail(
      new PoolError({
        reason: "Usage",
        message: "jq filters are not available in a simulation",
        hint: "Select by tags, or filter the messages in the program."
      })
    )
})
