/**
 * Counters of all pools, taken once a second while anybody listens, and once for all who do. A sample looks at headers only;
 * which pools there are is asked less often, since that means looking into the directory and at each file.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { extension } from "../../src/PoolRef.js"
import type * as Models from "../api/models.js"
import { breathe } from "../history/headerSteps.js"
import type { ServerState } from "../server/ServerState.js"
import { SampledPool } from "./SampledPool.js"

type Stats = (typeof Models.PoolStats)["Encoded"]
type Listener = (sample: string) => void

const sampleMillis = 1000
const listMillis = 5000
/** After so many pools everybody else has a turn. */
const poolsPerTurn = 32

export class PoolSampler {
  private readonly listeners = new Set<Listener>()
  private run: SamplerRun | undefined
  private running: Fiber.RuntimeFiber<never> | undefined

  constructor(private readonly state: ServerState) {}

  /** The listener gets each sample as JSON text, the latest at once, until the scope closes. */
  listen(listener: Listener): Effect.Effect<void, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.suspend(() => {
        this.listeners.add(listener)
        if (this.run !== undefined) {
          if (this.run.latest !== undefined) listener(this.run.latest)
          return Effect.void
        }
        const run = new SamplerRun(this.state, this.listeners)
        this.run = run
        return Effect.map(Effect.forkDaemon(Effect.interruptible(run.sampleForever)), (fiber) => {
          this.running = fiber
        })
      }),
      () =>
        Effect.suspend(() => {
          this.listeners.delete(listener)
          const { running } = this
          if (this.listeners.size > 0 || running === undefined) return Effect.void
          this.run = undefined
          this.running = undefined
          // The pools may be closed when their last user is gone: nobody may be looking at them then.
          return Effect.asVoid(Fiber.interrupt(running))
        })
    )
  }

  /** A pool came or went: the next sample knows. */
  forgetList(): void {
    this.run?.forgetList()
  }
}

/** From the first who listens to the last who leaves. Holds the pools open meanwhile. */
class SamplerRun {
  latest: string | undefined
  private readonly held = new Map<string, { readonly pool: SampledPool; readonly scope: Scope.CloseableScope }>()
  private unreadable: Stats["unreadable"] = []
  private listedMillis = Number.NEGATIVE_INFINITY

  constructor(
    private readonly state: ServerState,
    private readonly listeners: ReadonlySet<Listener>
  ) {}

  forgetList(): void {
    this.listedMillis = Number.NEGATIVE_INFINITY
  }

  readonly sampleForever: Effect.Effect<never> = Effect.ensuring(
    Effect.forever(
      Effect.suspend(() => {
        const startedMillis = Date.now()
        return Effect.zipRight(
          this.sample(startedMillis),
          Effect.suspend(() => Effect.sleep(Math.max(1, startedMillis + sampleMillis - Date.now())))
        )
      })
    ),
    Effect.suspend(() => Effect.forEach([...this.held.keys()], (file) => this.release(file), { discard: true }))
  )

  private sample(nowMillis: number): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      if (nowMillis - this.listedMillis >= listMillis || nowMillis < this.listedMillis) yield* this.list(nowMillis)
      const pools: Array<Stats["pools"][number]> = []
      const failed: Array<Stats["unreadable"][number]> = []
      let looked = 0
      for (const [file, { pool }] of this.held) {
        if (++looked % poolsPerTurn === 0) yield* breathe
        const counted = yield* Effect.either(pool.look)
        if (counted._tag === "Left") failed.push(this.unreadablePool(pool.name, counted.left))
        else if (counted.right !== undefined) pools.push(counted.right)
        else {
          yield* this.release(file)
          this.forgetList()
        }
      }
      const { tailSlots } = this.state
      const sample: Stats = {
        time: new Date().toISOString(),
        pools,
        unreadable: [...this.unreadable, ...failed],
        tails: { open: tailSlots.used, limit: tailSlots.limit }
      }
      const text = JSON.stringify(sample)
      this.latest = text
      for (const listener of this.listeners) listener(text)
    })
  }

  /** Which pools there are now. A directory that cannot be read tells nothing new. */
  private list(nowMillis: number): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const listed = yield* Effect.either(this.state.pools.list)
      if (listed._tag === "Left") return
      this.listedMillis = nowMillis
      const unreadable: Array<Stats["unreadable"][number]> = []
      const present = new Set<string>()
      for (const listing of listed.right) {
        const file = listing.name + extension
        if (listing._tag === "Unreadable") {
          unreadable.push(this.unreadablePool(listing.name, listing.error))
          continue
        }
        present.add(file)
        if (this.held.has(file)) continue
        const opened = yield* Effect.either(this.hold(listing.name, file))
        if (opened._tag === "Left") unreadable.push(this.unreadablePool(listing.name, opened.left))
      }
      this.unreadable = unreadable
      for (const file of [...this.held.keys()].filter((file) => !present.has(file))) yield* this.release(file)
    })
  }

  private hold(name: string, file: string): Effect.Effect<void, PoolError> {
    return Effect.uninterruptible(
      Effect.flatMap(Scope.make(), (scope) =>
        Scope.extend(this.state.cache.acquire(file), scope).pipe(
          Effect.flatMap((pool: Pool) => SampledPool.make(name, pool.encoded)),
          Effect.map((pool) => void this.held.set(file, { pool, scope })),
          Effect.onError(() => Scope.close(scope, Exit.void))
        )
      )
    )
  }

  private release(file: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      const entry = this.held.get(file)
      this.held.delete(file)
      return entry === undefined ? Effect.void : Scope.close(entry.scope, Exit.void)
    })
  }

  private unreadablePool(name: string, error: PoolError): Stats["unreadable"][number] {
    const { hint, kind, message } = this.state.envelope(error).error
    return { name, error: { kind, message, ...(hint === undefined ? {} : { hint }) } }
  }
}
