/**
 * What stands in paths and behind the question mark.
 *
 * @since 0.1.0
 */
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import { DurabilityWord } from "./models.js"

/**
 * The name of a pool: one segment, percent-encoded.
 *
 * @since 0.1.0
 * @category parameters
 */
export const poolParam = HttpApiSchema.param("pool", Schema.String)

/**
 * The name of a cursor: one segment, percent-encoded.
 *
 * @since 0.1.0
 * @category parameters
 */
export const cursorParam = HttpApiSchema.param("cursor", Schema.String)

/**
 * The number of a message.
 *
 * @since 0.1.0
 * @category parameters
 */
export const seqParam = HttpApiSchema.param("seq", Schema.NumberFromString)

const described = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  Schema.optional(schema).annotations({ description })
const repeated = Schema.Union(Schema.Array(Schema.String), Schema.String)
const wholeNumber = Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())

/**
 * @since 0.1.0
 * @category parameters
 */
export const AppendQuery = Schema.Struct({
  durability: described(DurabilityWord, "For bodies that cannot say it themselves: encoded ones and NDJSON.")
})

/**
 * What every tail understands. The second half is ours; upstream ignores it.
 *
 * @since 0.1.0
 * @category parameters
 */
export const TailQuery = Schema.Struct({
  since_seq: described(wholeNumber, "Start with this message. Default: the oldest that is retained."),
  max: described(wholeNumber, "End after so many messages."),
  timeout_ms: described(wholeNumber, "End after this time, whatever happens. Default and maximum: the server's limit."),
  tag: described(repeated, "Only messages that carry every tag given."),
  gap_policy: described(Schema.Literal("continue", "error"), "What happens when messages were lost."),
  last: described(wholeNumber, "Start with the last so many messages that pass; 0 is the live end."),
  since: described(Schema.String, "Start with messages of this time (RFC 3339), or so long ago (`5m`)."),
  where: described(repeated, "jq expressions over the message; all must yield true."),
  follow: described(Schema.BooleanFromString, "`false`: end where the pool ended at the start."),
  heartbeat_ms: described(wholeNumber, "How often an idle stream shows a sign of life; 0 is never. Default 15000.")
})

/**
 * What a tail of frames understands: the same, but that there is no frame to say in that messages were lost.
 *
 * @since 0.1.0
 * @category parameters
 */
export const FramesQuery = Schema.Struct({
  ...TailQuery.fields,
  gap_policy: described(Schema.Literal("continue"), "What happens when messages were lost: frames cannot tell.")
})

/**
 * Which page of the retained messages. Ours.
 *
 * @since 0.1.0
 * @category parameters
 */
export const PageQuery = Schema.Struct({
  after_seq: described(wholeNumber, "The page begins behind this message."),
  before_seq: described(wholeNumber, "The page ends before this message; without `after_seq` it is the newest such."),
  since: described(Schema.String, "Only messages of this time (RFC 3339) or later, or of so long ago (`5m`)."),
  until: described(Schema.String, "Only messages of this time or earlier."),
  limit: described(wholeNumber, "Messages of a page, 1 to 1000. Default 100."),
  tag: described(repeated, "Only messages that carry every tag given."),
  where: described(repeated, "jq expressions over the message; all must yield true.")
})

/**
 * @since 0.1.0
 * @category parameters
 */
export const HistogramQuery = Schema.Struct({
  buckets: described(wholeNumber, "Into how many equal spans the retained time is divided, 1 to 1000. Default 120.")
})

/**
 * @since 0.1.0
 * @category parameters
 */
export const StatsQuery = Schema.Struct({
  timeout_ms: described(wholeNumber, "End after this time. Default and maximum: the server's limit.")
})
