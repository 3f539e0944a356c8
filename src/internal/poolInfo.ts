/**
 * Bounds and metrics of an open pool. The two ages cost two message lookups; a message that cannot be read has no
 * age, and is no reason to fail.
 */
import type * as Effect from "effect/Effect"
import type { PoolFill } from "../EncodedPool.js"
import type { PoolError } from "../PoolError.js"
import { isPoolError } from "../PoolError.js"
import type { ListedCursor } from "../PoolCursors.js"
import type { PoolBounds, PoolCursor, PoolInfo } from "../PoolInfo.js"
import { lagOf } from "./lag.js"
import type { LookedAt } from "./localHandle.js"
import { indexOffset } from "./ring/layout.js"
import { measure } from "./ring/measure.js"
import type { Ring } from "./ring/Ring.js"
import { readFrame } from "./ring/readFrame.js"
import { formatTimestamp } from "./timestamp.js"
import { fromNanoseconds, toNanoseconds } from "./wallClock.js"
import { attempt } from "./withLock.js"

export const poolInfo = (handle: LookedAt, nowMillis: number): Effect.Effect<PoolInfo, PoolError> =>
  attempt(() => {
    const { geometry } = handle.ring
    const { bounds, lastSeq: _, ...fill } = poolFill(handle.ring)
    const oldest = timeOf(handle, bounds.oldest, nowMillis)
    const newest = timeOf(handle, bounds.newest, nowMillis)
    return {
      name: handle.name,
      path: handle.path,
      fileSize: geometry.fileSize,
      indexOffset,
      indexCapacity: geometry.indexCapacity,
      ringOffset: geometry.ringOffset,
      ringSize: geometry.ringSize,
      bounds,
      metrics: {
        ...fill,
        oldestTime: oldest?.time ?? null,
        newestTime: newest?.time ?? null,
        oldestAgeMillis: oldest?.ageMillis ?? null,
        newestAgeMillis: newest?.ageMillis ?? null
      }
    }
  }, handle)

/** Throws `Corrupt` when the pool is unusable. */
export const poolFill = (ring: Ring): PoolFill => {
  const { group, ...fill } = measure(ring)
  const bounds: PoolBounds = group.oldest === 0 ? {} : { oldest: group.oldest, newest: group.newest }
  return { bounds, lastSeq: group.newest, ...fill }
}

/** The same with what is known of its consumers, if there are any. */
export const withCursors = (info: PoolInfo, listed: ReadonlyArray<ListedCursor>): PoolInfo =>
  listed.length === 0 ? info : { ...info, cursors: listed.map((cursor) => described(cursor, info.bounds)) }

const described = (cursor: ListedCursor, bounds: PoolBounds): PoolCursor => {
  const damaged = cursor.problem !== undefined
  const { high, low } = fromNanoseconds(BigInt(cursor.committedMillis) * 1_000_000n)
  return {
    name: cursor.name,
    seq: damaged ? null : cursor.seq,
    lag: lagOf(cursor.seq, bounds),
    committedAt: damaged ? null : formatTimestamp(low, high)
  }
}

const timeOf = (
  handle: LookedAt,
  seq: number | undefined,
  nowMillis: number
): { readonly time: string; readonly ageMillis: number } | undefined => {
  if (seq === undefined) return undefined
  try {
    const frame = readFrame(handle.ring, handle.lock, seq)
    if (frame === "missing" || frame === "contended") return undefined
    const writtenMillis = Number(toNanoseconds(frame.timestampLow, frame.timestampHigh) / 1_000_000n)
    return {
      time: formatTimestamp(frame.timestampLow, frame.timestampHigh),
      ageMillis: Math.max(0, nowMillis - writtenMillis)
    }
  } catch (error) {
    if (!isPoolError(error)) throw error
    return undefined
  }
}
