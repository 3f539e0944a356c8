/**
 * The shapes of the protocol, as upstream's clients and server have them; what we add is optional. Numbers of messages
 * are integers, times are RFC 3339 in UTC, sizes and offsets are bytes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const count = Schema.NonNegativeInt
const nullable = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

/**
 * @since 0.1.0
 * @category schemas
 */
export const Seq = Schema.NonNegativeInt.annotations({
  identifier: "Seq",
  description: "Number of a message within its pool: 1, 2, 3, …"
})

/**
 * @since 0.1.0
 * @category schemas
 */
export const Tags = Schema.Array(Schema.String)

/**
 * Numbers in `data` are JavaScript numbers here; the server itself passes them on with all their digits.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Message = Schema.Struct({
  seq: Seq,
  time: Schema.String.annotations({ description: "RFC 3339, UTC, up to nanoseconds" }),
  meta: Schema.Struct({ tags: Tags }),
  data: Schema.Record({ key: Schema.String, value: Schema.Unknown })
}).annotations({ identifier: "Message" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const Bounds = Schema.Struct({
  oldest: Schema.optional(Seq),
  newest: Schema.optional(Seq)
}).annotations({ identifier: "Bounds", description: "Without members when the pool is empty." })

/**
 * @since 0.1.0
 * @category schemas
 */
export const PoolMetrics = Schema.Struct({
  message_count: count,
  seq_span: count,
  utilization: Schema.Struct({ used_bytes: count, free_bytes: count, used_percent: Schema.Number }),
  age: Schema.Struct({
    oldest_time: Schema.NullOr(Schema.String),
    newest_time: Schema.NullOr(Schema.String),
    oldest_age_ms: Schema.NullOr(Schema.Number),
    newest_age_ms: Schema.NullOr(Schema.Number)
  })
}).annotations({ identifier: "PoolMetrics" })

/**
 * How far a consumer has got. Without numbers when the cursor is damaged.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PoolCursor = Schema.Struct({
  name: Schema.String,
  seq: Schema.NullOr(Seq),
  lag: count,
  committed_at: Schema.NullOr(Schema.String)
}).annotations({ identifier: "PoolCursor" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const PoolInfo = Schema.Struct({
  name: Schema.String,
  path: Schema.String.annotations({ description: "Ours: the file's name. Upstream's: where it is on the server." }),
  file_size: count,
  index_offset: Schema.optionalWith(count, { default: () => 0 }),
  index_capacity: Schema.optionalWith(count, { default: () => 0 }),
  index_size_bytes: Schema.optionalWith(count, { default: () => 0 }),
  ring_offset: count,
  ring_size: count,
  bounds: Schema.optionalWith(Bounds, { default: () => ({}) }),
  metrics: Schema.optional(PoolMetrics),
  cursors: Schema.optional(Schema.Array(PoolCursor)).annotations({
    description: "The consumers that resume, by name. Ours, and absent when there are none."
  })
}).annotations({ identifier: "PoolInfo" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const PoolAnswer = Schema.Struct({ pool: PoolInfo })

/**
 * `unreadable` is ours, and absent when every file can be read.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PoolsAnswer = Schema.Struct({
  pools: Schema.Array(PoolInfo),
  unreadable: Schema.optional(
    Schema.Array(
      Schema.Struct({
        name: Schema.String,
        error: Schema.Struct({ kind: Schema.String, message: Schema.String, hint: Schema.optional(Schema.String) })
      })
    )
  )
})

/**
 * @since 0.1.0
 * @category schemas
 */
export const Done = Schema.Struct({ ok: Schema.Boolean })

/**
 * @since 0.1.0
 * @category schemas
 */
export const CreatePool = Schema.Struct({
  pool: Schema.String,
  size_bytes: nullable(count).annotations({ description: "Of the file. Default: 1 MiB." }),
  index_capacity: nullable(count).annotations({ description: "Slots of the index. Ours; upstream ignores it." })
}).annotations({ identifier: "CreatePool" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const OpenPool = Schema.Struct({ pool: Schema.String }).annotations({ identifier: "OpenPool" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const DurabilityWord = Schema.Literal("fast", "flush")

/**
 * @since 0.1.0
 * @category schemas
 */
export const AppendMessage = Schema.Struct({
  data: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  tags: nullable(Tags),
  key: nullable(Schema.NonEmptyString).annotations({
    description: "Names this message alone. A retained message with the key stands for it: nothing is appended then."
  }),
  durability: nullable(DurabilityWord)
}).annotations({ identifier: "AppendMessage" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const MessageAnswer = Schema.Struct({
  message: Message,
  repeated: Schema.optional(Schema.Literal(true)).annotations({
    description: "The message was there before, with the key that was given; its data are those of the first append."
  })
})

/**
 * The answer to several messages in one request: they have these numbers, with nothing in between, and one time.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AppendedAnswer = Schema.Struct({
  appended: Schema.Struct({ first_seq: Seq, last_seq: Seq, count, time: Schema.String })
}).annotations({ identifier: "Appended" })

/**
 * The answer to several messages of which some have keys, in their order. One that was there before has the data of the first
 * append; the others have numbers with nothing in between.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ReceiptsAnswer = Schema.Struct({
  receipts: Schema.Array(
    Schema.Struct({
      seq: Seq,
      time: Schema.String,
      meta: Schema.Struct({ tags: Tags }),
      data: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
      repeated: Schema.optional(Schema.Literal(true))
    })
  )
}).annotations({ identifier: "Receipts" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const Cursor = Schema.Struct({
  ...PoolCursor.fields,
  seq: Schema.NullOr(Seq).annotations({
    description: "The last message that was handled; 0 before the first, null when the cursor is damaged."
  }),
  lag: count.annotations({ description: "How many retained messages are still to be read." }),
  committed_at: Schema.NullOr(Schema.String),
  time: Schema.NullOr(Schema.String).annotations({ description: "Of that message; null when it is not known." }),
  generation: count.annotations({ description: "Counts the commits." }),
  problem: Schema.optional(Schema.String).annotations({ description: "Why the cursor cannot be read." })
}).annotations({ identifier: "Cursor" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const CursorAnswer = Schema.Struct({ cursor: Cursor })

/**
 * @since 0.1.0
 * @category schemas
 */
export const CursorsAnswer = Schema.Struct({ cursors: Schema.Array(Cursor) })

/**
 * @since 0.1.0
 * @category schemas
 */
export const CommitCursor = Schema.Struct({
  generation: count.annotations({ description: "Where the cursor is believed to be; 0 for a new one." }),
  seq: Seq.annotations({ description: "The last message that was handled." }),
  time: nullable(Schema.String).annotations({ description: "Of that message. Default: it is looked up." }),
  holder: nullable(Schema.String).annotations({
    description: "32 hexadecimal digits that a consumer chooses at random, so that its repeats are known."
  }),
  durability: nullable(DurabilityWord).annotations({ description: "What the commit survives. Default: `fast`." })
}).annotations({ identifier: "CommitCursor" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const ServerAnswer = Schema.Struct({
  server: Schema.Struct({
    name: Schema.String,
    version: Schema.String,
    api: Schema.Int,
    access: Schema.Literal("read-only", "write-only", "read-write"),
    auth: Schema.Literal("none", "bearer"),
    limits: Schema.Struct({
      max_body_bytes: count,
      max_tail_timeout_ms: count,
      max_tail_concurrency: count,
      max_pool_bytes: count,
      max_pools: count
    }),
    features: Schema.Array(Schema.String),
    time: Schema.String
  })
})

/**
 * A page of retained messages, in order. A cursor is null when nothing of what was asked for lies beyond it; a filter may
 * leave a page short, or empty, though there is more.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessagesAnswer = Schema.Struct({
  messages: Schema.Array(Message),
  bounds: Bounds,
  next_after_seq: Schema.NullOr(Seq).annotations({ description: "`after_seq` of the next page." }),
  prev_before_seq: Schema.NullOr(Seq).annotations({ description: "`before_seq` of the page before." }),
  fell_behind: Schema.Boolean.annotations({ description: "Messages right behind `after_seq` are gone." }),
  damaged: Schema.optional(Schema.Array(Schema.Struct({ seq: Seq, message: Schema.String }))).annotations({
    description: "Messages of the page that cannot be read."
  })
}).annotations({ identifier: "MessagesPage" })

/**
 * Counts over the retained time, from the headers of messages alone. Without buckets when the pool is empty.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HistogramAnswer = Schema.Struct({
  bounds: Bounds,
  buckets: Schema.Array(
    Schema.Struct({
      start: Schema.String,
      end: Schema.String,
      count,
      bytes: count.annotations({ description: "Of payloads, as they are stored." })
    })
  )
}).annotations({ identifier: "Histogram" })

/**
 * The data of one `event: pools`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PoolStats = Schema.Struct({
  time: Schema.String.annotations({ description: "When these numbers were true, RFC 3339." }),
  pools: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      file_size: count,
      ring_size: count,
      bounds: Bounds,
      message_count: count,
      used_bytes: count,
      used_percent: Schema.Number,
      oldest_time: Schema.NullOr(Schema.String),
      newest_time: Schema.NullOr(Schema.String)
    })
  ),
  unreadable: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      error: Schema.Struct({ kind: Schema.String, message: Schema.String, hint: Schema.optional(Schema.String) })
    })
  ),
  tails: Schema.Struct({ open: count, limit: count })
}).annotations({ identifier: "PoolStats" })
