/**
 * Carries out one plan on a simulated machine, and says what was wrong. The pools are the real ones: only storage, lock,
 * notification, time and chance are simulated.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { simulate, Simulation, type SimProcess, type Spawned } from "../../layers/simulated/Simulation.js"
import type { Receipt } from "../../src/Message.js"
import type { ForEachOptions, Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { judge, mayHaveDroppedAll } from "./judge.js"
import { Follower, Model } from "./Model.js"
import { phaseAtDeath } from "./phaseAtDeath.js"
import type { Mishap, Plan, Reader, Writer, WriterStep } from "./plan.js"
import { readToEnd } from "./readToEnd.js"

export interface RunResult {
  readonly plan: Plan
  readonly violations: ReadonlyArray<string>
  readonly sometimes: ReadonlyMap<string, number>
  readonly fingerprint: number
  readonly steps: number
}

const poolName = "pool"
const path = "/simulated/pool.plasmite"
const nobody = Number.POSITIVE_INFINITY

export const runPlan = (plan: Plan): RunResult => {
  const model = new Model()
  const { exit, fingerprint, steps } = simulate({
    seed: plan.seed,
    access: plan.access,
    interleaveOneIn: plan.interleaveOneIn,
    program: Effect.gen(function* () {
      yield* new Run(plan, model, yield* Simulation, yield* Pools).direct
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, noteRepairs(model))))
  })
  if (Exit.isFailure(exit)) model.violate(Cause.pretty(exit.cause))
  return { plan, violations: model.violations, sometimes: model.sometimes, fingerprint, steps }
}

/** A writer says it when it repaired what a dead one left. */
const noteRepairs = (model: Model): Logger.Logger<unknown, void> =>
  Logger.make(({ message }) => {
    if (String(message).includes("repaired")) model.note("repair")
  })

type Message = ReturnType<Model["compose"]>

class Run {
  /** Living processes by their index. */
  private readonly living = { writer: new Map<number, SimProcess>(), reader: new Map<number, SimProcess>() }
  /** Steps that a writer has begun: none is begun twice. */
  private readonly begun = new Map<number, number>()
  private faultsOrdered = 0
  /** After a power loss nobody starts before the director has looked at what is left. */
  private isDark = false

  constructor(
    private readonly plan: Plan,
    private readonly model: Model,
    private readonly simulation: Context.Tag.Service<Simulation>,
    private readonly pools: Context.Tag.Service<Pools>
  ) {}

  /** Starts everybody, lets happen what is planned, waits for the end and judges what is there. */
  readonly direct: Effect.Effect<void, PoolError, Scope.Scope> = Effect.gen(this, function* () {
    const { model, plan, simulation } = this
    const { indexCapacity, sizeBytes } = plan
    yield* this.pools.create(poolName, { sizeBytes, indexCapacity })
    const writing = yield* Effect.forEach(plan.writers, (writer, index) =>
      Effect.fork(this.keepAlive("writer", index, this.write(writer, index)))
    )
    const reading = yield* Effect.forEach(plan.readers, (reader, index) =>
      Effect.fork(this.keepAlive("reader", index, this.read(reader, index)))
    )
    // A plan without repairs runs step by step as it did before there were any: named seeds stay what they are.
    const repairs = plan.repairsAfterMillis.map((afterMillis) => Effect.delay(this.repair, afterMillis))
    const repairing =
      repairs.length === 0 ? undefined : yield* Effect.fork(Effect.all(repairs, { concurrency: "unbounded" }))
    for (const { afterMillis, mishap } of plan.mishaps) {
      yield* Effect.sleep(afterMillis)
      yield* this.happen(mishap)
    }
    yield* Fiber.joinAll(writing)
    if (repairing !== undefined) yield* Fiber.join(repairing)
    simulation.disk.heal()
    yield* this.stop(Fiber.joinAll(reading))
    const pool = yield* this.pools.open(poolName)
    yield* judge(this.pools, pool, plan, model)
    yield* this.append([0], nobody, ([last]) =>
      Effect.map(pool.append(last!.data, { durability: plan.durability }), (receipt) => [receipt])
    )
    yield* judge(this.pools, pool, plan, model)
    model.note("disk fault struck", simulation.disk.faultsStruck)
    model.note("store taken back by a power loss", simulation.disk.storesLost)
    model.note("announcement lost", simulation.counts.hintsLost)
    model.note("lock inherited from the dead", simulation.counts.locksFreedByDeath)
    model.note("lock refused", simulation.counts.locksRefused)
    model.note("store cut in the middle", simulation.counts.storesCut)
  })

  /** Somebody who repairs a pool that others use: of a pool in order nothing may change, nor anything be lost. */
  private readonly repair: Effect.Effect<void> = Effect.gen(this, function* () {
    const { model } = this
    while (this.isDark) yield* Effect.sleep(1)
    const { end } = yield* this.simulation.spawn("repairer", this.pools.repair(poolName, { backup: false }))
    const how = yield* end
    if (how === "killed") return
    if (Exit.isSuccess(how)) {
      const { before, changes, lost } = how.value
      model.note(changes.length > 0 ? "pool repaired in use" : "pool in use found in order")
      if (model.mayHaveHoles) return
      if (before.status !== "ok") model.violate(`repair: ${before.issues.map(({ message }) => message).join()}`)
      if (changes.length + lost.length > 0) model.violate(`a repair changed a pool in order: ${changes.join()}`)
      return
    }
    const failure = Cause.failureOption(how.cause)
    const isExpected =
      Option.isSome(failure) &&
      (failure.value.reason === "Busy" || (failure.value.reason === "Io" && this.faultsOrdered > 0))
    if (isExpected) model.note("repair given up")
    else model.violate(`repair failed: ${Cause.pretty(how.cause)}`)
  })

  /** A process that is started again whenever it was killed. */
  private keepAlive(
    kind: "writer" | "reader",
    index: number,
    body: Effect.Effect<void, PoolError>
  ): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      for (;;) {
        while (this.isDark) yield* Effect.sleep(1)
        const { end, process }: Spawned<void, PoolError> = yield* this.simulation.spawn(`${kind} ${index}`, body)
        this.living[kind].set(index, process)
        process.onDeath(() => this.living[kind].delete(index))
        const how = yield* end
        if (how !== "killed") {
          if (Exit.isFailure(how)) this.model.violate(`${kind} ${index} failed: ${Cause.pretty(how.cause)}`)
          return
        }
        this.model.note(`${kind} killed`)
        yield* Effect.sleep(this.simulation.chance.below(40))
      }
    })
  }

  private happen(mishap: Mishap): Effect.Effect<void, PoolError> {
    return Effect.suspend(() => {
      switch (mishap.is) {
        case "kill":
          this.living[mishap.whom].get(mishap.index)?.kill()
          return Effect.void
        case "death at store":
          this.living.writer.get(mishap.index)?.dieAtStore(mishap.store)
          return Effect.void
        case "disk fault":
          this.faultsOrdered++
          this.simulation.disk.failOn({
            operation: mishap.on,
            code: mishap.short ? "ENOSPC" : "EIO",
            after: mishap.after,
            short: mishap.short
          })
          return Effect.void
        case "power loss":
          return Effect.scoped(this.losePower())
      }
    })
  }

  /** What was promised to be there, is; in fast mode whatever is there is genuine. */
  private losePower(): Effect.Effect<void, PoolError, Scope.Scope> {
    return Effect.gen(this, function* () {
      const { model, plan, simulation } = this
      this.isDark = true
      simulation.disk.heal()
      yield* simulation.powerLoss
      model.note(`power lost in ${plan.durability} mode`)
      if (plan.durability === "fast") model.mayHaveHoles = true
      const { indexCapacity, sizeBytes } = plan
      const pool = yield* this.pools.open(poolName, { create: { sizeBytes, indexCapacity } })
      const seqs = yield* readToEnd(pool, new Follower(model, "the director"))
      const newest = seqs.at(-1)
      const isLost = newest === undefined ? !mayHaveDroppedAll(plan) : newest < model.newestAcknowledged
      if (plan.durability === "flush" && model.newestAcknowledged > 0 && isLost)
        model.violate(`a power loss took back messages ${(newest ?? 0) + 1} to ${model.newestAcknowledged}`)
      if (plan.durability === "fast") model.keepOnly(seqs)
      yield* this.append([0], nobody, ([first]) =>
        Effect.map(pool.append(first!.data, { durability: plan.durability }), (receipt) => [receipt])
      )
      this.isDark = false
    })
  }

  private write({ steps }: Writer, index: number): Effect.Effect<void, PoolError> {
    const goOn = Effect.gen(this, function* () {
      const pool = yield* this.pools.open(poolName)
      for (;;) {
        const at = this.begun.get(index) ?? 0
        if (at === steps.length) return true
        this.begun.set(index, at + 1)
        const failed = yield* this.take(pool, steps[at]!, index)
        // Whom the disk has failed opens the pool again.
        if (failed) return false
      }
    })
    return Effect.asVoid(Effect.repeat(Effect.scoped(goOn), { until: (isDone) => isDone }))
  }

  private take(pool: Pool, step: WriterStep, index: number): Effect.Effect<boolean, PoolError> {
    const { durability } = this.plan
    switch (step.do) {
      case "append":
        return this.append([step.padding], index, ([message]) =>
          Effect.map(pool.append(message!.data, { durability }), (receipt) => [receipt])
        )
      case "appendAll":
        return this.append(step.paddings, index, (messages) => pool.appendAll(messages, { durability }))
      case "get":
        return Effect.as(this.get(pool, Math.max(this.model.newestAcknowledged - step.back, 1)), false)
      case "pause":
        return Effect.as(Effect.sleep(step.millis), false)
    }
  }

  /** True if the disk failed. */
  private append(
    paddings: ReadonlyArray<number>,
    index: number,
    act: (messages: ReadonlyArray<Message>) => Effect.Effect<ReadonlyArray<Receipt>, PoolError>
  ): Effect.Effect<boolean> {
    return Effect.gen(this, function* () {
      const { model } = this
      const newestAtStart = model.newestAcknowledged
      const messages = paddings.map((padding) => model.compose(padding))
      let isOver = false
      this.living.writer.get(index)?.onDeath(() => {
        if (isOver) return
        for (const { id } of messages) model.abandon(id)
        const file = this.simulation.disk.file(path)
        if (file !== undefined) model.note(`killed ${phaseAtDeath(file.bytes, this.plan.indexCapacity)}`)
      })
      const result = yield* Effect.either(act(messages))
      isOver = true
      if (result._tag === "Right") {
        const first = result.right[0]!.seq
        for (const [at, { seq }] of result.right.entries()) {
          model.acknowledge(messages[at]!.id, seq, newestAtStart)
          if (seq !== first + at) model.violate(`message ${at + 1} of a batch that begins with ${first} became ${seq}`)
        }
        return false
      }
      const { message, reason } = result.left
      for (const { id } of messages) {
        if (reason === "Usage") model.refuse(id)
        else model.abandon(id)
      }
      const byDisk = reason === "Io" && this.faultsOrdered > 0
      if (byDisk) model.note("append failed by the disk")
      else if (reason === "Usage") model.note("message too large")
      else model.violate(`append failed: ${reason}: ${message}`)
      return byDisk
    })
  }

  private get(pool: Pool, seq: number): Effect.Effect<void, PoolError> {
    return Effect.gen(this, function* () {
      const { model } = this
      const wasThere = model.has(seq)
      const result = yield* Effect.either(pool.get(seq))
      if (result._tag === "Right") {
        model.observe(seq, result.right.data)
        model.note("message got")
      } else if (model.mayHaveHoles) {
        model.note("message to get was lost in a power loss")
      } else if (result.left.reason === "NotFound") {
        const { oldest = nobody } = (yield* pool.info).bounds
        if (wasThere && oldest <= seq) model.violate(`message ${seq} is retained, but was not found`)
        model.note("message to get was dropped")
      } else model.violate(`get ${seq} failed: ${result.left.message}`)
    })
  }

  private read({ from, restMillis }: Reader, index: number): Effect.Effect<void, PoolError> {
    const { model } = this
    const follow = Effect.gen(this, function* () {
      const pool = yield* this.pools.open(poolName)
      const follower = new Follower(model, `reader ${index}`)
      const handlers: ForEachOptions = {
        from,
        onGap: ({ expected, found }) =>
          Effect.map(Effect.orDie(pool.info), ({ bounds }) => {
            follower.gap(expected, found, bounds.oldest ?? nobody)
            model.note("reader overtaken")
          }),
        onDamage: ({ seq }) => Effect.sync(() => follower.damage(seq ?? 0))
      }
      if (restMillis === 0 && index % 2 === 1) return yield* this.readByFunction(pool, follower, handlers)
      yield* pool.tail(handlers).pipe(
        Stream.tap(({ data, seq }) => {
          follower.message(seq, data)
          return restMillis > 0 ? Effect.sleep(restMillis) : Effect.void
        }),
        Stream.takeUntil(({ data }) => data["stop"] === true),
        Stream.runDrain
      )
    })
    return Effect.scoped(follow)
  }

  /** What comes with the message that stops it, or before the interruption, is as right as the rest. */
  private readByFunction(pool: Pool, follower: Follower, handlers: ForEachOptions): Effect.Effect<void, PoolError> {
    return Effect.flatMap(Deferred.make<void>(), (stopped) => {
      const handle: Parameters<Pool["forEach"]>[0] = ({ data, seq }) => {
        follower.message(seq, data)
        this.model.note("message given to a function")
        if (data["stop"] === true) Deferred.unsafeDone(stopped, Effect.void)
      }
      return Effect.raceFirst(pool.forEach(handle, handlers), Deferred.await(stopped))
    })
  }

  /** Tells readers to stop; a reader that began after it was told is told once more. */
  private stop(stopped: Effect.Effect<unknown>): Effect.Effect<void, PoolError> {
    const tell = Effect.gen(this, function* () {
      const pool = yield* this.pools.open(poolName)
      yield* this.append([4], nobody, ([last]) =>
        Effect.map(pool.append({ ...last!.data, stop: true }, { durability: this.plan.durability }), (receipt) => [
          receipt
        ])
      )
      return Option.isSome(yield* Effect.timeoutOption(stopped, "1 minute"))
    })
    return Effect.gen(this, function* () {
      for (let times = 0; times < 3; times++) {
        if (yield* Effect.scoped(tell)) return
        // Who reads from the oldest message on cannot have begun too late.
        for (const index of this.living.reader.keys())
          if (this.plan.readers[index]!.from === "oldest") this.model.violate(`reader ${index} was not woken`)
      }
      this.model.violate("a reader hangs")
    })
  }
}
