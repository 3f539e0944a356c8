/**
 * What can be said of a pool without reading its messages: geometry, bounds, fill and ages; and what a full check
 * of it found.
 *
 * @since 0.1.0
 */
import type { PoolError } from "./PoolError.js"

/**
 * The numbers of the oldest and newest retained message. Absent when the pool is empty.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolBounds {
  readonly oldest?: number
  readonly newest?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface PoolMetrics {
  readonly messageCount: number
  /** Bytes of the ring that hold messages or dead space between them. */
  readonly usedBytes: number
  readonly freeBytes: number
  /** 0 to 100, rounded down to two decimals. */
  readonly usedPercent: number
  /** RFC 3339; `null` when the pool is empty or the message cannot be read. */
  readonly oldestTime: string | null
  readonly newestTime: string | null
  /** Milliseconds before now, never negative. */
  readonly oldestAgeMillis: number | null
  readonly newestAgeMillis: number | null
}

/**
 * Sizes and offsets are in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolInfo {
  readonly name: string
  readonly path: string
  readonly fileSize: number
  readonly indexOffset: number
  /** Slots of 16 bytes. */
  readonly indexCapacity: number
  readonly ringOffset: number
  readonly ringSize: number
  readonly bounds: PoolBounds
  readonly metrics: PoolMetrics
  /** The consumers that resume, by name. Absent when there are none. */
  readonly cursors?: ReadonlyArray<PoolCursor>
}

/**
 * How far a consumer has got.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolCursor {
  readonly name: string
  /** The last message that was handled; 0 before the first, `null` when the cursor is damaged. */
  readonly seq: number | null
  /** So many retained messages are still to be read. */
  readonly lag: number
  /** RFC 3339; `null` when the cursor is damaged. */
  readonly committedAt: string | null
}

/**
 * A pool file of the directory: readable, or with the reason why not.
 *
 * @since 0.1.0
 * @category models
 */
export type PoolListing = ReadablePoolListing | UnreadablePoolListing

/**
 * @since 0.1.0
 * @category models
 */
export interface ReadablePoolListing {
  readonly _tag: "Readable"
  readonly name: string
  readonly path: string
  readonly fileSize: number
  readonly bounds: PoolBounds
  /** Milliseconds since 1970. */
  readonly modifiedMillis: number
  /** All that is known of it, under the name that the directory gives it. */
  readonly info: PoolInfo
}

/**
 * @since 0.1.0
 * @category models
 */
export interface UnreadablePoolListing {
  readonly _tag: "Unreadable"
  readonly name: string
  readonly path: string
  readonly error: PoolError
}

/**
 * Damage found by a check. `corrupt`: the structure or a message is damaged; `format`: a version of the format that
 * this build does not know.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolIssue {
  readonly code: "corrupt" | "format"
  readonly message: string
  /** The last message before the damage that is known to be good. */
  readonly seq: number | null
  /** Bytes from the start of the ring. */
  readonly offset: number | null
}

/**
 * What a full check of one pool found.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolVerification {
  readonly path: string
  readonly status: "ok" | "corrupt"
  /** The newest message that passed; `null` in an empty pool. */
  readonly lastGoodSeq: number | null
  readonly messageCount: number
  readonly issues: ReadonlyArray<PoolIssue>
  /** What to do, and remarks about harmless oddities, which begin with `warning: `. */
  readonly hints: ReadonlyArray<string>
}

/**
 * Numbers of messages that follow each other, both included.
 *
 * @since 0.1.0
 * @category models
 */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

/**
 * What a repair found, did, and left. A pool in which nothing could be or had to be changed has no `changes`.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolRepair {
  /** The check before. */
  readonly before: PoolVerification
  /** The check after; still `corrupt` where only giving up readable messages would help. */
  readonly after: PoolVerification
  /** What was done, a sentence each. */
  readonly changes: ReadonlyArray<string>
  /** The bounds after the repair, `null` in an empty pool, and how many messages within them can be read. */
  readonly kept: { readonly oldest: number | null; readonly newest: number | null; readonly count: number }
  /** What the header announced before and cannot be read now. */
  readonly lost: ReadonlyArray<SeqRange>
  /** The file as it was; `null` when nothing was changed, or no copy was wanted. */
  readonly backupPath: string | null
}
