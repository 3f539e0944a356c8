/**
 * One open pool: append, get, tail, replay. Written once over `EncodedPool`, so that a local file, and later a
 * server, behave alike.
 *
 * @since 0.1.0
 */
import type * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Sink from "effect/Sink"
import type * as Stream from "effect/Stream"
import type { DurabilityMode } from "./Durability.js"
import type { AppendedRange, EncodedPool, Gap, KeyedPayload, TailSelection } from "./EncodedPool.js"
import { committingTail } from "./internal/consumer.js"
import { type Immediate, immediateOf } from "./internal/immediate.js"
import { PayloadRefused } from "./internal/lite3/PayloadRefused.js"
import { encodeLent, encodeValue } from "./internal/lite3/encodeValue.js"
import { giveBack } from "./internal/lite3/Scratch.js"
import { keyedPayload, tagsWithKey } from "./internal/messageKey.js"
import { messageForEach } from "./internal/messageForEach.js"
import { decodeMessage, messageTail } from "./internal/messageTail.js"
import { paced } from "./internal/paced.js"
import { receiptOf } from "./internal/receiptOf.js"
import { contended, failureOf } from "./internal/withLock.js"
import type { JsonObject } from "./Message.js"
import { Message, Receipt } from "./Message.js"
import { isPoolError, PoolError } from "./PoolError.js"
import type { PoolInfo } from "./PoolInfo.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface AppendOptions {
  readonly tags?: ReadonlyArray<string>
  /**
   * What names this message alone, such as `order-42`. When a retained message has the key already, nothing is appended, and
   * the receipt is that message's, with `repeated` true; whatever its data are, they stand. So an append whose outcome is
   * unknown can be made again. The key is kept as the tag `key:order-42`; any message with such a tag counts, also one that
   * another program wrote. Once the ring has dropped that message, the key is new again.
   */
  readonly key?: string
  /** What the acknowledged message survives. Default `"fast"`: the death of every process. */
  readonly durability?: DurabilityMode
}

/**
 * A message to append: its payload and its own tags.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewMessage {
  readonly data: JsonObject
  readonly tags?: ReadonlyArray<string>
  /** As in `AppendOptions`. Of two with the same key in one append, the second repeats the first. */
  readonly key?: string
}

/**
 * How integers beyond 2^53 come back: as the nearest `number`, or exactly, as `bigint`.
 *
 * @since 0.1.0
 * @category models
 */
export interface DecodeOptions {
  readonly integers?: "number" | "bigint"
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TailOptions extends TailSelection, DecodeOptions {
  /**
   * The name of a cursor, kept beside the pool: the tail goes on behind the last message that was handled under this name,
   * in this process or another. A message counts as handled when the next one is asked for, or when the stream ends well:
   * what a failure, an interruption or a kill cuts short comes again, and none is passed over. In the pool of a server a kill
   * may bring back up to 100 handled ones, since they are committed together. Therefore nothing that
   * reads ahead (`Stream.buffer`, `mapEffect` with a concurrency, `broadcast`, …) may stand between this stream and its handler.
   * `from` is where a new cursor starts, by default `"oldest"`. Fails with `Busy` while another consumer of the name runs.
   * One message at a time, a commit for each: `Consumer.forEach` commits once per batch and is many times as fast.
   */
  readonly cursor?: string
  /**
   * What happens when messages were overwritten before they were read. `"continue"` (default) goes on with the oldest that
   * is left, `"fail"` ends with `RetentionGap`, a function is told and then the tail goes on.
   */
  readonly onGap?: "continue" | "fail" | ((gap: Gap) => Effect.Effect<void>)
  /**
   * What happens at a message whose bytes are damaged. `"fail"` (default) ends with `Corrupt` and its `seq`, `"skip"`
   * passes over it, a function is told and then the tail goes on.
   */
  readonly onDamage?: "fail" | "skip" | ((error: PoolError) => Effect.Effect<void>)
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ReplayOptions extends Omit<TailOptions, "follow" | "cursor"> {
  /** 1 is the original pace, 2 twice as fast, 0 (default) without pauses. */
  readonly speed?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export type ForEachOptions = Omit<TailOptions, "cursor">

/**
 * @since 0.1.0
 * @category models
 */
export interface Pool {
  readonly name: string
  readonly path: string
  /**
   * The message is in the pool, and other processes can read it. Fails with `Usage` when the data cannot be stored
   * (not an object, too deep, too large for the ring), `Busy` when the lock could not be had in time.
   */
  readonly append: (data: JsonObject, options?: AppendOptions) => Effect.Effect<Receipt, PoolError>
  /**
   * All messages are in the pool, in this order with nothing between them, at the cost of one lock. When one of them
   * is refused, none is stored; when the disk fails, some may be there, unacknowledged. Those whose key is there already
   * are left out; each message has its receipt, in the order given.
   */
  readonly appendAll: (
    messages: Iterable<NewMessage>,
    options?: Pick<AppendOptions, "durability">
  ) => Effect.Effect<ReadonlyArray<Receipt>, PoolError>
  /** Fails with `NotFound` when the message is not retained, with `Corrupt` when it is damaged. */
  readonly get: (seq: number, options?: DecodeOptions) => Effect.Effect<Message, PoolError>
  /**
   * Messages in order of `seq`, whole, each once. Reads at the pace of its consumer; a consumer too slow for the ring
   * meets a gap.
   */
  readonly tail: (options?: TailOptions) => Stream.Stream<Message, PoolError>
  /**
   * `handle` has been called with each message, in order of `seq`, whole, each once; follows until interrupted, or ends as
   * `tail` does. The shortest way from an append to a reader: `handle` is called as soon as this process knows of the
   * message, within the file's event, or within the append if that happens in this process, and not in a fiber. So it
   * must be quick; what it cannot do at once it passes on, say to a queue. What it throws is a defect of this effect. An
   * interruption ends it between two batches.
   */
  readonly forEach: (handle: (message: Message) => void, options?: ForEachOptions) => Effect.Effect<void, PoolError>
  /** What the pool holds now, with the pauses between messages as they were, divided by `speed`; then it ends. */
  readonly replay: (options?: ReplayOptions) => Stream.Stream<Message, PoolError>
  /** Appends what flows in, chunk by chunk; yields how many messages that were. */
  readonly sink: (options?: Pick<AppendOptions, "durability">) => Sink.Sink<number, NewMessage, never, PoolError>
  readonly info: Effect.Effect<PoolInfo, PoolError>
  /** The same pool one floor below, for text that must pass exactly. */
  readonly encoded: EncodedPool
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (encoded: EncodedPool): Pool => {
  const immediate = immediateOf(encoded)
  const appendAll: Pool["appendAll"] = (messages, options) => appendMessages(encoded, messages, options?.durability)
  const tail: Pool["tail"] = (options = {}) =>
    options.cursor === undefined ? messageTail(encoded, options) : committingTail(encoded, options.cursor, options)
  return {
    name: encoded.name,
    path: encoded.path,
    append: (data, options) => appendOne(encoded, immediate, data, options),
    appendAll,
    get: (seq, options) =>
      encoded.getWith(seq, (stored) => {
        const message = decodeMessage(stored, options, encoded.path)
        if (message instanceof Message) return message
        throw message
      }),
    tail,
    forEach: (handle, options = {}) => messageForEach(encoded, (message) => void handle(message), options),
    replay: ({ speed = 0, ...options } = {}) => paced(tail({ from: "oldest", ...options, follow: false }), speed),
    sink: (options) =>
      Sink.foldLeftChunksEffect(0, (count, chunk: Chunk.Chunk<NewMessage>) =>
        Effect.map(appendAll(chunk, options), (receipts) => count + receipts.length)
      ),
    info: encoded.info,
    encoded
  }
}

const noTags: ReadonlyArray<string> = []

/** Encodes before anybody waits for a lock. */
const encode = (encoder: typeof encodeValue, data: JsonObject, tags: ReadonlyArray<string>): Uint8Array => {
  try {
    return encoder(data, tags)
  } catch (error) {
    throw error instanceof PayloadRefused ? error.toPoolError() : error
  }
}

/** Finding the traces of a dead writer is rare, and worth a line in the log; everybody else pays one step. */
const acknowledge = <A>(receipts: A, repaired: string | undefined): Effect.Effect<A> =>
  repaired === undefined ? Effect.succeed(receipts) : Effect.as(Effect.logWarning(`repaired ${repaired}`), receipts)

const appendLogged = <A>(
  encoded: EncodedPool,
  payloads: ReadonlyArray<Uint8Array>,
  durability: DurabilityMode,
  receipt: (range: AppendedRange) => A
): Effect.Effect<A, PoolError> =>
  Effect.flatMap(encoded.append(payloads, durability), (range) => acknowledge(receipt(range), range.repaired))

const appendKeyed = (
  encoded: EncodedPool,
  messages: ReadonlyArray<KeyedPayload>,
  durability: DurabilityMode
): Effect.Effect<ReadonlyArray<Receipt>, PoolError> =>
  Effect.flatMap(encoded.appendKeyed(messages, durability), ({ messages, repaired }) =>
    acknowledge(messages.map(receiptOf), repaired)
  )

const appendOne = (
  encoded: EncodedPool,
  immediate: Immediate | undefined,
  data: JsonObject,
  options: AppendOptions | undefined
): Effect.Effect<Receipt, PoolError> =>
  // One step of the fiber as a rule: each more takes a tenth of the time of an append.
  Effect.withFiberRuntime((fiber) => {
    const tags = options?.tags ?? noTags
    const durability = options?.durability ?? "fast"
    const key = options?.key
    try {
      if (key !== undefined) {
        const payload = encode(encodeValue, data, tagsWithKey(tags, key))
        return Effect.map(appendKeyed(encoded, [{ payload, key }], durability), ([receipt]) => receipt!)
      }
      const payloads = [encode(encodeLent, data, tags)]
      const acknowledged = (range: AppendedRange) => {
        giveBack(payloads[0]!)
        const { firstSeq, repaired, timestampHigh, timestampLow } = range
        return acknowledge(new Receipt(firstSeq, timestampLow, timestampHigh, tags), repaired)
      }
      if (immediate !== undefined && durability === "fast") {
        const range = immediate.append(payloads, Context.unsafeGet(fiber.currentDefaultServices, Clock.Clock))
        if (range !== contended) return acknowledged(range)
      }
      return Effect.flatMap(encoded.append(payloads, durability), acknowledged)
    } catch (error) {
      return failureOf(error, immediate)
    }
  })

const appendMessages = (
  encoded: EncodedPool,
  messages: Iterable<NewMessage>,
  durability: DurabilityMode = "fast"
): Effect.Effect<ReadonlyArray<Receipt>, PoolError> =>
  Effect.suspend(() => {
    const payloads: Array<Uint8Array> = []
    const tagLists: Array<ReadonlyArray<string>> = []
    let keys: Array<string | undefined> | undefined
    try {
      for (const { data, key, tags = noTags } of messages) {
        if (key !== undefined) (keys ??= [])[payloads.length] = key
        payloads.push(encode(encodeValue, data, key === undefined ? tags : tagsWithKey(tags, key)))
        tagLists.push(tags)
      }
    } catch (error) {
      return isPoolError(error) ? Effect.fail(atPosition(error, payloads.length)) : Effect.die(error)
    }
    if (payloads.length === 0) return Effect.succeed([])
    if (keys !== undefined) {
      const keyed = payloads.map((payload, index) => keyedPayload(payload, keys[index]))
      return appendKeyed(encoded, keyed, durability)
    }
    return appendLogged(encoded, payloads, durability, (range) =>
      tagLists.map((tags, index) => new Receipt(range.firstSeq + index, range.timestampLow, range.timestampHigh, tags))
    )
  })

const atPosition = (error: PoolError, index: number): PoolError =>
  new PoolError({
    reason: error.reason,
    message: `message ${index + 1} of the batch: ${error.message}; nothing was appended`,
    ...(error.hint === undefined ? {} : { hint: error.hint })
  })
