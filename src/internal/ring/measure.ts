/**
 * How full a pool is, from one look at its group.
 */
import type { Group } from "./group.js"
import { messageCount, usedBytes } from "./group.js"
import type { Ring } from "./Ring.js"

export interface RingMeasure {
  readonly group: Group
  readonly messageCount: number
  /** Bytes of the ring between tail and head, padding and dead space included. */
  readonly usedBytes: number
  readonly freeBytes: number
  /** Rounded down to hundredths. */
  readonly usedPercent: number
}

export const measure = (ring: Ring): RingMeasure => {
  const group = ring.readGroup()
  const { ringSize } = ring.geometry
  const used = usedBytes(group, ringSize)
  return {
    group,
    messageCount: messageCount(group),
    usedBytes: used,
    freeBytes: ringSize - used,
    usedPercent: Math.floor((used * 10000) / ringSize) / 100
  }
}
