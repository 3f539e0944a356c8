/**
 * Small JSON bodies, as what their schema says they are.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isUtf8 } from "node:buffer"
import type { PoolError } from "../../src/PoolError.js"
import type { Exchange } from "../server/Exchange.js"
import type { Refusal } from "../server/wireError.js"
import { usage } from "../server/wireError.js"
import { attempt, requireJson } from "./Handler.js"

/** The body as what the schema says. Unknown members are none of our business. */
export const readJson = <A, I>(
  exchange: Exchange,
  schema: Schema.Schema<A, I>
): Effect.Effect<A, PoolError | Refusal> =>
  Effect.gen(function* () {
    yield* attempt(() => requireJson(exchange))
    const bytes = yield* exchange.readBody
    const value = yield* attempt(() => parse(bodyText(bytes)))
    return yield* Either.mapLeft(Schema.decodeUnknownEither(schema)(value), (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      const where = issue === undefined || issue.path.length === 0 ? "the body" : issue.path.join(".")
      return usage(`${where}: ${issue?.message ?? "is not what it should be"}`)
    })
  })

/** Throws `Usage` for bytes that are no UTF-8: what would be put in their place is nothing that anybody sent. */
export const bodyText = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw usage("the body is not UTF-8", "JSON is; send other bytes as base64 in a string.")
  return bytes.toString("utf8")
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw usage(`the body is not JSON: ${error instanceof SyntaxError ? error.message : "it cannot be read"}`)
  }
}
