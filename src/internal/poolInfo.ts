/**
 * Bounds and metrics of an open pool. The two ages cost two message lookups; a message that cannot be read has no
 * age, and is no reason to fail.
 */
import type * as Effect from "effect/Effect"
import type { PoolFill } from "../EncodedPool.js"
import type { PoolError } from "../PoolError.js"
import { isPoolError } from "../PoolError.js"
import type { PoolBounds, PoolInfo } from "../PoolInfo.js"
import type { LocalHandle } from "./localHandle.js"
import { indexOffset } from "./ring/layout.js"
import { measure } from "./ring/measure.js"
import type { Ring } from "./ring/Ring.js"
import { readFrame } from "./ring/readFrame.js"
import { formatTimestamp } from "./timestamp.js"
import { toNanoseconds } from "./wallClock.js"
import { attempt } from "./withLock.js"

export const poolInfo = (handle: LocalHandle, nowMillis: number): Effect.Effect<PoolInfo, PoolError> =>
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
  })

/** Throws `Corrupt` when the pool is unusable. */
export const poolFill = (ring: Ring): PoolFill => {
  const { group, ...fill } = measure(ring)
  const bounds: PoolBounds = group.oldest === 0 ? {} : { oldest: group.oldest, newest: group.newest }
  return { bounds, lastSeq: group.newest, ...fill }
}

const timeOf = (
  handle: LocalHandle,
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
