/**
 * A message as upstream's Node binding shows it: numbers of messages are `bigint`, times are `Date`, and `raw` is the JSON text
 * with every digit. Data and text are made when somebody asks for them.
 */
import type { StoredMessage } from "../../src/EncodedPool.js"
import { envelopeText } from "../../src/internal/envelope.js"
import { type Decoded, decodeSpan } from "../../src/internal/lite3/decodeValue.js"
import { payloadSpan } from "../../src/internal/ring/copyFrames.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import { toNanoseconds } from "../../src/internal/wallClock.js"
import { inspect } from "node:util"

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageMeta {
  readonly tags: ReadonlyArray<string>
}

/** Where a message's parts come from; each is asked for at most once, and only if somebody wants it. */
interface Source {
  readonly timeText: () => string
  readonly tags: () => ReadonlyArray<string>
  readonly data: () => unknown
  readonly raw: () => Buffer
}

/** What `data` is before anybody asked; not `undefined`, which it may be. */
const unread = Symbol("unread")

/**
 * @since 0.1.0
 * @category models
 */
export class Message {
  private timeText: string | undefined
  private tagList: ReadonlyArray<string> | undefined
  private value: unknown = unread
  private text: Buffer | undefined

  /** Use `parseMessage`, or a pool. */
  constructor(
    readonly seq: bigint,
    private readonly source: Source,
    /** A message with the same key was there already, and this is it. */
    readonly repeated = false
  ) {}

  /** With all nine fractional digits that there are. */
  get timeRfc3339(): string {
    return (this.timeText ??= this.source.timeText())
  }

  /** To the millisecond. */
  get time(): Date {
    return new Date(this.timeRfc3339)
  }

  get data(): unknown {
    if (this.value === unread) this.value = this.source.data()
    return this.value
  }

  get tags(): ReadonlyArray<string> {
    return (this.tagList ??= Object.freeze([...this.source.tags()]))
  }

  get meta(): MessageMeta {
    return Object.freeze({ tags: this.tags })
  }

  /** The envelope as JSON text in UTF-8. */
  get raw(): Buffer {
    return (this.text ??= this.source.raw())
  }

  toJSON(): unknown {
    return { seq: toSafeNumber(this.seq), time: this.timeRfc3339, meta: this.meta, data: this.data }
  }

  /** `console.log` shows the message, not how it is kept. */
  [inspect.custom](): unknown {
    return { seq: this.seq, time: this.timeRfc3339, tags: this.tags, data: this.data }
  }
}

/** A message that was read from a pool. Its bytes must stay as they are. */
export const messageOf = (stored: StoredMessage, repeated = false): Message =>
  new Message(BigInt(stored.seq), new StoredSource(stored), repeated)

/** Tags and data come of one decoding. */
class StoredSource implements Source {
  private decoded: Decoded | undefined

  constructor(private readonly stored: StoredMessage) {}

  timeText(): string {
    return formatTimestamp(this.stored.timestampLow, this.stored.timestampHigh)
  }

  tags(): ReadonlyArray<string> {
    return this.decode().tags
  }

  data(): unknown {
    return this.decode().data
  }

  raw(): Buffer {
    return Buffer.from(envelopeText(this.stored))
  }

  private decode(): Decoded {
    return (this.decoded ??= decodeSpan(payloadSpan(this.stored), { integers: "number" }))
  }
}

/**
 * A message as the protocol writes it down, and as programs keep it.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageEnvelope {
  readonly seq: number | bigint | string
  readonly time: string
  readonly data: unknown
  readonly meta?: { readonly tags?: ReadonlyArray<unknown> }
}

/**
 * A message of its JSON text, or of the object that the text stands for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parseMessage = (payload: Buffer | Message | MessageEnvelope): Message => {
  if (payload instanceof Message) return payload
  return Buffer.isBuffer(payload)
    ? messageFromEnvelope(JSON.parse(payload.toString("utf8")), payload)
    : messageFromEnvelope(payload)
}

/** `raw` is the text that the envelope was read from. Throws `TypeError` for what is no message. */
export const messageFromEnvelope = (envelope: unknown, raw?: Buffer): Message => {
  if (typeof envelope !== "object" || envelope === null) throw new TypeError("message envelope must be an object")
  const { data, meta, seq, time } = envelope as Readonly<Record<string, unknown>>
  const number = toSeq(seq)
  const timeRfc3339 = String(time)
  if (Number.isNaN(new Date(timeRfc3339).getTime())) throw new TypeError("message time must be RFC3339")
  const { tags } = (meta ?? {}) as { readonly tags?: unknown }
  return new Message(number, {
    timeText: () => timeRfc3339,
    tags: () => (Array.isArray(tags) ? tags.map(String) : []),
    data: () => data,
    raw: () => raw ?? Buffer.from(JSON.stringify({ ...envelope, seq: toSafeNumber(number) }))
  })
}

const toSeq = (seq: unknown): bigint => {
  if (typeof seq === "bigint") return seq
  if (typeof seq === "number" && Number.isFinite(seq)) return BigInt(Math.trunc(seq))
  if (typeof seq === "string" && /^\d+$/.test(seq)) return BigInt(seq)
  throw new TypeError("message seq must be numeric")
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
