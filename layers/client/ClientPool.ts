/**
 * One open pool for programs without Effect. What it takes and gives has the shape of upstream's Node binding; `promises` and the
 * options `signal` and `where` are ours.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { DurabilityMode } from "../../src/Durability.js"
import type { KeyedPayload, StoredMessage, TailBatch, TailFrom } from "../../src/EncodedPool.js"
import { type Immediate, immediateOf } from "../../src/internal/immediate.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { gapHandler } from "../../src/internal/messageTail.js"
import { paced } from "../../src/internal/paced.js"
import type { Pool as EffectPool } from "../../src/Pool.js"
import { PoolError } from "../../src/PoolError.js"
import { runAtOnce, runBlocking, thrown } from "./blocking.js"
import { toClientError } from "./ClientError.js"
import type { Lite3Frame, Message } from "./ClientMessage.js"
import { frameOf, messageOf } from "./ClientMessage.js"
import { messageIterator } from "./messageIterator.js"
import { appendedMessages, encode, messagesIn, orThrow } from "./payloads.js"
import { Lite3Stream, Stream as JsonStream } from "./MessageStream.js"

/**
 * What an acknowledged message survives: the death of every process, or a power cut.
 *
 * @since 0.1.0
 * @category models
 */
export const Durability = Object.freeze({ Fast: 0, Flush: 1 } as const)

/**
 * @since 0.1.0
 * @category models
 */
export type Durability = (typeof Durability)[keyof typeof Durability]

/**
 * @since 0.1.0
 * @category models
 */
export interface LocalTailOptions {
  /** The first message; default: the oldest retained one. */
  readonly sinceSeq?: number | bigint
  /** Ends after so many. */
  readonly maxMessages?: number | bigint
  /** With `maxMessages`: ends when nothing came for so long. Default: 1000. Without it a tail waits forever. */
  readonly timeoutMs?: number | bigint
  /** Only messages that carry all of these. */
  readonly tags?: ReadonlyArray<string>
  /** jq expressions over the envelope that must all be true. */
  readonly where?: ReadonlyArray<string>
  /** `true`: fails with `RetentionGap` when messages were lost, before any behind the gap. Default: goes on. */
  readonly errorOnGap?: boolean
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ReplayOptions extends Omit<LocalTailOptions, "timeoutMs"> {
  /** 1 (default) is the pace at which the messages were written, 2 twice that. */
  readonly speed?: number
  /** Accepted as upstream does; a replay never waits for more messages. */
  readonly timeoutMs?: number | bigint
}

/**
 * @since 0.1.0
 * @category models
 */
export interface AppendOptions {
  /**
   * What names this message alone. If the pool has one with the key, nothing is appended: the result is that message, with
   * `repeated` true. Kept as the tag `key:…`.
   */
  readonly key?: string
}

/**
 * A message to append, with its own tags and its key.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewMessage extends AppendOptions {
  readonly data: unknown
  readonly tags?: ReadonlyArray<string>
}

/**
 * The same operations, without blocking: they wait for a busy pool while the program goes on.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolPromises {
  readonly append: (
    payload: unknown,
    tags?: ReadonlyArray<string>,
    durability?: Durability,
    options?: AppendOptions
  ) => Promise<Message>
  /** All or none, next to each other, under one lock. */
  readonly appendAll: (messages: Iterable<NewMessage>, durability?: Durability) => Promise<Array<Message>>
  readonly get: (seq: number | bigint) => Promise<Message>
}

const defaultIdleMillis = 1000

/**
 * @since 0.1.0
 * @category models
 */
export class Pool {
  private closed = false
  private readonly immediate: Immediate | undefined

  constructor(
    private readonly pool: EffectPool,
    private readonly release: () => void
  ) {
    this.immediate = immediateOf(pool.encoded)
  }

  readonly promises: PoolPromises = {
    append: async (payload, tags = [], durability, { key } = {}) => {
      const [message] = await promiseOf(this.appended([encode(payload, tags, key)], durability))
      return message!
    },
    appendAll: async (messages, durability) =>
      promiseOf(
        this.appended(
          Array.from(messages, ({ data, key, tags = [] }) => encode(data, tags, key)),
          durability
        )
      ),
    get: async (seq) => promiseOf(Effect.map(this.stored(seq), (stored) => messageOf(stored)))
  }

  /** The message as it is in the pool now. `payload` is an object, or a `Buffer` with the JSON text of one. */
  append(
    payload: unknown,
    tags: ReadonlyArray<string> = [],
    durability?: Durability,
    { key }: AppendOptions = {}
  ): Message {
    return this.written([encode(payload, tags, key)], durability)[0]!
  }

  /** All or none, next to each other, under one lock. */
  appendAll(messages: Iterable<NewMessage>, durability?: Durability): Array<Message> {
    const encoded = Array.from(messages, ({ data, key, tags = [] }) => encode(data, tags, key))
    return this.written(encoded, durability)
  }

  /** As `append`, with the envelope as JSON text. */
  appendJson(payload: unknown, tags: ReadonlyArray<string> = [], durability?: Durability): Buffer {
    return this.append(payload, tags, durability).raw
  }

  /** Appends an encoded message as it is; refuses bytes that are none. */
  appendLite3(payload: Uint8Array, durability?: Durability): bigint {
    orThrow(() => validatePayload(payload))
    return this.written([{ payload }], durability)[0]!.seq
  }

  get(seq: number | bigint): Message {
    return messageOf(this.read(seq))
  }

  getJson(seq: number | bigint): Buffer {
    return this.get(seq).raw
  }

  getLite3(seq: number | bigint): Lite3Frame {
    return frameOf(this.read(seq))
  }

  /**
   * Messages as they come. Leave with `break`, `return()` or the signal; then nothing is left running.
   */
  tail(options: LocalTailOptions = {}): AsyncGenerator<Message, void, undefined> {
    const { maxMessages, signal, timeoutMs } = options
    this.assertOpen()
    const idleMillis = maxMessages === undefined ? undefined : Number(timeoutMs ?? 0) || defaultIdleMillis
    const limit = maxMessages === undefined ? Number.POSITIVE_INFINITY : count(maxMessages, "maxMessages")
    const { encoded } = this.pool
    const unpack = (batch: TailBatch) => messagesIn(encoded, batch, options.errorOnGap ?? false)
    return messageIterator(this.batches(options, true), unpack, { signal, idleMillis, limit })
  }

  /** What the pool holds now, with the pauses between messages as they were. */
  replay({ speed = 1, ...options }: ReplayOptions = {}): AsyncGenerator<Message, void, undefined> {
    this.assertOpen()
    if (!(speed > 0)) throw new RangeError("speed must be positive")
    const limit = options.maxMessages === undefined ? undefined : count(options.maxMessages, "maxMessages")
    const all = this.storedMessages(options)
    const stored = paced(limit === undefined ? all : Stream.take(all, limit), speed)
    const ending = { signal: options.signal, idleMillis: undefined, limit: Number.POSITIVE_INFINITY }
    return messageIterator(stored, (message) => [messageOf(message)], ending)
  }

  /** JSON texts, one call at a time, blocking while it waits. Prefer `tail`. */
  openStream(
    sinceSeq?: number | bigint | null,
    maxMessages?: number | bigint | null,
    timeoutMs?: number | bigint | null,
    errorOnGap = false
  ): JsonStream {
    this.assertOpen()
    return new JsonStream(this.pool, sinceSeq, maxMessages, timeoutMs, errorOnGap)
  }

  /** As `openStream`, with the messages as they are stored. */
  openLite3Stream(
    sinceSeq?: number | bigint | null,
    maxMessages?: number | bigint | null,
    timeoutMs?: number | bigint | null,
    errorOnGap = false
  ): Lite3Stream {
    this.assertOpen()
    return new Lite3Stream(this.pool, sinceSeq, maxMessages, timeoutMs, errorOnGap)
  }

  /** Closing twice does nothing. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.release()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private batches(
    { sinceSeq, tags = [], where = [] }: LocalTailOptions,
    follow: boolean
  ): Stream.Stream<TailBatch, PoolError> {
    const from: TailFrom = sinceSeq === undefined ? "oldest" : { seq: Math.max(1, Number(sinceSeq)) }
    return this.pool.encoded.tail({ from, tags, where, follow })
  }

  /** What there is now, one by one. */
  private storedMessages(options: LocalTailOptions): Stream.Stream<StoredMessage, PoolError> {
    const { errorOnGap = false } = options
    const fail = gapHandler(this.pool.encoded, "fail")
    return Stream.flatMap(this.batches(options, false), ({ damage, gap, messages }) => {
      if (gap !== undefined && errorOnGap) return Stream.drain(Stream.fromEffect(fail(gap)))
      const arrived = Stream.fromIterable(messages)
      return damage === undefined ? arrived : Stream.concat(arrived, Stream.fail(damage))
    })
  }

  private written(messages: ReadonlyArray<KeyedPayload>, durability: Durability | undefined): Array<Message> {
    this.assertOpen()
    const { immediate } = this
    if (immediate === undefined || modeOf(durability) !== "fast" || messages.some(({ key }) => key !== undefined)) {
      return runBlocking(this.appended(messages, durability))
    }
    const payloads = messages.map(({ payload }) => payload)
    const range = runAtOnce(
      (clock) => immediate.append(payloads, clock),
      () => this.pool.encoded.append(payloads, "fast")
    )
    return appendedMessages(range, payloads)
  }

  private read(seq: number | bigint): StoredMessage {
    this.assertOpen()
    const { immediate } = this
    return immediate === undefined
      ? runBlocking(this.stored(seq))
      : runAtOnce(
          () => immediate.get(Number(seq)),
          () => this.stored(seq)
        )
  }

  private appended(
    messages: ReadonlyArray<KeyedPayload>,
    durability: Durability | undefined
  ): Effect.Effect<Array<Message>, PoolError> {
    this.assertOpen()
    const mode = modeOf(durability)
    if (messages.some(({ key }) => key !== undefined)) {
      return Effect.map(this.pool.encoded.appendKeyed(messages, mode), ({ messages: appended }) =>
        // A pool on this machine tells all.
        appended.map(({ payload, repeated, ...message }) => messageOf({ ...message, payload: payload! }, repeated))
      )
    }
    const payloads = messages.map(({ payload }) => payload)
    return Effect.map(this.pool.encoded.append(payloads, mode), (range) => appendedMessages(range, payloads))
  }

  private stored(seq: number | bigint): Effect.Effect<StoredMessage, PoolError> {
    this.assertOpen()
    return this.pool.encoded.get(Number(seq))
  }

  private assertOpen(): void {
    if (!this.closed) return
    throw toClientError(
      new PoolError({
        reason: "Usage",
        message: `pool ${this.pool.name} is closed`,
        hint: "Open it again with the client.",
        path: this.pool.path
      })
    )
  }
}

/** What is none must not pass for the weaker one. */
const modeOf = (durability: Durability | undefined): DurabilityMode => {
  if (durability === undefined || durability === Durability.Fast) return "fast"
  if (durability === Durability.Flush) return "flush"
  throw toClientError(
    new PoolError({
      reason: "Usage",
      message: `durability ${JSON.stringify(durability)} is not known`,
      hint: "Give Durability.Fast or Durability.Flush."
    })
  )
}

const promiseOf = async <A>(effect: Effect.Effect<A, PoolError>): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  throw thrown(exit.cause)
}

const count = (value: number | bigint, name: string): number => {
  const number = Number(value)
  if (!Number.isFinite(number) || number < 0) throw new TypeError(`${name} must be non-negative`)
  return Math.floor(number)
}

/**
 * As `pool.replay(options)`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const replay = (pool: Pool, options?: ReplayOptions): AsyncGenerator<Message, void, undefined> =>
  pool.replay(options)
