/**
 * One reader of the file for many subscribers within a process: each message is read, proved and decoded once. A slow
 * subscriber holds nobody up and loses nothing that the file still has: what its queue had no room for it reads from the
 * file itself. Nothing is read while nobody listens.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Gap, TailFrom } from "./EncodedPool.js"
import { Subscription } from "./internal/Subscription.js"
import type { Share } from "./internal/Subscription.js"
import { startAfterNewest } from "./internal/startAfterNewest.js"
import { checkPolicies } from "./internal/policyProblem.js"
import type { Message } from "./Message.js"
import type { Pool, TailOptions } from "./Pool.js"
import type { PoolError } from "./PoolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface FanoutOptions {
  /** Messages that a subscriber may be behind before it goes on from the file. Default: 4096. */
  readonly capacity?: number
}

/**
 * jq filters are left out on purpose: a subscriber that wants few messages by a filter is better off with a tail of its own.
 *
 * @since 0.1.0
 * @category models
 */
export type SubscribeOptions = Pick<TailOptions, "from" | "tags" | "onGap" | "onDamage">

/**
 * @since 0.1.0
 * @category models
 */
export interface Fanout {
  readonly pool: Pool
  /**
   * Messages in order, each once, until the stream's scope closes. As `Pool.tail` that follows, gaps and damage included.
   */
  readonly subscribe: (options?: SubscribeOptions) => Stream.Stream<Message, PoolError>
  /** Streams that are open now and have their place in the pool: what is appended later reaches them. */
  readonly subscribers: Effect.Effect<number>
}

const defaultCapacity = 4096

/**
 * @example
 * ```ts
 * import { Fanout, Pools } from "effect-plasmite"
 * import { Effect, Stream } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const pools = yield* Pools
 *   const events = yield* Fanout.make(yield* pools.open("events", { create: true }))
 *   yield* Effect.fork(Stream.runForEach(events.subscribe(), (message) => Effect.log(message.seq)))
 *   yield* Effect.fork(Stream.runForEach(events.subscribe({ tags: ["alert"] }), (message) => Effect.logError(message.data)))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (pool: Pool, options: FanoutOptions = {}): Effect.Effect<Fanout, never, Scope.Scope> =>
  Effect.gen(function* () {
    const hub = new Hub(pool, yield* Effect.scope, options.capacity ?? defaultCapacity)
    yield* Effect.addFinalizer(() => Effect.sync(() => hub.end(Cause.fail(Option.none()))))
    return {
      pool,
      subscribe: (selection = {}) =>
        Stream.unwrapScoped(
          Effect.map(Effect.zipRight(checkPolicies(selection), hub.join), (joined) => follow(pool, joined, selection))
        ),
      subscribers: Effect.sync(() => Array.from(hub.subscriptions).filter(({ begun }) => begun).length)
    }
  })

interface Reader {
  /** Done when the reader's place is fixed: what is appended later reaches every subscription. */
  readonly ready: Deferred.Deferred<void, PoolError>
  readonly fiber: Fiber.Fiber<void>
}

/** The one reader, running while there are subscriptions. */
class Hub {
  readonly subscriptions = new Set<Subscription>()
  private reader: Reader | undefined
  private readonly oneAtATime = Effect.unsafeMakeSemaphore(1).withPermits(1)

  constructor(
    private readonly pool: Pool,
    private readonly scope: Scope.Scope,
    private readonly capacity: number
  ) {}

  /** From here on messages wait for the subscription; those up to the newest one now do not concern it. */
  readonly join: Effect.Effect<Joined, PoolError, Scope.Scope> = Effect.gen(this, function* () {
    const subscription = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const made = new Subscription(this.capacity)
        this.subscriptions.add(made)
        return made
      }),
      (left) =>
        Effect.zipRight(
          Effect.sync(() => this.subscriptions.delete(left)),
          this.stopIfAlone
        )
    )
    yield* Deferred.await(yield* this.start)
    const { newest } = (yield* this.pool.info).bounds
    subscription.startAt(newest === undefined ? undefined : newest + 1)
    return { subscription, newest }
  })

  /** The reader that runs already, or a new one. */
  private readonly start: Effect.Effect<Reader["ready"]> = Effect.suspend(() => {
    if (this.reader !== undefined) return Effect.succeed(this.reader.ready)
    const ready = Deferred.unsafeMake<void, PoolError>(FiberId.none)
    return Effect.map(Effect.forkIn(this.read(ready), this.scope), (fiber) => {
      this.reader = { ready, fiber }
      return ready
    })
  }).pipe(this.oneAtATime)

  private readonly stopIfAlone: Effect.Effect<void> = Effect.suspend(() => {
    const { reader } = this
    if (reader === undefined || this.subscriptions.size > 0) return Effect.void
    this.reader = undefined
    return Fiber.interruptFork(reader.fiber)
  }).pipe(this.oneAtATime)

  end(cause: Cause.Cause<Option.Option<PoolError>>): void {
    for (const subscription of this.subscriptions) subscription.end(cause)
  }

  private read(ready: Deferred.Deferred<void, PoolError>): Effect.Effect<void> {
    const reading = Effect.flatMap(startAfterNewest(this.pool), (from) =>
      Effect.zipRight(
        Deferred.succeed(ready, undefined),
        // A damaged message is missing like one that was refused; who reads it from the file learns what it is.
        Stream.runForEachChunk(this.pool.tail({ from, onDamage: "skip" }), (chunk) =>
          Effect.sync(() => {
            const messages = Chunk.toReadonlyArray(chunk)
            for (const subscription of this.subscriptions) subscription.push(messages)
          })
        )
      )
    )
    return Effect.catchAllCause(reading, (cause) =>
      Effect.suspend(() => {
        if (Cause.isInterruptedOnly(cause)) return Effect.void
        this.reader = undefined
        this.end(Cause.map(cause, Option.some))
        return Effect.asVoid(Deferred.failCause(ready, cause))
      })
    )
  }
}

interface Joined {
  readonly subscription: Subscription
  /** The newest message when the subscription began. */
  readonly newest: number | undefined
}

const follow = (
  pool: Pool,
  { newest, subscription }: Joined,
  { from = "now", tags = [], ...handlers }: SubscribeOptions
): Stream.Stream<Message, PoolError> => {
  const isWanted = (message: Message): boolean => tags.every((tag) => message.tags.includes(tag))

  const fromFile = (start: TailFrom, last: number): Stream.Stream<Message, PoolError> =>
    Stream.takeWhile(
      pool.tail({ ...handlers, ...clipped(handlers.onGap, last), from: start, tags, follow: false }),
      ({ seq }) => seq <= last
    )

  const passOn = ({ messages, missing }: Share): Stream.Stream<Message, PoolError> => {
    const wanted = Stream.fromChunk(Chunk.unsafeFromArray(tags.length === 0 ? messages : messages.filter(isWanted)))
    return missing === undefined ? wanted : Stream.concat(fromFile({ seq: missing.first }, missing.last), wanted)
  }

  if (typeof from === "object" && "seq" in from && from.seq > (newest ?? 0)) subscription.startAt(from.seq)
  const live = Stream.flatMap(Stream.repeatEffectOption(subscription.take), passOn)
  return from === "now" || newest === undefined ? live : Stream.concat(fromFile(from, newest), live)
}

/** A gap that reaches into what is waiting in memory ends where that begins. */
const clipped = (onGap: TailOptions["onGap"], last: number): Pick<TailOptions, "onGap"> => {
  if (typeof onGap !== "function") return {}
  return { onGap: (gap: Gap) => onGap({ ...gap, found: Math.min(gap.found, last + 1) }) }
}
