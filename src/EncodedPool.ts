/**
 * A pool of encoded messages: what an engine (a file, later a server or a stream of another system) has to offer
 * so that `Pool` can be built on it. Payloads are bytes, already encoded or not yet decoded, so that text
 * passes through exactly and a filter can look before anything is decoded.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { DurabilityMode } from "./Durability.js"
import type { StoredFrame } from "./internal/ring/cursor.js"
import type { PoolCursors } from "./PoolCursors.js"
import type { PoolError } from "./PoolError.js"
import type { PoolBounds, PoolInfo } from "./PoolInfo.js"

/**
 * One message as stored: its number, its time in nanoseconds since 1970 as two 32-bit halves, and a copy of its Lite3
 * payload.
 *
 * @since 0.1.0
 * @category models
 */
export type StoredMessage = StoredFrame

/**
 * Messages `firstSeq` to `firstSeq + count - 1` are in the pool, with this time.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendedRange {
  readonly firstSeq: number
  readonly count: number
  readonly timestampLow: number
  readonly timestampHigh: number
  /** What a dead writer, or a bad disk, had left in the pool, and what came of it, as a sentence. Absent as a rule. */
  readonly repaired?: string
}

/**
 * A message to append, unless one with its key is retained. The key is one of the payload's tags, behind `key:`.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyedPayload {
  readonly payload: Uint8Array
  /** Without one the message is appended whatever the pool holds. */
  readonly key?: string
}

/**
 * The message is in the pool. `repeated`: it was there before, with this key; all that is told here is of that first one. A
 * server that may only be written to does not give its payload away, and of its tags only the key.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendedMessage extends Omit<StoredMessage, "payload"> {
  readonly tags: ReadonlyArray<string>
  readonly payload: Uint8Array | undefined
  readonly repeated: boolean
}

/**
 * A message for each that was given, in their order.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendedMessages {
  readonly messages: ReadonlyArray<AppendedMessage>
  /** As in `AppendedRange`. */
  readonly repaired?: string
}

/**
 * Messages `expected` to `found - 1` are gone: overwritten before they were read, or lost to damage. Told to a consumer
 * that resumes, `found` may be the lower one: its cursor is ahead of the pool, which then is not the pool that it was, and
 * reading goes on with `found`, the oldest message of this one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Gap {
  readonly expected: number
  readonly found: number
  /**
   * Some of them may have been examined, and not wanted: a server filtered them, and the connection was lost before it could
   * say how far it had come. Absent where the numbers are exact.
   */
  readonly isUpperBound?: true
}

/**
 * What one look at the pool brought, in this order: a gap, then messages, then one message that is damaged.
 *
 * @since 0.1.0
 * @category models
 */
export interface TailBatch {
  readonly gap: Gap | undefined
  readonly messages: ReadonlyArray<StoredMessage>
  readonly damage: PoolError | undefined
}

/**
 * Where a tail starts.
 *
 * - `"now"`: after the newest message.
 * - `"oldest"`: with the oldest retained message.
 * - `{ seq }`: with this message; if it is gone already, that is a gap.
 * - `{ time }`: with the retained messages of that time or later, then what follows.
 * - `{ last }`: with the last so many that pass the filters, then what follows.
 *
 * @since 0.1.0
 * @category models
 */
export type TailFrom =
  "now" | "oldest" | { readonly seq: number } | { readonly time: Date | bigint } | { readonly last: number }

/**
 * @since 0.1.0
 * @category models
 */
export interface TailSelection {
  /** Default `"now"`. */
  readonly from?: TailFrom
  /** Messages that carry every one of these tags, exactly. */
  readonly tags?: ReadonlyArray<string>
  /** jq expressions over the envelope; a message passes when all yield `true`. */
  readonly where?: ReadonlyArray<string>
  /** Go on with what is appended later. Default `true`; with `false` the tail ends where the pool ended at the start. */
  readonly follow?: boolean
  /** With `follow: false`: do not read beyond this message. An engine may read on all the same. */
  readonly through?: number
}

/**
 * How long the payloads of a tail are good. `"kept"`: for as long as anybody holds them. `"lent"`: until more is pulled,
 * then their memory is used again; for consumers that are done with a batch before they ask for the next, as a decoder
 * is, and the way to read a large pool without filling the memory.
 *
 * @since 0.1.0
 * @category models
 */
export type PayloadMemory = "kept" | "lent"

/**
 * Gets a batch, perhaps within an event of the machine: it does at once what it can, and must be quick. What cannot be done at
 * once is the effect that it returns, which runs before the next batch. Payloads are lent until then. What it throws is a
 * defect.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchTaker = (batch: TailBatch) => Effect.Effect<void, PoolError> | undefined

/**
 * How full a pool is, as of one moment. Sizes are in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolFill {
  readonly bounds: PoolBounds
  /** The last number given out, also where no message is retained; 0 in a new pool. */
  readonly lastSeq: number
  readonly messageCount: number
  readonly usedBytes: number
  readonly freeBytes: number
  /** 0 to 100, rounded down to two decimals. */
  readonly usedPercent: number
}

/**
 * Gets the number of a message, its time in nanoseconds since 1970 as two 32-bit halves, and the bytes of its payload; returns
 * whether to go on.
 *
 * @since 0.1.0
 * @category models
 */
export type HeaderVisitor = (seq: number, timestampLow: number, timestampHigh: number, payloadBytes: number) => boolean

/**
 * The number to go on with, which is the one begun with while the way there is still being looked for; `end` when no
 * message is retained from there on; `damaged` when nothing leads on from there.
 *
 * @since 0.1.0
 * @category models
 */
export type HeadersVisited = number | "end" | "damaged"

/**
 * What an engine can tell at once without reading a message. Both are synchronous, and throw a `PoolError` when the pool is
 * unusable.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolHeaders {
  readonly fill: () => PoolFill
  /**
   * Visits retained messages from the number `from` on, in order, and takes no longer than `most` of them do. What is
   * visited may be overwritten a moment later.
   */
  readonly visit: (from: number, most: number, visit: HeaderVisitor) => HeadersVisited
}

/**
 * @since 0.1.0
 * @category models
 */
export interface EncodedPool {
  readonly name: string
  readonly path: string
  /**
   * The messages are in the pool, in this order and without others in between. A refusal (`Usage`, `Busy`) stores none of
   * them; when the disk fails (`Io`) some of them may be there, unacknowledged. The memory of the payloads may be used
   * again as soon as it succeeded: an engine that keeps them makes copies.
   */
  readonly append: (
    payloads: ReadonlyArray<Uint8Array>,
    durability: DurabilityMode
  ) => Effect.Effect<AppendedRange, PoolError>
  /**
   * As `append`, but a message whose key a retained message has, or one before it in `messages`, is not appended: that first
   * one stands for it, as durable as was asked for. What is appended gets consecutive numbers.
   */
  readonly appendKeyed: (
    messages: ReadonlyArray<KeyedPayload>,
    durability: DurabilityMode
  ) => Effect.Effect<AppendedMessages, PoolError>
  /** Fails with `NotFound` when it is not retained, with `Corrupt` when it is damaged. */
  readonly get: (seq: number) => Effect.Effect<StoredMessage, PoolError>
  /**
   * What `use` makes of the message, in one step. The payload is lent until `use` returns; what it throws, a `PoolError`,
   * is the failure.
   */
  readonly getWith: <A>(seq: number, use: (message: StoredMessage) => A) => Effect.Effect<A, PoolError>
  /**
   * Batches that are not empty. The start is fixed when the stream starts. Fails with `NotFound` once everything was read
   * and the pool turns out to be deleted, with `Usage` when a filter does not compile or yields no boolean. An engine may
   * give more than was asked for: `payloads` are `"kept"` by default, and may be kept though they were to be `"lent"`.
   */
  readonly tail: (selection: TailSelection, payloads?: PayloadMemory) => Stream.Stream<TailBatch, PoolError>
  /**
   * Gives the batches of such a tail to `take`, one after the other, as soon as this process knows of them, before any
   * fiber has taken its turn. Ends and fails as the tail does. Absent where a stream is as soon.
   */
  readonly forEachBatch?: (selection: TailSelection, take: BatchTaker) => Effect.Effect<void, PoolError>
  readonly info: Effect.Effect<PoolInfo, PoolError>
  /** Where consumers that resume have got to. */
  readonly cursors: PoolCursors
  /**
   * Whether the name still leads to this pool: one that was deleted or replaced can be read on, and mostly should not be.
   * Cheap enough to ask before each use; absent where asking would be a journey.
   */
  readonly isCurrent?: () => boolean
  /** Absent where asking would be a journey. */
  readonly headers?: PoolHeaders
}
