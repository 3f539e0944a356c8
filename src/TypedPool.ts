/**
 * A pool whose messages fit a schema: appended values are encoded, read ones are decoded, and what does not fit is a typed
 * error or goes where the caller says. The pool stays an ordinary one: other programs may append to it whatever they like,
 * so a mismatch is an answer to expect, not a broken invariant.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import { type MessageTaker, messageForEach } from "./internal/messageForEach.js"
import { policyProblem } from "./internal/policyProblem.js"
import type { JsonObject, Message } from "./Message.js"
import { Receipt } from "./Message.js"
import type {
  AppendOptions,
  DecodeOptions,
  ForEachOptions,
  NewMessage,
  Pool,
  ReplayOptions,
  TailOptions
} from "./Pool.js"
import type { PoolError } from "./PoolError.js"

/**
 * What a schema may encode to: JSON, and members that may be left out.
 *
 * @since 0.1.0
 * @category models
 */
export type EncodedJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | ReadonlyArray<EncodedJson>
  | { readonly [key: string]: EncodedJson | undefined }

/**
 * The encoded side of a message: always an object.
 *
 * @since 0.1.0
 * @category models
 */
export type EncodedObject = { readonly [key: string]: EncodedJson | undefined }

/**
 * A message as the schema understands it.
 *
 * @since 0.1.0
 * @category models
 */
export class TypedMessage<A> extends Receipt {
  constructor(
    seq: number,
    timestampLow: number,
    timestampHigh: number,
    tags: ReadonlyArray<string>,
    readonly data: A
  ) {
    super(seq, timestampLow, timestampHigh, tags)
  }
}

/**
 * A value to append, with its own tags.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewTypedMessage<A> extends Omit<NewMessage, "data"> {
  readonly data: A
}

/**
 * A message that is whole, but not what the schema describes.
 *
 * @since 0.1.0
 * @category errors
 */
export class SchemaMismatch extends Data.TaggedError("SchemaMismatch")<{
  readonly pool: string
  /** The message as it is in the pool. */
  readonly received: Message
  readonly issue: ParseResult.ParseError
}> {
  override get message(): string {
    return `message ${this.received.seq} of pool ${this.pool} does not fit its schema: ${this.issue.message}`
  }
}

/**
 * What becomes of messages that do not fit: `"fail"` (default) ends the stream with `SchemaMismatch`, `"skip"` passes over
 * them, a function is told, and then the stream goes on. `deadLetter` makes such a function.
 *
 * @since 0.1.0
 * @category models
 */
export type OnMismatch<E, R> = "fail" | "skip" | ((mismatch: SchemaMismatch) => Effect.Effect<void, E, R>)

/**
 * Options of a reading method. The overloads that take it know from `onMismatch` which errors remain.
 *
 * @since 0.1.0
 * @category models
 */
export type Typed<Options, Mismatch> = Options & { readonly onMismatch: Mismatch }

/**
 * Reads with the options that `Options` has.
 *
 * @since 0.1.0
 * @category models
 */
export interface TypedRead<A, Options, R> {
  (options?: Options & { readonly onMismatch?: "fail" }): Stream.Stream<TypedMessage<A>, PoolError | SchemaMismatch, R>
  (options: Typed<Options, "skip">): Stream.Stream<TypedMessage<A>, PoolError, R>
  <E, R2>(
    options: Typed<Options, (mismatch: SchemaMismatch) => Effect.Effect<void, E, R2>>
  ): Stream.Stream<TypedMessage<A>, PoolError | E, R | R2>
}

/**
 * Calls a plain function with each message, with the options of `Pool.forEach`.
 *
 * @since 0.1.0
 * @category models
 */
export interface TypedForEach<A, R> {
  (
    handle: (message: TypedMessage<A>) => void,
    options?: ForEachOptions & { readonly onMismatch?: "fail" }
  ): Effect.Effect<void, PoolError | SchemaMismatch, R>
  (
    handle: (message: TypedMessage<A>) => void,
    options: Typed<ForEachOptions, "skip">
  ): Effect.Effect<void, PoolError, R>
  <E, R2>(
    handle: (message: TypedMessage<A>) => void,
    options: Typed<ForEachOptions, (mismatch: SchemaMismatch) => Effect.Effect<void, E, R2>>
  ): Effect.Effect<void, PoolError | E, R | R2>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TypedPool<A, I extends EncodedObject, R = never> {
  readonly schema: Schema.Schema<A, I, R>
  /** The same pool without the schema. */
  readonly pool: Pool
  /** As `Pool.append`. Fails with `ParseError`, and appends nothing, when the value cannot be encoded. */
  readonly append: (value: A, options?: AppendOptions) => Effect.Effect<Receipt, PoolError | ParseResult.ParseError, R>
  /** As `Pool.appendAll`: when one value cannot be encoded, none is stored. */
  readonly appendAll: (
    messages: Iterable<NewTypedMessage<A>>,
    options?: Pick<AppendOptions, "durability">
  ) => Effect.Effect<ReadonlyArray<Receipt>, PoolError | ParseResult.ParseError, R>
  /** As `Pool.get`. */
  readonly get: (seq: number, options?: DecodeOptions) => Effect.Effect<TypedMessage<A>, PoolError | SchemaMismatch, R>
  /** As `Pool.tail`, decoded in the order of `seq`. */
  readonly tail: TypedRead<A, TailOptions, R>
  /**
   * As `Pool.forEach`: `handle` has been called with each message, decoded. At once where the schema decodes without waiting;
   * where it must wait, or somebody is told of a mismatch, the messages behind it wait as well.
   */
  readonly forEach: TypedForEach<A, R>
  /** As `Pool.replay`. */
  readonly replay: TypedRead<A, ReplayOptions, R>
  /** Appends what flows in, chunk by chunk; yields how many messages that were. */
  readonly sink: (
    options?: Pick<AppendOptions, "durability">
  ) => Sink.Sink<number, NewTypedMessage<A>, never, PoolError | ParseResult.ParseError, R>
}

/**
 * The pool, seen through the schema. The schema's encoded side must be a JSON object; anything else does not compile.
 *
 * @example
 * ```ts
 * import { Pools, TypedPool } from "effect-plasmite"
 * import { Effect, Schema } from "effect"
 *
 * class Reading extends Schema.Class<Reading>("Reading")({ sensor: Schema.String, at: Schema.Date }) {}
 *
 * const program = Effect.gen(function* () {
 *   const pools = yield* Pools
 *   const readings = TypedPool.make(yield* pools.open("readings", { create: true }), Reading)
 *   yield* readings.append(new Reading({ sensor: "roof", at: new Date(0) }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A, I extends EncodedObject, R = never>(
  pool: Pool,
  schema: Schema.Schema<A, I, R>
): TypedPool<A, I, R> => {
  const encode = Schema.encode(schema)
  const decodeUnknown = Schema.decodeUnknown(schema)

  const toMessage = ({ data, ...rest }: NewTypedMessage<A>): Effect.Effect<NewMessage, ParseResult.ParseError, R> =>
    Effect.map(encode(data), (encoded) => ({ ...rest, data: asJson(encoded) }))

  const appendAll: TypedPool<A, I, R>["appendAll"] = (messages, options) =>
    Effect.flatMap(Effect.forEach(messages, toMessage), (encoded) => pool.appendAll(encoded, options))

  /** Synchronous wherever the schema is: then it is an `Either`. */
  const decode = (message: Message): Effect.Effect<TypedMessage<A>, SchemaMismatch, R> =>
    ParseResult.mapBoth(decodeUnknown(message.data), {
      onFailure: (issue) => new SchemaMismatch({ pool: pool.name, received: message, issue }),
      onSuccess: (data) =>
        new TypedMessage(message.seq, message.timestampLow, message.timestampHigh, message.tags, data)
    })

  /** A chunk whose messages all fit, and need nobody's services for it, is decoded in one go; that is nearly every chunk. */
  const decodeAtOnce = (chunk: Chunk.Chunk<Message>): Chunk.Chunk<TypedMessage<A>> | undefined => {
    const decoded: Array<TypedMessage<A>> = []
    for (const message of chunk) {
      const result = known(decode(message))
      if (result === undefined || Either.isLeft(result)) return undefined
      decoded.push(result.right)
    }
    return Chunk.unsafeFromArray(decoded)
  }

  function reading<E, R2>(
    messages: Stream.Stream<Message, PoolError>,
    onMismatch: OnMismatch<E, R2> = "fail"
  ): Stream.Stream<TypedMessage<A>, PoolError | SchemaMismatch | E, R | R2> {
    const decodeOrTell = (message: Message) => orTell(decode(message), onMismatch)
    const checked = Stream.unwrap(Effect.as(checkMismatchPolicy(onMismatch), messages))
    return Stream.flatMap(Stream.chunks(checked), (chunk) => {
      const decoded = decodeAtOnce(chunk)
      return decoded === undefined
        ? Stream.filter(Stream.mapEffect(Stream.fromChunk(chunk), decodeOrTell), (message) => message !== undefined)
        : Stream.fromChunk(decoded)
    })
  }

  function forEach<E, R2>(
    handle: (message: TypedMessage<A>) => void,
    options: ForEachOptions & { readonly onMismatch?: OnMismatch<E, R2> } = {}
  ): Effect.Effect<void, PoolError | SchemaMismatch | E, R | R2> {
    const { onMismatch = "fail", ...rest } = options
    return Effect.gen(function* () {
      yield* checkMismatchPolicy(onMismatch)
      const context = yield* Effect.context<R | R2>()
      const ended = yield* Deferred.make<never, SchemaMismatch | E>()
      const take: MessageTaker = (message) => {
        const decoding = decode(message)
        const result = known(decoding)
        if (result !== undefined && Either.isRight(result)) return void handle(result.right)
        return orTell(decoding, onMismatch).pipe(
          Effect.map((decoded) => {
            if (decoded !== undefined) handle(decoded)
          }),
          // The engine knows errors of pools only: what else ends the loop goes around it, and nothing is handled behind it.
          Effect.catchAll((error) => Effect.zipRight(Deferred.fail(ended, error), Effect.never)),
          Effect.provide(context)
        )
      }
      yield* Effect.raceFirst(messageForEach(pool.encoded, take, rest), Deferred.await(ended))
    })
  }

  function tail<E, R2>(options: TailOptions & { readonly onMismatch?: OnMismatch<E, R2> } = {}) {
    const { onMismatch, ...rest } = options
    return reading(pool.tail(rest), onMismatch)
  }

  function replay<E, R2>(options: ReplayOptions & { readonly onMismatch?: OnMismatch<E, R2> } = {}) {
    const { onMismatch, ...rest } = options
    return reading(pool.replay(rest), onMismatch)
  }

  return {
    schema,
    pool,
    append: (value, options) => Effect.flatMap(encode(value), (encoded) => pool.append(asJson(encoded), options)),
    appendAll,
    get: (seq, options) => Effect.flatMap(pool.get(seq, options), decode),
    // The overloads only say less than the implementation: which of its errors an option rules out.
    tail: tail as TypedPool<A, I, R>["tail"],
    forEach: forEach as TypedPool<A, I, R>["forEach"],
    replay: replay as TypedPool<A, I, R>["replay"],
    sink: (options) =>
      Sink.foldLeftChunksEffect(0, (count, chunk: Iterable<NewTypedMessage<A>>) =>
        Effect.map(appendAll(chunk, options), (receipts) => count + receipts.length)
      )
  }
}

/** `undefined` for a message that does not fit, once that was told. */
const orTell = <A, R, E, R2>(
  decoding: Effect.Effect<A, SchemaMismatch, R>,
  onMismatch: OnMismatch<E, R2>
): Effect.Effect<A | undefined, SchemaMismatch | E, R | R2> => {
  if (onMismatch === "fail") return decoding
  const told = onMismatch === "skip" ? () => Effect.void : onMismatch
  return Effect.catchTag(decoding, "SchemaMismatch", (mismatch) => Effect.as(told(mismatch), undefined))
}

const checkMismatchPolicy = (onMismatch: unknown): Effect.Effect<void, PoolError> => {
  const problem = policyProblem("onMismatch", onMismatch, "fail", "skip")
  return problem === undefined ? Effect.void : Effect.fail(problem)
}

/** The result of an effect that has nothing to wait for. */
const known = <A, E, R>(effect: Effect.Effect<A, E, R>): Either.Either<A, E> | undefined =>
  Either.isEither(effect) ? (effect as Either.Either<A, E>) : undefined

/** Members that are `undefined` are left out by the codec, as `JSON.stringify` does. */
const asJson = (encoded: EncodedObject): JsonObject => encoded as JsonObject

/**
 * For `onMismatch`: keeps what does not fit in another pool, as `{ pool, seq, time, tags, data, problem }` with the tags of
 * the message and `dead-letter`, so that nothing is lost and somebody can look.
 *
 * @since 0.1.0
 * @category constructors
 */
export const deadLetter =
  (pool: Pool, options?: Pick<AppendOptions, "durability">) =>
  ({ issue, pool: from, received }: SchemaMismatch): Effect.Effect<void, PoolError> =>
    Effect.asVoid(
      pool.append(
        {
          pool: from,
          seq: received.seq,
          time: received.time,
          tags: received.tags,
          data: received.data,
          problem: issue.message
        },
        { ...options, tags: [...received.tags, deadLetterTag] }
      )
    )

/**
 * The tag of messages that `deadLetter` keeps.
 *
 * @since 0.1.0
 * @category constants
 */
export const deadLetterTag = "dead-letter"
