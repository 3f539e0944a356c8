/**
 * The endpoints that append and read single messages: the hot ones. Text goes to bytes and back without passing
 * through JavaScript numbers; one Effect a request.
 */
import * as Effect from "effect/Effect"
import { envelopeText } from "../../src/internal/envelope.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { damagedPayload } from "../../src/internal/selectMessages.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import type { DurabilityMode } from "../../src/Durability.js"
import type { AppendedRange, KeyedPayload } from "../../src/EncodedPool.js"
import type { Pool } from "../../src/Pool.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import * as MediaTypes from "../api/mediaTypes.js"
import type { Exchange } from "../server/Exchange.js"
import type { ServerState } from "../server/ServerState.js"
import type { Refusal } from "../server/wireError.js"
import { refuse, usage } from "../server/wireError.js"
import {
  answerMessage,
  answerRange,
  answerReceipts,
  countAppended,
  countKeyed,
  logRepaired,
  withheld
} from "./appendAnswer.js"
import type { AppendRequest } from "./appendBody.js"
import { checkPayload, durabilityOf, parseAppendLines, parseFrames } from "./appendBody.js"
import type { AppendGroups } from "./appendGroups.js"
import type { Handler } from "./Handler.js"
import { attempt, isJson, poolFileOf, suspend } from "./Handler.js"
import { bodyText } from "./jsonBody.js"

const lineTypes: ReadonlySet<string> = new Set([MediaTypes.ndjson, "application/ndjson", MediaTypes.jsonLines])

/** A body of one message as JSON: the hot one, which takes no Effect of its own. */
export const isSingleAppend = ({ mediaType }: Exchange): boolean => mediaType !== undefined && isJson(mediaType)

/** Throws what refuses the request; returns what to call when the client leaves. */
export const appendSingle =
  (groups: AppendGroups) =>
  (exchange: Exchange, parameters: ReadonlyArray<string>): (() => void) => {
    const file = poolFileOf(parameters)
    let leave = exchange.receive(
      (bytes) => {
        try {
          leave = groups.add(file, exchange, bytes)
        } catch (error) {
          exchange.fail(error)
        }
      },
      (refusal) => exchange.fail(refusal)
    )
    return () => leave()
  }

/** The other bodies of an append. */
export const append =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const file = poolFileOf(parameters)
      const { mediaType } = exchange
      if (mediaType !== undefined && lineTypes.has(mediaType)) {
        const durability = queryDurability(exchange)
        return appendTo(state, exchange, file, answerRange, (bytes) => ({
          messages: parseAppendLines(bodyText(bytes)),
          durability
        }))
      }
      throw refuse(
        415,
        "the body must be declared as JSON or NDJSON",
        `Send the header content-type: ${MediaTypes.json}, or ${MediaTypes.ndjson} for a message a line.`
      )
    })

export const appendEncoded =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const file = poolFileOf(parameters)
      const { mediaType } = exchange
      const durability = queryDurability(exchange)
      if (mediaType === MediaTypes.frames) {
        return appendTo(state, exchange, file, answerRange, (bytes) => ({
          messages: parseFrames(bytes).map((payload) => ({ payload })),
          durability
        }))
      }
      if (mediaType === undefined) refuseBrowser(exchange)
      else if (!mediaType.startsWith(MediaTypes.payload)) {
        throw usage("invalid content-type for lite3 append", `Send the header content-type: ${MediaTypes.payload}.`)
      }
      return appendTo(state, exchange, file, answerOne, (bytes) => ({
        messages: [{ payload: checkPayload(bytes) }],
        durability
      }))
    })

/** A page of another site can post without a media type, and without being asked; a program names its own. */
const refuseBrowser = ({ request }: Exchange): void => {
  if (request.headers.origin === undefined && request.headers["sec-fetch-site"] === undefined) return
  throw refuse(415, "a browser must name the media type", `Send the header content-type: ${MediaTypes.payload}.`)
}

const queryDurability = ({ query }: Exchange): DurabilityMode =>
  query === "" ? "fast" : durabilityOf(new URLSearchParams(query).get("durability"))

type Answer = (exchange: Exchange, range: AppendedRange, payloads: ReadonlyArray<Uint8Array>) => void

const answerOne: Answer = (exchange, range, [payload]) => answerMessage(exchange, payload!, range, range.firstSeq)

/** The pool is opened before its payload is looked at: a damaged pool is the greater trouble. */
const appendTo = (
  state: ServerState,
  exchange: Exchange,
  file: string,
  answer: Answer,
  parse: (bytes: Buffer) => AppendRequest
): Effect.Effect<void, PoolError | Refusal> =>
  Effect.flatMap(exchange.readBody, (bytes) =>
    state.withPool(file, (pool) =>
      Effect.flatMap(
        attempt(() => parse(bytes)),
        ({ durability, messages }) => {
          if (messages.some(({ key }) => key !== undefined))
            return appendKeyed(state, pool, exchange, messages, durability)
          const payloads = messages.map(({ payload }) => payload)
          return Effect.flatMap(pool.encoded.append(payloads, durability), (range) => {
            countAppended(payloads)
            answer(exchange, range, payloads)
            return logRepaired(range)
          })
        }
      )
    )
  )

const appendKeyed = (
  state: ServerState,
  pool: Pool,
  exchange: Exchange,
  messages: ReadonlyArray<KeyedPayload>,
  durability: DurabilityMode
): Effect.Effect<void, PoolError | Refusal> =>
  Effect.flatMap(pool.encoded.appendKeyed(messages, durability), (appended) => {
    const isTold = state.options.access !== "write-only"
    const told = appended.messages.map((message, index) => withheld(message, messages[index]!.key, isTold))
    countKeyed(appended.messages)
    return Effect.zipRight(
      attempt(() => answerReceipts(exchange, told)),
      logRepaired(appended)
    )
  })

export const get =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const seq = seqOf(parameters[1])
      return state.withPool(poolFileOf(parameters), (pool) =>
        Effect.flatMap(pool.encoded.get(seq), (stored) =>
          provedWhole(seq, () => exchange.json(200, `{"message":${envelopeText(stored)}}`))
        )
      )
    })

export const getEncoded =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    suspend(() => {
      const seq = seqOf(parameters[1])
      return state.withPool(poolFileOf(parameters), (pool) =>
        Effect.flatMap(pool.encoded.get(seq), ({ payload, timestampHigh, timestampLow }) =>
          provedWhole(seq, () => {
            validatePayload(payload)
            const time = formatTimestamp(timestampLow, timestampHigh)
            exchange.bytes(MediaTypes.payload, payload, ["plasmite-seq", String(seq), "plasmite-time", time])
          })
        )
      )
    })

/** A payload knows what is wrong with it, not whose it is. */
const provedWhole = (seq: number, body: () => void): Effect.Effect<void, PoolError | Refusal> =>
  Effect.mapError(attempt(body), (error) => (isPoolError(error) ? damagedPayload(error, seq) : error))

/** Throws `Usage` for what is no number of 64 bits, and `NotFound` for one that no pool ever reaches. */
const seqOf = (segment = ""): number => {
  if (!/^\d{1,20}$/.test(segment) || BigInt(segment) >= 2n ** 64n) {
    throw usage(`${JSON.stringify(segment)} is not the number of a message`, "Numbers count from 1.")
  }
  const seq = Number(segment)
  if (Number.isSafeInteger(seq)) return seq
  throw new PoolError({ reason: "NotFound", message: `message ${segment} does not exist` })
}
