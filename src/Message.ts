/**
 * What goes into a pool and what comes out: a JSON object with tags, and the number and time it was given.
 *
 * @since 0.1.0
 */
import { formatTimestamp } from "./internal/timestamp.js"
import { toNanoseconds } from "./internal/wallClock.js"
import type { JsonObject, JsonValue } from "./internal/json/JsonValue.js"

export type {
  /**
   * Any JSON value. A `bigint` stands for an integer that a `number` cannot hold exactly.
   *
   * @since 0.1.0
   * @category models
   */
  JsonValue,
  /**
   * The payload of a message: always an object.
   *
   * @since 0.1.0
   * @category models
   */
  JsonObject
}

/**
 * Proof that a message is in the pool: other processes can read it under this number.
 *
 * @since 0.1.0
 * @category models
 */
export class Receipt {
  constructor(
    /** Counts from 1 and rises by 1 with each message of the pool. */
    readonly seq: number,
    /** Low half of the nanoseconds since 1970. */
    readonly timestampLow: number,
    /** High half of the nanoseconds since 1970. */
    readonly timestampHigh: number,
    /** In the order given; duplicates are kept. */
    readonly tags: ReadonlyArray<string>
  ) {}

  /** RFC 3339, UTC, up to nine fractional digits: `2026-03-04T09:15:30.5Z`. */
  get time(): string {
    return formatTimestamp(this.timestampLow, this.timestampHigh)
  }

  /**
   * A message with the same key was in the pool already: this is its receipt, and what was to be appended is not there. Never
   * true without a key.
   */
  get repeated(): boolean {
    return false
  }

  get timestampNanoseconds(): bigint {
    return toNanoseconds(this.timestampLow, this.timestampHigh)
  }

  /** The receipt as upstream prints it; one that was repeated says so. */
  toJSON(): { seq: number; time: string; meta: { tags: ReadonlyArray<string> }; repeated?: true } {
    return { seq: this.seq, time: this.time, meta: { tags: this.tags } }
  }
}

/**
 * A message as it was read, whole.
 *
 * @since 0.1.0
 * @category models
 */
export class Message extends Receipt {
  constructor(
    seq: number,
    timestampLow: number,
    timestampHigh: number,
    tags: ReadonlyArray<string>,
    readonly data: JsonObject
  ) {
    super(seq, timestampLow, timestampHigh, tags)
  }

  /** The envelope that filters see and that `pls peek` prints. */
  override toJSON(): { seq: number; time: string; meta: { tags: ReadonlyArray<string> }; data: JsonObject } {
    return { seq: this.seq, time: this.time, meta: { tags: this.tags }, data: this.data }
  }
}
