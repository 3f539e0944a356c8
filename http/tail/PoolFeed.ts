/**
 * One reader of a pool for all tails that have come to its end and want everything: a message is read and put into words
 * once, however many follow. Nobody is waited for: a tail whose client is slow leaves the feed, reads for itself from where
 * it stopped, and comes back when it has caught up.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { forEachPulled } from "../../src/internal/directPull.js"
import type { EncodedPool } from "../../src/EncodedPool.js"
import { PoolError } from "../../src/PoolError.js"
import { SharedBatch } from "./SharedBatch.js"

/** What a feed gives its batches to. Synchronous: it is done with, or refused, when the call returns. */
export interface Follower {
  /** Messages from this number on are wanted. */
  readonly nextSeq: number
  /** `false` when it cannot take more: then it is no follower any more. */
  readonly offer: (batch: SharedBatch) => boolean
  readonly fail: (error: PoolError) => void
  /** It follows no longer, and may go on by itself. */
  readonly leftBehind: () => void
}

class PoolFeed {
  readonly followers = new Set<Follower>()
  fiber: Fiber.RuntimeFiber<void> | undefined

  constructor(
    private readonly pool: EncodedPool,
    /** The number of the next message that will be given to the followers. */
    public nextSeq: number,
    private readonly onEnd: (feed: PoolFeed) => void
  ) {}

  /** Until its last follower has left, or the pool cannot be read on. */
  readonly run: Effect.Effect<void> = Effect.suspend(() =>
    forEachPulled(this.pool.tail({ from: { seq: this.nextSeq } }), (batch) =>
      Effect.sync(() => this.publish(new SharedBatch(batch)))
    )
  ).pipe(
    Effect.matchCause({
      onSuccess: () => this.end(undefined),
      onFailure: (cause) => {
        const failure = Cause.failureOption(cause)
        if (failure._tag === "Some") return this.end(failure.value)
        this.end(Cause.isInterruptedOnly(cause) ? undefined : unexpected(cause))
      }
    })
  )

  /** Whether to go on. What comes behind damage depends on how it is repaired, so a new feed will see to that. */
  private publish(shared: SharedBatch): boolean {
    this.nextSeq = shared.nextSeq(this.nextSeq)
    for (const follower of this.followers) {
      if (follower.offer(shared)) continue
      this.followers.delete(follower)
      follower.leftBehind()
    }
    return shared.batch.damage === undefined
  }

  private end(error: PoolError | undefined): void {
    this.onEnd(this)
    for (const follower of this.followers) {
      if (error === undefined) follower.leftBehind()
      else follower.fail(error)
    }
    this.followers.clear()
  }
}

/** The feeds of a server, one for each open pool that is followed. */
export class PoolFeeds {
  private readonly feeds = new Map<EncodedPool, PoolFeed>()

  /**
   * Gives the follower what is new from its next number on, until `isLeft` ends. When the feed has gone further already,
   * this ends at once, with the number up to which the follower has to read by itself.
   */
  follow(
    pool: EncodedPool,
    follower: Follower,
    newestSeq: number,
    isLeft: Effect.Effect<void>
  ): Effect.Effect<number | undefined> {
    return Effect.acquireUseRelease(
      Effect.suspend(() => {
        const known = this.feeds.get(pool)
        const feed = known ?? this.make(pool, Math.min(follower.nextSeq, newestSeq + 1))
        const joins = follower.nextSeq >= feed.nextSeq
        if (joins) feed.followers.add(follower)
        // It runs from the next step of its fiber on: nothing that it gives is missed.
        const isRunning = known === undefined ? start(feed) : Effect.void
        return Effect.as(isRunning, { feed, joins })
      }),
      ({ feed, joins }) => (joins ? Effect.as(isLeft, undefined) : Effect.succeed(feed.nextSeq - 1)),
      ({ feed }) =>
        Effect.suspend(() => {
          feed.followers.delete(follower)
          if (feed.followers.size > 0 || feed.fiber === undefined) return Effect.void
          this.forget(pool, feed)
          // The pool may be closed when its last user is gone: nobody may be reading it then.
          return Effect.asVoid(Fiber.interrupt(feed.fiber))
        })
    )
  }

  private make(pool: EncodedPool, nextSeq: number): PoolFeed {
    const feed = new PoolFeed(pool, nextSeq, (ended) => this.forget(pool, ended))
    this.feeds.set(pool, feed)
    return feed
  }

  private forget(pool: EncodedPool, feed: PoolFeed): void {
    if (this.feeds.get(pool) === feed) this.feeds.delete(pool)
  }
}

const start = (feed: PoolFeed): Effect.Effect<void> =>
  Effect.map(Effect.forkDaemon(Effect.interruptible(feed.run)), (fiber) => {
    feed.fiber = fiber
  })

const unexpected = (cause: Cause.Cause<PoolError>): PoolError =>
  new PoolError({
    reason: "Internal",
    message: "reading the pool met something unexpected",
    causes: [Cause.pretty(cause)]
  })
