/**
 * What a server answered, as what the protocol says it is.
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { PoolError } from "../../src/PoolError.js"
import { unexpectedAnswer } from "./peerError.js"

export const decodeAnswer = <A, I>(schema: Schema.Schema<A, I>, answer: unknown): Effect.Effect<A, PoolError> =>
  Either.mapLeft(Schema.decodeUnknownEither(schema)(answer), ({ message }) => unexpectedAnswer(message))
