/**
 * Named places in a pool, kept beside it: how far a consumer has got, so that the next one of that name goes on there.
 * `Consumer` is built on these; a store of cursors knows numbers and locks, and nothing of messages.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { DurabilityMode } from "./Durability.js"
import type { PoolError } from "./PoolError.js"

/**
 * Where a cursor stands: the last message that was handled, and its time as two 32-bit halves (both 0: not known), by
 * which a message of the same number in another pool of that name is told apart.
 *
 * @since 0.1.0
 * @category models
 */
export interface CursorPosition {
  /** 0: none was handled yet. */
  readonly seq: number
  readonly timestampLow: number
  readonly timestampHigh: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CursorState extends CursorPosition {
  /** Counts the commits; 0 for a cursor that never had one. */
  readonly generation: number
  /**
   * Who made the last commit: 32 hexadecimal digits that a client of a server chose for itself. Empty for a consumer of this
   * machine, which holds the cursor and needs no name.
   */
  readonly holder: string
  /** Milliseconds since 1970. */
  readonly committedMillis: number
}

/**
 * How far commits may stay behind what was handled, at most: so many messages, and so long since the first of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface CommitLag {
  readonly messages: number
  readonly millis: number
}

/**
 * A cursor in the hands of one consumer. Where it is a file of this machine it is held: nobody else has it. On a server
 * nobody holds it, and a commit fails with `Busy` when another consumer's came before it.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenCursor {
  readonly name: string
  /**
   * What `tail({ cursor })` may leave uncommitted while there are more messages at hand. Absent where a commit costs no more
   * than a message does: then each is committed by itself.
   */
  readonly lag?: CommitLag
  /** As of the last commit of this holder, or of the opening. */
  readonly state: () => CursorState
  /**
   * The cursor stands there, whole or not at all, whatever dies on the way. `"fast"` survives the death of every process;
   * after a power cut the cursor may stand where it stood before. `"flush"` survives that, too.
   */
  readonly commit: (
    position: CursorPosition,
    durability: DurabilityMode,
    holder?: string
  ) => Effect.Effect<void, PoolError>
}

/**
 * A cursor as it is listed.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListedCursor extends CursorState {
  readonly name: string
  /** Why its place cannot be read; the numbers are 0 then. Absent as a rule. */
  readonly problem?: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface PoolCursors {
  /**
   * The cursor, made if there is none, until the scope closes. Fails with `Busy` while somebody else holds it,
   * with `Usage` for a name that is none, with `Corrupt` when neither of its two records can be read.
   */
  readonly open: (name: string) => Effect.Effect<OpenCursor, PoolError, Scope.Scope>
  /**
   * Where the cursor stands, whoever holds it. Fails with `NotFound` for one that was never committed, with `Usage` for a name
   * that is none, with `Corrupt` when neither of its two records can be read.
   */
  readonly get: (name: string) => Effect.Effect<CursorState, PoolError>
  /** Those that were committed at least once, by name. */
  readonly list: Effect.Effect<ReadonlyArray<ListedCursor>, PoolError>
  /** The cursor no longer exists. Fails with `NotFound`, naming those there are, and with `Busy` while somebody holds it. */
  readonly remove: (name: string) => Effect.Effect<void, PoolError>
}
