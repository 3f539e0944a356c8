/**
 * A hint that something came. Every hint may be late, doubled or lost: correctness never depends on one, because
 * a waiter looks at the pool itself, again and again, until it sees a change.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * @since 0.1.0
 * @category models
 */
export interface PoolNotifyHandle {
  /** Tells waiters, of every process, to look. Called after an append, not holding the lock. Never fails. */
  readonly announce: () => void
  /**
   * Ends once `changed` has returned true. It is asked at once, at every hint within the event that gave it, and now and then
   * without one; it must be quick and must not throw. Asked in the right moment, it may already take what came.
   */
  readonly waitUntil: (changed: () => boolean) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category services
 */
export class PoolNotify extends Context.Tag("effect-plasmite/PoolNotify")<
  PoolNotify,
  {
    /** A handle until the scope closes. Never fails: without any hint it polls. */
    readonly open: (path: string) => Effect.Effect<PoolNotifyHandle, never, Scope.Scope>
  }
>() {}
