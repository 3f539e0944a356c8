/**
 * How many messages there are of each part of the time that a pool retains. Only headers are looked at, some of them at a
 * time; a large pool takes a while, and holds nobody up.
 */
import * as Effect from "effect/Effect"
import type { EncodedPool } from "../../src/EncodedPool.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import type { PoolError } from "../../src/PoolError.js"
import type * as Models from "../api/models.js"
import { boundsOf, firstTime, visitHeaders } from "./headerSteps.js"

export type Histogram = (typeof Models.HistogramAnswer)["Encoded"]

/**
 * The retained span in so many equal parts; in one where all messages are of one moment. A message counts where its time
 * lies, or at the end next to it when a clock was set back.
 */
export const histogram = (pool: EncodedPool, buckets: number): Effect.Effect<Histogram, PoolError> =>
  Effect.gen(function* () {
    const bounds = yield* boundsOf(pool)
    const { newest, oldest } = bounds
    if (oldest === undefined || newest === undefined) return { bounds, buckets: [] }
    const start = yield* firstTime(pool, oldest, newest)
    const end = yield* firstTime(pool, newest, newest)
    // Nothing of what was there can be read, or is there any more.
    if (start === undefined || end === undefined) return { bounds, buckets: [] }
    const span = new Span(start.nanoseconds, end.nanoseconds, buckets)
    yield* visitHeaders(pool, oldest, newest, (_, low, high, bytes) => {
      span.count(low, high, bytes)
      return true
    })
    return { bounds, buckets: span.toBuckets() }
  })

const highWord = 0x1_0000_0000

class Span {
  private readonly counts: Float64Array
  private readonly bytes: Float64Array
  private readonly start: bigint
  private readonly end: bigint
  /** As numbers: what they lose below a microsecond moves no message out of its bucket that anybody could see. */
  private readonly startNumber: number
  private readonly bucketNanoseconds: number

  constructor(one: bigint, other: bigint, buckets: number) {
    this.start = one < other ? one : other
    this.end = one < other ? other : one
    const length = this.end === this.start ? 1 : buckets
    this.counts = new Float64Array(length)
    this.bytes = new Float64Array(length)
    this.startNumber = Number(this.start)
    this.bucketNanoseconds = Number(this.end - this.start) / length || 1
  }

  /** On the path of every message of the pool: numbers only. */
  count(low: number, high: number, bytes: number): void {
    const { bucketNanoseconds, bytes: sums, counts, startNumber } = this
    const at = Math.floor((high * highWord + low - startNumber) / bucketNanoseconds)
    const bucket = Math.min(Math.max(at, 0), counts.length - 1)
    counts[bucket]!++
    sums[bucket]! += bytes
  }

  toBuckets(): Histogram["buckets"] {
    const total = this.end - this.start
    const length = BigInt(this.counts.length)
    const edge = (index: number): string => {
      const { high, low } = fromNanoseconds(this.start + (total * BigInt(index)) / length)
      return formatTimestamp(low, high)
    }
    return Array.from(this.counts, (count, index) => ({
      start: edge(index),
      end: edge(index + 1),
      count,
      bytes: this.bytes[index]!
    }))
  }
}
