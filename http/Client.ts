/**
 * A typed client of the API, made of its declaration: one method for each endpoint. For programs that speak the protocol
 * itself; those that want pools take `RemotePools`. Streams are the part that the declaration cannot say, so `tail`
 * is written here.
 *
 * @since 0.1.0
 */
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { PoolError } from "../src/PoolError.js"
import { Api } from "./Api.js"
import { Message } from "./api/models.js"
import { TailQuery } from "./api/parameters.js"
import { envelopeError, errorOfAnswer, parse, unexpectedAnswer } from "./remote/peerError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface ClientOptions {
  /** `http://127.0.0.1:9700` */
  readonly url: string
  readonly token?: string
}

const addressed =
  ({ token, url }: ClientOptions) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    client.pipe(
      HttpClient.mapRequest(HttpClientRequest.prependUrl(url)),
      token === undefined ? (same) => same : HttpClient.mapRequest(HttpClientRequest.bearerToken(token))
    )

/**
 * The client over whatever `HttpClient` is provided: `client.pools.list()`, `client.messages.append({ path, payload })`.
 * Refusals are typed by their status.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: ClientOptions) => HttpApiClient.make(Api, { transformClient: addressed(options) })

/**
 * Messages of one tail, until the server ends it; nothing is asked again. An error line, or a refusal, is the failure of the
 * stream.
 *
 * @since 0.1.0
 * @category constructors
 */
export const tail = (
  options: ClientOptions,
  pool: string,
  query: typeof TailQuery.Type = {}
): Stream.Stream<typeof Message.Type, PoolError, HttpClient.HttpClient> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const client = addressed(options)(yield* HttpClient.HttpClient)
      const parameters = yield* Either.mapLeft(Schema.encodeEither(TailQuery)(query), ({ message }) => wrong(message))
      const target = `/v0/pools/${encodeURIComponent(pool)}/tail`
      const request = HttpClientRequest.get(target).pipe(HttpClientRequest.setUrlParams(parameters))
      const response = yield* Effect.mapError(client.execute(request), unreachable)
      if (response.status !== 200) {
        return yield* Effect.flatMap(Effect.mapError(response.text, unreachable), (text) =>
          Effect.fail(errorOfAnswer(response.status, text, pool))
        )
      }
      return response.stream.pipe(
        Stream.mapError(unreachable),
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line !== ""),
        Stream.mapEffect((line) => readLine(line, pool))
      )
    })
  )

const decodeMessage = Schema.decodeUnknownEither(Message)

const readLine = (line: string, pool: string): Effect.Effect<typeof Message.Type, PoolError> =>
  Effect.suspend(() => {
    const failure = envelopeError(line, pool)
    if (failure !== undefined) return Effect.fail(failure)
    return Either.mapLeft(decodeMessage(parse(line)), () => unexpectedAnswer(`the line ${line.slice(0, 100)}`))
  })

const wrong = (message: string): PoolError => new PoolError({ reason: "Usage", message })

const unreachable = ({ message }: { readonly message: string }): PoolError =>
  new PoolError({ reason: "Io", message, hint: "Check the server's address, and that it is running." })
