/**
 * Every way in which working with a pool can fail, as one error class with a closed list of reasons.
 * The reasons are those of upstream plasmite and never change meaning; exit codes belong to `cli`, status
 * codes to `http`. A caller branches on `reason`; a person reads `message` and `hint`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * - `Internal`: something that should not happen, happened.
 * - `Usage`: the request makes no sense: bad argument, bad payload, a pool format this version cannot read.
 * - `NotFound`: no such pool, directory or message.
 * - `AlreadyExists`: the pool is there already.
 * - `Busy`: the lock could not be had in time.
 * - `Permission`: the operating system refuses.
 * - `Corrupt`: the bytes of a pool or of one message are damaged.
 * - `Io`: the file system failed, or the disk is full.
 * - `RetentionGap`: messages were overwritten before they were read.
 *
 * @since 0.1.0
 * @category models
 */
export type PoolErrorReason =
  "Internal" | "Usage" | "NotFound" | "AlreadyExists" | "Busy" | "Permission" | "Corrupt" | "Io" | "RetentionGap"

/**
 * The facts of a failure. Absent means unknown.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolErrorFacts {
  readonly reason: PoolErrorReason
  /** One line that names the thing that failed. */
  readonly message: string
  /** What to do next. */
  readonly hint?: string
  /** The file or directory concerned. */
  readonly path?: string
  /** The message concerned. */
  readonly seq?: number
  /** Where in the ring, in bytes from its start. */
  readonly offset?: number
  /** What the layer below said, outermost first. */
  readonly causes?: ReadonlyArray<string>
}

/**
 * @since 0.1.0
 * @category errors
 */
export class PoolError extends Data.TaggedError("PoolError")<PoolErrorFacts> {}

/**
 * True for a `PoolError`, also one from another copy of this package.
 *
 * @since 0.1.0
 * @category guards
 */
export const isPoolError = (error: unknown): error is PoolError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "PoolError"

/**
 * A guard for `Effect.catchIf` and its like: true for a `PoolError` with one of these reasons, among whatever other errors.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { hasReason, Pools } from "effect-plasmite"
 *
 * export const newest = Effect.gen(function* () {
 *   const pool = yield* (yield* Pools).open("readings")
 *   return (yield* pool.info).bounds.newest ?? 0
 * }).pipe(Effect.scoped, Effect.catchIf(hasReason("NotFound"), () => Effect.succeed(0)))
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const hasReason =
  <Reason extends PoolErrorReason>(...reasons: ReadonlyArray<Reason>) =>
  (error: unknown): error is PoolError & { readonly reason: Reason } =>
    isPoolError(error) && reasons.some((reason) => reason === error.reason)
