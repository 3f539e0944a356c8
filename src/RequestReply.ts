/**
 * Questions and answers between processes, over two pools: one with the requests, one with the replies. Either side may
 * start first, die and come back; what they said stays readable, with `pls peek` too.
 *
 * A request is handled at least once where the server goes on from the right place (`from`); the client takes the first
 * reply. A request whose deadline has passed is not handled.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { TailFrom } from "./EncodedPool.js"
import { startAfterNewest } from "./internal/startAfterNewest.js"
import type { Pool } from "./Pool.js"
import type { PoolError } from "./PoolError.js"
import * as TypedPool from "./TypedPool.js"

/**
 * No reply came in time. Whether the request was handled is not known.
 *
 * @since 0.1.0
 * @category errors
 */
export class DeadlineExceeded extends Data.TaggedError("DeadlineExceeded")<{
  readonly pool: string
  /** The request. */
  readonly seq: number
  readonly deadline: Duration.Duration
}> {
  override get message(): string {
    return `no reply to request ${this.seq} of pool ${this.pool} within ${Duration.format(this.deadline)}`
  }
}

/**
 * The server could not handle the request: it did not understand it, or its handler died.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerFailed extends Data.TaggedError("ServerFailed")<{ readonly message: string }> {}

/**
 * What both sides have to agree on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Protocol<Request, Reply, Failure> {
  readonly request: Schema.Schema<Request, TypedPool.EncodedJson>
  readonly reply: Schema.Schema<Reply, TypedPool.EncodedJson>
  /** Failures of the handler that travel to the client as they are. Default: there are none. */
  readonly failure: Schema.Schema<Failure, TypedPool.EncodedJson>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface PoolPair {
  readonly requests: Pool
  readonly replies: Pool
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Client<Request, Reply, Failure> {
  /**
   * The reply, or the failure of the handler. Fails with `DeadlineExceeded` when none came in time; an interrupted question
   * is given up, and its reply ignored.
   */
  readonly ask: (
    request: Request,
    options: { readonly deadline: Duration.DurationInput }
  ) => Effect.Effect<Reply, Failure | DeadlineExceeded | ServerFailed | PoolError>
}

/**
 * The protocol of a pair of pools. Without `failure` handlers cannot fail.
 *
 * @since 0.1.0
 * @category constructors
 */
export const protocol = <
  Request,
  RequestEncoded extends TypedPool.EncodedJson,
  Reply,
  ReplyEncoded extends TypedPool.EncodedJson,
  Failure = never,
  FailureEncoded extends TypedPool.EncodedJson = never
>(options: {
  readonly request: Schema.Schema<Request, RequestEncoded>
  readonly reply: Schema.Schema<Reply, ReplyEncoded>
  readonly failure?: Schema.Schema<Failure, FailureEncoded>
}): Protocol<Request, Reply, Failure> => ({
  request: encodesToJson(options.request),
  reply: encodesToJson(options.reply),
  // Nothing is a value of `Schema.Never`, so a protocol without failures claims nothing that is not so.
  failure: encodesToJson((options.failure ?? Schema.Never) as Schema.Schema<Failure, FailureEncoded>)
})

/** What comes from a pool is decoded as something unknown, so all that counts of the encoded type is that it is JSON. */
const encodesToJson = <A, I extends TypedPool.EncodedJson>(
  schema: Schema.Schema<A, I>
): Schema.Schema<A, TypedPool.EncodedJson> => schema as unknown as Schema.Schema<A, TypedPool.EncodedJson>

const envelopes = <Request, Reply, Failure>({ failure, reply, request }: Protocol<Request, Reply, Failure>) => ({
  request: Schema.Struct({
    request,
    /** Milliseconds since 1970. */
    deadline: Schema.Number
  }),
  reply: Schema.Union(
    Schema.Struct({ reply }),
    Schema.Struct({ failure }),
    /** Why there is neither. */
    Schema.Struct({ refused: Schema.String })
  )
})

/** Who asked, and which of its questions it is: the request carries these tags, the reply carries them back. */
const clientTag = (id: string): string => `client:${id}`
const questionTag = (question: number): string => `question:${question}`
const isAddress = (tag: string): boolean => tag.startsWith("client:") || tag.startsWith("question:")

/**
 * A client that reads replies until its scope closes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const client = <Request, Reply, Failure>(
  { replies, requests }: PoolPair,
  agreed: Protocol<Request, Reply, Failure>
): Effect.Effect<Client<Request, Reply, Failure>, PoolError, Scope.Scope> =>
  Effect.gen(function* () {
    const schemas = envelopes(agreed)
    const typedRequests = TypedPool.make(requests, schemas.request)
    type Answer = Deferred.Deferred<Reply, Failure | ServerFailed | PoolError>
    const asked = new Map<string, Answer>()
    // Replies of another life of this client must not be taken for those of this one.
    const id = ((yield* Random.next) * 2 ** 53).toString(36)
    let questions = 0
    let ended: Cause.Cause<PoolError> | undefined

    const resolve = (tags: ReadonlyArray<string>, exit: Effect.Effect<Reply, Failure | ServerFailed>) =>
      Effect.suspend(() => {
        const question = tags.find((tag) => tag.startsWith("question:"))
        const answer = question === undefined ? undefined : asked.get(question)
        return answer === undefined ? Effect.void : Deferred.complete(answer, exit)
      })

    const from = yield* startAfterNewest(replies)
    const reading = TypedPool.make(replies, schemas.reply)
      .tail({
        from,
        tags: [clientTag(id)],
        onMismatch: ({ issue, received }) =>
          resolve(received.tags, Effect.fail(new ServerFailed({ message: `the reply does not fit: ${issue.message}` })))
      })
      .pipe(
        Stream.runForEach(({ data, tags }) => {
          if ("reply" in data) return resolve(tags, Effect.succeed(data.reply))
          if ("failure" in data) return resolve(tags, Effect.fail(data.failure))
          return resolve(tags, Effect.fail(new ServerFailed({ message: data.refused })))
        })
      )
    // Without replies to read, waiting for one would be in vain: every question is told why.
    yield* Effect.forkScoped(
      Effect.catchAllCause(reading, (cause) => {
        ended = cause
        return Effect.forEach(asked.values(), (answer) => Deferred.failCause(answer, cause), { discard: true })
      })
    )

    const ask: Client<Request, Reply, Failure>["ask"] = (request, options) =>
      Effect.suspend(() => {
        if (ended !== undefined) return Effect.failCause(ended)
        const deadline = Duration.decode(options.deadline)
        const question = questionTag(++questions)
        const exchange = Effect.gen(function* () {
          const answer: Answer = yield* Deferred.make<Reply, Failure | ServerFailed | PoolError>()
          asked.set(question, answer)
          const now = yield* Clock.currentTimeMillis
          const message = { request, deadline: now + Duration.toMillis(deadline) }
          const { seq } = yield* Effect.catchTag(
            typedRequests.append(message, { tags: [clientTag(id), question] }),
            "ParseError",
            // The compiler saw to it that the value has the type; only a refinement can refuse it.
            (issue) => Effect.fail(new ServerFailed({ message: `the request does not fit: ${issue.message}` }))
          )
          return yield* Effect.timeoutFail(Deferred.await(answer), {
            duration: deadline,
            onTimeout: () => new DeadlineExceeded({ pool: requests.name, seq, deadline })
          })
        })
        return Effect.ensuring(
          exchange,
          Effect.sync(() => asked.delete(question))
        )
      })

    return { ask }
  })

/**
 * @since 0.1.0
 * @category models
 */
export interface ServeOptions {
  /** Where in the requests to begin. Default: `"now"`; a server that resumes says what comes after the last it handled. */
  readonly from?: TailFrom
  /** Requests handled at the same time. Default: 1. */
  readonly concurrency?: number | "unbounded"
}

/**
 * Handles requests, each with one reply, until interrupted. Whatever goes wrong with one request, its client is told, and
 * the next is handled.
 *
 * @since 0.1.0
 * @category constructors
 */
export const serve = <Request, Reply, Failure, R>(
  { replies, requests }: PoolPair,
  agreed: Protocol<Request, Reply, Failure>,
  handle: (request: Request) => Effect.Effect<Reply, Failure, R>,
  { concurrency = 1, from = "now" }: ServeOptions = {}
): Effect.Effect<void, PoolError, R> => {
  const schemas = envelopes(agreed)
  const typedReplies = TypedPool.make(replies, schemas.reply)

  type Envelope = (typeof schemas.reply)["Type"]
  const send = (asked: ReadonlyArray<string>, reply: Envelope): Effect.Effect<void, PoolError> => {
    const tags = asked.filter(isAddress)
    return Effect.asVoid(
      Effect.catchTag(typedReplies.append(reply, { tags }), "ParseError", (issue) =>
        // That is text, and fits.
        Effect.catchTag(
          typedReplies.append({ refused: `the reply does not fit: ${issue.message}` }, { tags }),
          "ParseError",
          Effect.die
        )
      )
    )
  }

  const answer = (request: Request): Effect.Effect<Envelope, never, R> =>
    Effect.catchAllCause(
      Effect.map(handle(request), (reply): Envelope => ({ reply })),
      (cause) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
        const failure = Cause.failureOrCause(cause)
        return Effect.succeed(
          Either.isLeft(failure)
            ? { failure: failure.left }
            : { refused: `the handler died: ${Cause.pretty(failure.right)}` }
        )
      }
    )

  return TypedPool.make(requests, schemas.request)
    .tail({
      from,
      onMismatch: ({ issue, received }) =>
        received.tags.some(isAddress)
          ? send(received.tags, { refused: `the request does not fit: ${issue.message}` })
          : Effect.void
    })
    .pipe(
      Stream.mapEffect(
        ({ data, tags }) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            now >= data.deadline ? Effect.void : Effect.flatMap(answer(data.request), (reply) => send(tags, reply))
          ),
        { concurrency, unordered: true }
      ),
      Stream.runDrain
    )
}
