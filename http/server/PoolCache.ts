/**
 * The pools that a server has open: opening one costs many times an append. A pool is used by one holder or many, asked
 * before a use whether its name still leads to it, and closed when nobody has used it for a while.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as Context from "effect/Context"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { extension } from "../../src/PoolRef.js"
import type { Pools } from "../../src/Pools.js"

export interface OpenPool {
  readonly pool: Pool
  readonly scope: Scope.CloseableScope
  users: number
  /** No longer what its name means; closed by its last user. */
  dropped: boolean
  lastUsedMillis: number
  /** When its name was last seen to lead to it. */
  checkedMillis: number
}

const idleMillis = 60_000
const sweepMillis = 5000

/** A name that led to its pool is not asked again for so long; a writer takes the same liberty. */
const trustMillis = 5

/** Idle pools beyond so many are closed at the next sweep. */
const keptIdle = 64

export class PoolCache {
  private readonly open = new Map<string, OpenPool>()

  constructor(private readonly pools: Context.Tag.Service<Pools>) {}

  get size(): number {
    return this.open.size
  }

  /** The pool of a file name, open until the scope closes. */
  acquire(file: string): Effect.Effect<Pool, PoolError, Scope.Scope> {
    return Effect.map(
      Effect.acquireRelease(this.hold(file), (entry) => this.release(entry)),
      ({ pool }) => pool
    )
  }

  /** Runs `body` with the pool open. */
  use<A, E>(file: string, body: (pool: Pool) => Effect.Effect<A, E>): Effect.Effect<A, E | PoolError> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(this.hold(file)), (entry) =>
        Effect.ensuring(
          restore(Effect.suspend(() => body(entry.pool))),
          Effect.suspend(() => this.release(entry))
        )
      )
    )
  }

  /** Who uses the pool may go on; who comes next opens it anew. */
  drop(file: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      const entry = this.open.get(file)
      if (entry === undefined) return Effect.void
      this.open.delete(file)
      entry.dropped = true
      return this.closeUnused(entry)
    })
  }

  /** Closes idle pools now and then, until interrupted. */
  readonly sweepForever: Effect.Effect<never> = Effect.forever(
    Effect.delay(
      Effect.suspend(() => this.sweep(Date.now())),
      sweepMillis
    )
  )

  readonly closeAll: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach([...this.open.keys()], (file) => this.drop(file), { discard: true })
  )

  /**
   * The pool, if it is open and still what its name means; whoever gets it has to give it back. Not a region of an Effect
   * that cannot be interrupted: with one per append, V8 came to keep each fiber, and the requests in it, until they had been
   * copied twice (44 % of all bytes allocated outlived a scavenge, instead of 1 %).
   */
  holdOpen(file: string): OpenPool | undefined {
    const entry = this.open.get(file)
    if (entry === undefined || !this.isTrusted(entry)) return undefined
    entry.users++
    return entry
  }

  /** The pool is in use by one fewer. Returns what remains to be done, if anything does. */
  giveBack(entry: OpenPool): Effect.Effect<void> | undefined {
    entry.users--
    entry.lastUsedMillis = Date.now()
    return entry.dropped ? this.closeUnused(entry) : undefined
  }

  private hold(file: string): Effect.Effect<OpenPool, PoolError> {
    return Effect.suspend(() => {
      const held = this.holdOpen(file)
      return held === undefined ? Effect.zipRight(this.drop(file), this.openAnew(file)) : Effect.succeed(held)
    })
  }

  private isTrusted(entry: OpenPool): boolean {
    const now = Date.now()
    if (now - entry.checkedMillis < trustMillis && now >= entry.checkedMillis) return true
    entry.checkedMillis = now
    return isCurrent(entry.pool)
  }

  private openAnew(file: string): Effect.Effect<OpenPool, PoolError> {
    return Effect.uninterruptible(
      Effect.flatMap(Scope.make(), (scope) =>
        Effect.matchEffect(Scope.extend(this.pools.open(referenceOf(file)), scope), {
          onFailure: (error) => Effect.zipRight(Scope.close(scope, Exit.void), Effect.fail(error)),
          onSuccess: (pool) => {
            const now = Date.now()
            const entry: OpenPool = { pool, scope, users: 1, dropped: false, lastUsedMillis: now, checkedMillis: now }
            // Two may open the same pool at once; the later one stays, the other is closed by its user.
            const earlier = this.open.get(file)
            this.open.set(file, entry)
            if (earlier === undefined) return Effect.succeed(entry)
            earlier.dropped = true
            return Effect.as(this.closeUnused(earlier), entry)
          }
        })
      )
    )
  }

  private release(entry: OpenPool): Effect.Effect<void> {
    return this.giveBack(entry) ?? Effect.void
  }

  private closeUnused(entry: OpenPool): Effect.Effect<void> {
    return entry.users === 0 ? Scope.close(entry.scope, Exit.void) : Effect.void
  }

  private sweep(nowMillis: number): Effect.Effect<void> {
    const idle = [...this.open].filter(([, { users }]) => users === 0)
    idle.sort(([, left], [, right]) => right.lastUsedMillis - left.lastUsedMillis)
    const gone = idle.filter(
      ([, entry], index) => index >= keptIdle || nowMillis - entry.lastUsedMillis > idleMillis || !isCurrent(entry.pool)
    )
    return Effect.forEach(gone, ([file]) => this.drop(file), { discard: true })
  }
}

const isCurrent = (pool: Pool): boolean => pool.encoded.isCurrent?.() ?? true

/** How `Pools` is asked for a file: by its name without the ending, so that messages call it what people call it. */
export const referenceOf = (file: string): string => {
  const name = file.slice(0, -extension.length)
  return name.endsWith(extension) ? file : name
}
