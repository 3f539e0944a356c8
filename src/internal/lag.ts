/** How far behind a consumer is. */
import type { PoolBounds } from "../PoolInfo.js"

/** How many retained messages a consumer at `seq` has still to read. In a pool that it is ahead of, all of them. */
export const lagOf = (seq: number, { newest = 0, oldest = 1 }: PoolBounds): number =>
  newest - (seq > newest ? oldest - 1 : Math.max(seq, oldest - 1))
