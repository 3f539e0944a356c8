/**
 * One pool of which counters are taken again and again: its sizes are asked once, its fill each time, and the times of its
 * oldest and newest message only when those are others than before.
 */
import * as Effect from "effect/Effect"
import type { EncodedPool, PoolFill, PoolHeaders } from "../../src/EncodedPool.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import type { PoolError } from "../../src/PoolError.js"
import type { PoolBounds, PoolInfo } from "../../src/PoolInfo.js"
import type * as Models from "../api/models.js"
import { throwing } from "../history/headerSteps.js"

type Counters = (typeof Models.PoolStats)["Encoded"]["pools"][number]

/** Headers that may be passed on the way to the newest message, where the index does not lead there at once. */
const headersPerLook = 256

export class SampledPool {
  private readonly oldest = new TimeOfMessage()
  private readonly newest = new TimeOfMessage()

  private constructor(
    readonly name: string,
    private readonly pool: EncodedPool,
    private readonly info: PoolInfo
  ) {}

  static make(name: string, pool: EncodedPool): Effect.Effect<SampledPool, PoolError> {
    return Effect.map(pool.info, (info) => new SampledPool(name, pool, info))
  }

  /** The counters as they are now; `undefined` when the name no longer leads to this pool. */
  readonly look: Effect.Effect<Counters | undefined, PoolError> = Effect.suspend(() => {
    const { headers } = this.pool
    if (this.pool.isCurrent?.() === false) return Effect.succeed(undefined)
    if (headers !== undefined) return throwing(() => this.lookAt(headers))
    return Effect.map(this.pool.info, ({ bounds, metrics }) =>
      this.counters(bounds, metrics, metrics.oldestTime, metrics.newestTime)
    )
  })

  private lookAt(headers: PoolHeaders): Counters {
    const fill = headers.fill()
    const { newest, oldest } = fill.bounds
    return this.counters(fill.bounds, fill, this.oldest.of(headers, oldest), this.newest.of(headers, newest))
  }

  private counters(
    bounds: PoolBounds,
    fill: Pick<PoolFill, "messageCount" | "usedBytes" | "usedPercent">,
    oldestTime: string | null,
    newestTime: string | null
  ): Counters {
    return {
      name: this.name,
      file_size: this.info.fileSize,
      ring_size: this.info.ringSize,
      bounds,
      message_count: fill.messageCount,
      used_bytes: fill.usedBytes,
      used_percent: fill.usedPercent,
      oldest_time: oldestTime,
      newest_time: newestTime
    }
  }
}

class TimeOfMessage {
  private seq: number | undefined
  private time: string | null = null

  /** `null` where there is no such message, or it is not found yet. */
  of(headers: PoolHeaders, seq: number | undefined): string | null {
    if (seq === this.seq) return this.time
    this.seq = undefined
    this.time = null
    if (seq === undefined) return null
    headers.visit(seq, headersPerLook, (found, low, high) => {
      this.seq = found
      this.time = formatTimestamp(low, high)
      return false
    })
    return this.time
  }
}
