/**
 * What is known of a pool, in the words of the protocol.
 */
import { metricsFields } from "../../src/internal/metricsFields.js"
import type { PoolInfo } from "../../src/PoolInfo.js"
import type * as Models from "../api/models.js"

export type WirePool = (typeof Models.PoolInfo)["Encoded"]

const indexSlotBytes = 16

export const wirePool = (name: string, file: string, info: PoolInfo): WirePool => ({
  ...wireSizes(name, file, info),
  bounds: info.bounds,
  metrics: metricsFields(info.metrics, info.bounds),
  ...(info.cursors === undefined
    ? {}
    : {
        cursors: info.cursors.map(({ committedAt, lag, name, seq }) => ({ name, seq, lag, committed_at: committedAt }))
      })
})

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
