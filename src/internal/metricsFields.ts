/**
 * What the messages of a pool tell about it, in the words that the command line prints and the wire carries.
 */
import type { PoolBounds, PoolMetrics } from "../PoolInfo.js"

/** How many sequence numbers lie between the bounds, both included. */
export const seqSpan = ({ newest, oldest }: PoolBounds): number =>
  oldest === undefined || newest === undefined ? 0 : newest - oldest + 1

export const metricsFields = (metrics: PoolMetrics, bounds: PoolBounds) => ({
  message_count: metrics.messageCount,
  seq_span: seqSpan(bounds),
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
})
