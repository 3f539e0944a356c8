/**
 * How a tail gets its messages. One that wants all of them reads by itself only until it has come to the end of the pool,
 * and then shares a feed; any other has a reader of its own.
 */
import * as Effect from "effect/Effect"
import type { EncodedPool, PoolHeaders, TailSelection } from "../../src/EncodedPool.js"
import type { PoolError } from "../../src/PoolError.js"
import { forEachPulled } from "../../src/internal/directPull.js"
import { throwing } from "../history/headerSteps.js"
import type { PoolFeeds } from "./PoolFeed.js"
import type { Tail } from "./Tail.js"

/** With so many messages before it a tail is not at the end of the pool yet. */
const mostBehind = 100

/** Ends when there is nothing more to come, fails when the pool cannot be read on. */
export const followPool = (
  feeds: PoolFeeds,
  pool: EncodedPool,
  selection: TailSelection,
  tail: Tail
): Effect.Effect<void, PoolError> => {
  const { follow = true, tags = [], where = [] } = selection
  return pool.headers === undefined || !follow || tags.length + where.length > 0
    ? readAlone(pool, selection, tail)
    : shareFeed(feeds, pool, pool.headers, selection, tail)
}

const readAlone = (pool: EncodedPool, selection: TailSelection, tail: Tail): Effect.Effect<void, PoolError> =>
  forEachPulled(pool.tail(selection), (batch) => Effect.as(tail.deliver(batch), true))

const shareFeed = (
  feeds: PoolFeeds,
  pool: EncodedPool,
  headers: PoolHeaders,
  { from = "now" }: TailSelection,
  tail: Tail
): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const { lastSeq } = yield* throwing(() => headers.fill())
    if (from === "now") tail.nextSeq = lastSeq + 1
    else if (typeof from === "object" && "seq" in from && from.seq > lastSeq) tail.nextSeq = from.seq
    else {
      yield* readAlone(pool, { from, through: lastSeq, follow: false }, tail)
      tail.nextSeq = Math.max(tail.nextSeq, lastSeq + 1)
    }
    for (;;) {
      const { lastSeq } = yield* throwing(() => headers.fill())
      // Far from the end it would have a feed read what it cannot take, throw that away, and begin again.
      if (lastSeq - tail.nextSeq >= mostBehind) {
        yield* readAlone(pool, { from: { seq: tail.nextSeq }, through: lastSeq, follow: false }, tail)
        tail.nextSeq = Math.max(tail.nextSeq, lastSeq + 1)
        continue
      }
      const through = yield* feeds.follow(pool, tail, lastSeq, tail.awaitLeft)
      if (through === undefined) continue
      yield* readAlone(pool, { from: { seq: tail.nextSeq }, through, follow: false }, tail)
      tail.nextSeq = Math.max(tail.nextSeq, through + 1)
    }
  })
