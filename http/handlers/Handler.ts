/**
 * What serves an endpoint: an Effect that answers the exchange, or fails with why it does not. `parameters` are the
 * segments of the path that stand for something, not yet decoded.
 */
import * as Effect from "effect/Effect"
import { isPoolError } from "../../src/PoolError.js"
import type { PoolError } from "../../src/PoolError.js"
import type { Exchange } from "../server/Exchange.js"
import { decodeSegment, poolFileName } from "../server/poolName.js"
import { Refusal, refuse } from "../server/wireError.js"

export type Handler = (
  exchange: Exchange,
  parameters: ReadonlyArray<string>
) => Effect.Effect<void, PoolError | Refusal>

type Work<A> = Effect.Effect<A, PoolError | Refusal>

/** `Effect.suspend` for code that throws: what it throws is the failure; but a defect, when it is no refusal. */
export const suspend = <A>(body: () => Work<A>): Work<A> =>
  Effect.suspend(() => {
    try {
      return body()
    } catch (error) {
      return isPoolError(error) || error instanceof Refusal ? Effect.fail(error) : Effect.die(error)
    }
  })

/** The value of synchronous code, or what it throws as the failure. */
export const attempt = <A>(body: () => A): Work<A> => suspend(() => Effect.succeed(body()))

/** So many names are known by heart, if they are short; with one more, all are forgotten. */
const keptFiles = 256
const keptSegmentLength = 100
const files = new Map<string, string>()

/** The file of the pool that the first parameter names. Throws `Usage`. */
export const poolFileOf = (parameters: ReadonlyArray<string>): string => {
  const segment = parameters[0] ?? ""
  const kept = files.get(segment)
  if (kept !== undefined) return kept
  const file = poolFileName(decodeSegment(segment))
  if (segment.length <= keptSegmentLength) {
    if (files.size >= keptFiles) files.clear()
    files.set(segment, file)
  }
  return file
}

/** Throws 415 unless the body is declared as JSON. */
export const requireJson = (exchange: Exchange): void => {
  const { mediaType } = exchange
  if (mediaType !== undefined && isJson(mediaType)) return
  throw refuse(415, "the body must be declared as JSON", "Send the header content-type: application/json.")
}

export const isJson = (mediaType: string): boolean =>
  mediaType === "application/json" || /^application\/[^/]+\+json$/.test(mediaType)
