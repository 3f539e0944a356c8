/**
 * What is known of a pool, in the words of the protocol.
 */
import type { PoolInfo } from "../../src/PoolInfo.js"
import type * as Models from "../api/models.js"

export type WirePool = (typeof Models.PoolInfo)["Encoded"]

const indexSlotBytes = 16

export const wirePool = (name: string, file: string, info: PoolInfo): WirePool => {
  const { bounds, metrics } = info
  const span = bounds.oldest === undefined || bounds.newest === undefined ? 0 : bounds.newest - bounds.oldest + 1
  return {
    ...wireSizes(name, file, info),
    bounds,
    metrics: {
      message_count: metrics.messageCount,
      seq_span: span,
      utilization: {
        used_bytes: metrics.usedBytes,
        free_bytes: metrics.freeBytes,
        used_percent: metrics.usedPercent
      },
      age: {
        oldest_time: metrics.oldestTime,
        newest_time: metrics.newestTime,
        oldest_age_ms: metrics.oldestAgeMillis,
        newest_age_ms: metrics.newestAgeMillis
      }
    }
  }
}

/** The pool without anything that its messages would tell. */
export const wireSizes = (name: string, file: string, info: PoolInfo): WirePool => ({
  name,
  path: file,
  file_size: info.fileSize,
  index_offset: info.indexOffset,
  index_capacity: info.indexCapacity,
  index_size_bytes: info.indexCapacity * indexSlotBytes,
  ring_offset: info.ringOffset,
  ring_size: info.ringSize,
  bounds: {}
})
