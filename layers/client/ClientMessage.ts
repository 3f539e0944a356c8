/**
 * A message as upstream's Node binding shows it: numbers of messages are `bigint`, times are `Date`, and `raw` is the JSON text
 * with every digit. Data and text are made when somebody asks for them.
 */
import type { StoredMessage } from "../../src/EncodedPool.js"
import { envelopeText } from "../../src/internal/envelope.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import { toNanoseconds } from "../../src/internal/wallClock.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageMeta {
  readonly tags: ReadonlyArray<string>
}

/** Where a message's parts come from, each worked out at most once. */
interface Source {
  readonly seq: bigint
  readonly timeRfc3339: string
  readonly tags: () => ReadonlyArray<string>
  readonly data: () => unknown
  readonly raw: () => Buffer
}

/**
 * @since 0.1.0
 * @category models
 */
export class Message {
  readonly seq: bigint
  /** With all nine fractional digits that there are. */
  readonly timeRfc3339: string
  private parts: { data?: unknown; tags?: ReadonlyArray<string>; raw?: Buffer } = {}

  /** Use `parseMessage`, or a pool. */
  constructor(private readonly source: Source) {
    this.seq = source.seq
    this.timeRfc3339 = source.timeRfc3339
  }

  /** To the millisecond. */
  get time(): Date {
    return new Date(this.timeRfc3339)
  }

  get data(): unknown {
    if (!("data" in this.parts)) this.parts.data = this.source.data()
    return this.parts.data
  }

  get tags(): ReadonlyArray<string> {
    return (this.parts.tags ??= Object.freeze([...this.source.tags()]))
  }

  get meta(): MessageMeta {
    return Object.freeze({ tags: this.tags })
  }

  /** The envelope as JSON text in UTF-8. */
  get raw(): Buffer {
    return (this.parts.raw ??= this.source.raw())
  }

  toJSON(): unknown {
    return { seq: toSafeNumber(this.seq), time: this.timeRfc3339, meta: this.meta, data: this.data }
  }
}

/** A message that was read from a pool. Its bytes must stay as they are. */
export const messageOf = (stored: StoredMessage): Message => {
  const { payload, seq, timestampHigh, timestampLow } = stored
  let decoded: ReturnType<typeof decodeValue> | undefined
  const decode = () => (decoded ??= decodeValue(payload, { integers: "number" }))
  return new Message({
    seq: BigInt(seq),
    timeRfc3339: formatTimestamp(timestampLow, timestampHigh),
    tags: () => decode().tags,
    data: () => decode().data,
    raw: () => Buffer.from(envelopeText(stored))
  })
}

/**
 * A message of its JSON text, or of the object that the text stands for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parseMessage = (payload: Buffer | Message | object): Message => {
  if (payload instanceof Message) return payload
  const isText = Buffer.isBuffer(payload)
  const envelope = (isText ? JSON.parse(payload.toString("utf8")) : payload) as Record<string, unknown>
  const { data, meta, seq, time } = envelope
  if (typeof seq !== "number" && typeof seq !== "bigint") throw new TypeError("message seq must be numeric")
  const timeRfc3339 = String(time)
  if (Number.isNaN(new Date(timeRfc3339).getTime())) throw new TypeError("message time must be RFC3339")
  const { tags } = (meta ?? {}) as { readonly tags?: unknown }
  return new Message({
    seq: BigInt(seq),
    timeRfc3339,
    tags: () => (Array.isArray(tags) ? tags.map(String) : []),
    data: () => data,
    raw: () => (isText ? payload : Buffer.from(JSON.stringify({ ...envelope, seq: toSafeNumber(BigInt(seq)) })))
  })
}

const toSafeNumber = (seq: bigint): number | string => {
  const number = Number(seq)
  return Number.isSafeInteger(number) ? number : seq.toString()
}

/**
 * A message as it is stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lite3Frame {
  readonly seq: bigint
  readonly timestampNs: bigint
  /** Always 0: nobody uses them. */
  readonly flags: number
  readonly payload: Buffer
  readonly time: Date
}

export const frameOf = ({ payload, seq, timestampHigh, timestampLow }: StoredMessage): Lite3Frame => {
  const timestampNs = toNanoseconds(timestampLow, timestampHigh)
  return {
    seq: BigInt(seq),
    timestampNs,
    flags: 0,
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    time: new Date(Number(timestampNs / 1_000_000n))
  }
}
