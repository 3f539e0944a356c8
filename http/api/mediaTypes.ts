/**
 * The media types of the protocol, spelled once.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category constants
 */
export const json = "application/json"

/**
 * A tail as JSON Lines.
 *
 * @since 0.1.0
 * @category constants
 */
export const jsonLines = "application/jsonl"

/**
 * Several messages in one append, a line each.
 *
 * @since 0.1.0
 * @category constants
 */
export const ndjson = "application/x-ndjson"

/**
 * @since 0.1.0
 * @category constants
 */
export const eventStream = "text/event-stream"

/**
 * One payload as it is stored.
 *
 * @since 0.1.0
 * @category constants
 */
export const payload = "application/x-plasmite-lite3"

/**
 * Payloads as they are stored, each behind 20 bytes: number and nanoseconds as 64, length as 32 bits, big-endian.
 *
 * @since 0.1.0
 * @category constants
 */
export const frames = "application/x-plasmite-lite3-stream"

/**
 * What Prometheus reads.
 *
 * @since 0.1.0
 * @category constants
 */
export const prometheus = "text/plain; version=0.0.4"

/**
 * @since 0.1.0
 * @category constants
 */
export const html = "text/html; charset=utf-8"
