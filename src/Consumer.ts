/**
 * A consumer that resumes. Its cursor is a name, kept beside the pool: whoever runs under it next goes on where it
 * stopped, in another process and after a crash. Each message is handled at least once, in order, and none is passed
 * over; one that was handled, but not committed yet, comes again.
 *
 * @since 0.1.0
 */
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DurabilityMode } from "./Durability.js"
import type { TailFrom } from "./EncodedPool.js"
import { commitAtEnd, consumerTail, CursorConsumer, positionAt } from "./internal/consumer.js"
import { lagOf } from "./internal/lag.js"
import type { Message, Receipt } from "./Message.js"
import type { Pool, TailOptions } from "./Pool.js"
import { PoolError } from "./PoolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface ConsumerOptions {
  /** Where a new cursor starts; one that exists goes on where it stands. Default `"oldest"`. */
  readonly from?: TailFrom
  /**
   * What a commit survives. `"fast"` (default): the death of every process; after a power cut, messages come again.
   * `"flush"`: a power cut, too.
   */
  readonly durability?: DurabilityMode
}

/**
 * @since 0.1.0
 * @category models
 */
export type ConsumerTailOptions = Omit<TailOptions, "from" | "cursor">

/**
 * @since 0.1.0
 * @category models
 */
export interface ForEachOptions extends ConsumerTailOptions {
  /** Commit after so many messages at the latest, 1 or more. By default after each batch, as large as reading made it. */
  readonly commitEvery?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Consumer {
  readonly name: string
  readonly pool: Pool
  /** The number of the last message that was committed; 0 before the first. */
  readonly position: Effect.Effect<number>
  /** How many messages of the pool are still to be read, filters aside. */
  readonly lag: Effect.Effect<number, PoolError>
  /**
   * As `Pool.tail`, from the message behind the last commit on. Nothing is committed by itself. A pool that is not the one in
   * which the last message was handled (it was made anew, or a power cut took messages back) is read from its
   * oldest message on; that is logged, and told to `onGap`.
   */
  readonly tail: (options?: ConsumerTailOptions) => Stream.Stream<Message, PoolError>
  /**
   * This message and all before it are handled, and do not come again. One before the last commit changes nothing. Fails
   * with `Usage` for a number that the pool has not reached.
   */
  readonly commit: (upTo: number | Receipt) => Effect.Effect<void, PoolError>
  /**
   * Handles message after message, and commits what is handled once per batch; also when it ends by a failure of the handler
   * or an interruption, which leaves the message that was being handled uncommitted.
   */
  readonly forEach: <E, R>(
    handler: (message: Message) => Effect.Effect<unknown, E, R>,
    options?: ForEachOptions
  ) => Effect.Effect<void, PoolError | E, R>
}

/**
 * The consumer of this name, the only one until the scope closes. Fails with `Busy` while there is another, in any
 * process. On a server nobody holds a cursor: of two consumers of a name, the one whose commit comes second fails with `Busy`
 * then, and what it handled since its last commit was handled twice.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Consumer, Pools } from "effect-plasmite"
 *
 * export const billing = Effect.gen(function* () {
 *   const pools = yield* Pools
 *   const pool = yield* pools.open("orders", { create: true })
 *   const consumer = yield* Consumer.make(pool, "billing")
 *   yield* consumer.forEach((message) => Effect.log(message.data), { follow: false })
 * }).pipe(Effect.scoped)
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  pool: Pool,
  name: string,
  options: ConsumerOptions = {}
): Effect.Effect<Consumer, PoolError, Scope.Scope> =>
  Effect.map(CursorConsumer.open(pool.encoded, name, options), (cursor) => ({
    name,
    pool,
    position: Effect.sync(() => cursor.seq),
    lag: Effect.map(pool.info, ({ bounds }) => lagOf(cursor.seq, bounds)),
    tail: (tailOptions = {}) => consumerTail(pool.encoded, cursor, tailOptions, false),
    commit: (upTo) => (typeof upTo === "number" ? commitNumber(pool, cursor, upTo) : cursor.commit(upTo)),
    forEach: (handler, forEachOptions = {}) => forEach(pool, cursor, handler, forEachOptions)
  }))

/**
 * Nobody goes on under this name: its next consumer starts as a new one. Fails with `NotFound`, naming the cursors
 * there are, and with `Busy` while a consumer of this machine has it.
 *
 * @since 0.1.0
 * @category cursors
 */
export const forget = (pool: Pool, name: string): Effect.Effect<void, PoolError> => pool.encoded.cursors.remove(name)

const commitNumber = (pool: Pool, cursor: CursorConsumer, seq: number): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const { newest = 0 } = (yield* pool.info).bounds
    if (!Number.isSafeInteger(seq) || seq < 0 || seq > newest) return yield* outOfReach(pool, cursor.name, seq)
    yield* cursor.commit(yield* positionAt(pool.encoded, seq))
  })

const outOfReach = (pool: Pool, name: string, seq: number): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `cursor ${name} cannot be moved to ${seq}: pool ${pool.name} has no such message yet`,
    hint: "Commit messages that were read.",
    path: pool.path
  })

const forEach = <E, R>(
  pool: Pool,
  cursor: CursorConsumer,
  handler: (message: Message) => Effect.Effect<unknown, E, R>,
  { commitEvery = Number.POSITIVE_INFINITY, ...options }: ForEachOptions
): Effect.Effect<void, PoolError | E, R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const pull = yield* Stream.toPull(consumerTail(pool.encoded, cursor, options, true))
      let handled: Message | undefined
      let uncommitted = 0
      const commit = Effect.suspend(() => {
        const last = handled
        handled = undefined
        uncommitted = 0
        return last === undefined ? Effect.void : cursor.commit(last)
      })
      const handle = (message: Message): Effect.Effect<void, PoolError | E, R> =>
        Effect.flatMap(handler(message), () => {
          handled = message
          return ++uncommitted >= commitEvery ? commit : Effect.void
        })
      const handleNext = Effect.matchEffect(pull, {
        onFailure: Option.match({
          onNone: () => Effect.succeed(false),
          onSome: (error: PoolError) => Effect.fail(error)
        }),
        onSuccess: (messages: Chunk.Chunk<Message>) =>
          Effect.as(Effect.zipRight(Effect.forEach(messages, handle, { discard: true }), commit), true)
      })
      yield* Effect.ensuring(Effect.repeat(handleNext, { while: (more) => more }), commitAtEnd(cursor.name, commit))
    })
  )
