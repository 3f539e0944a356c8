/**
 * Who may write. One exclusive holder, or many shared ones, per pool file, across every process on the machine;
 * the lock of a dead process is free. Taking it never blocks: waiting, with its deadline, is written once in
 * `internal/withLock`, so that the event loop goes on while another process appends.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PoolError } from "./PoolError.js"

/**
 * `exclusive` excludes everybody: an append in progress. `shared` excludes only the exclusive holder: it is the
 * one sure way to see a pool at rest.
 *
 * @since 0.1.0
 * @category models
 */
export type PoolLockMode = "exclusive" | "shared"

/**
 * A place in the queue for one pool. Two handles exclude each other also within one process.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolLockHandle {
  /**
   * Takes the lock if it is free, trying for some hundred microseconds at most while it keeps running, and says whether it is now held. Throws a
   * `PoolError` (`Permission`, `Io`) when the system refuses. Asking while holding is a broken invariant.
   */
  readonly tryAcquire: (mode: PoolLockMode) => boolean
  /** The lock is free. Harmless when it was not held. */
  readonly release: () => void
}

/**
 * @since 0.1.0
 * @category services
 */
export class PoolLock extends Context.Tag("effect-plasmite/PoolLock")<
  PoolLock,
  {
    /** A handle until the scope closes, which releases it. Fails with `NotFound`, `Permission`, `Io`. */
    readonly open: (path: string) => Effect.Effect<PoolLockHandle, PoolError, Scope.Scope>
  }
>() {}
