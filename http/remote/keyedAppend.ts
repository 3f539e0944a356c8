/**
 * Appends with keys to the pool of another machine. They travel as JSON, which has a place for the key. A lost answer is
 * no riddle here: what was appended is found by its key when it is sent again, so it is.
 */
import * as Effect from "effect/Effect"
import type { DurabilityMode } from "../../src/Durability.js"
import type { AppendedMessage, AppendedMessages, KeyedPayload } from "../../src/EncodedPool.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { parseText } from "../../src/internal/lite3/encodeText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { tagOfKey } from "../../src/internal/messageKey.js"
import { parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import { attempt } from "../../src/internal/withLock.js"
import { PoolError } from "../../src/PoolError.js"
import * as MediaTypes from "../api/mediaTypes.js"
import { Pauses } from "./passing.js"
import { gatewayFailures, member, unexpectedAnswer, perhapsTls } from "./peerError.js"
import type { Wire, WireRequest } from "./Wire.js"

/** With the pauses between them, 4 to 8 s: long enough for a server to start anew. */
const mostRepeats = 5

export interface KeyedTarget {
  readonly wire: Wire
  /** The route of the pool. */
  readonly base: string
  readonly about: string
  /** Whether a request whose answer was lost is sent again. */
  readonly repeats: boolean
}

/** Fails with `Usage`, and sends no message, where the server knows of no keys. */
export const appendKeyed = (
  target: KeyedTarget,
  messages: ReadonlyArray<KeyedPayload>,
  durability: DurabilityMode
): Effect.Effect<AppendedMessages, PoolError> => {
  const sent = Effect.zipRight(
    assertKeysKnown(target),
    Effect.flatMap(
      attempt(() => requestOf(target, messages, durability)),
      (request) => target.wire.exchange(request)
    )
  )
  const appended = Effect.flatMap(sent, ({ body }) => attempt(() => readAnswer(body.toString("utf8"), messages)))
  if (!target.repeats) return appended
  return Effect.suspend(() => {
    const pauses = new Pauses()
    let repeats = 0
    const again: Effect.Effect<AppendedMessages, PoolError> = Effect.catchIf(appended, isLostConnection, (error) =>
      repeats++ < mostRepeats ? Effect.zipRight(pauses.next, again) : Effect.fail(error)
    )
    return again
  })
}

/** What the server itself says of its disk is no matter of the connection, and has no causes. */
const isLostConnection = ({ causes = [], reason }: PoolError): boolean =>
  (reason === "Io" && causes.length > 0) || causes.some((cause) => gatewayFailures.has(cause))

/** Any answer tells, also a refusal; before the first one, one is asked for. */
const assertKeysKnown = ({ about, wire }: KeyedTarget): Effect.Effect<void, PoolError> =>
  Effect.suspend(() => {
    const asked =
      wire.features === undefined
        ? Effect.catchIf(
            wire.exchange({ method: "GET", target: "/healthz", about }),
            () => wire.features !== undefined,
            () => Effect.void
          )
        : Effect.void
    return Effect.flatMap(asked, () =>
      wire.features?.has("append-key") === true ? Effect.void : Effect.fail(keysUnknown(wire, about))
    )
  })

const keysUnknown = (wire: Wire, about: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the server at ${wire.url.origin} knows of no keys; nothing was appended`,
    hint: "Append without a key, and look into the pool before you repeat what may be there; or run the server of this package.",
    path: about
  })

const requestOf = (
  { about, base, wire }: KeyedTarget,
  messages: ReadonlyArray<KeyedPayload>,
  durability: DurabilityMode
): WireRequest => {
  const lines = messages.map(({ key, payload }) => {
    const { dataText, tags } = decodeText(payload)
    const keyMember = key === undefined ? "" : `,"key":${JSON.stringify(key)}`
    return `{"data":${dataText},"tags":${JSON.stringify(tags)}${keyMember}`
  })
  const query = durability === "fast" || lines.length === 1 ? "" : `?durability=${durability}`
  return {
    method: "POST",
    target: `${base}/append${query}`,
    about,
    body:
      lines.length === 1 ? `${lines[0]!},"durability":"${durability}"}` : lines.map((line) => `${line}}\n`).join(""),
    mediaType: lines.length === 1 ? MediaTypes.json : MediaTypes.ndjson,
    unanswered: (why) => unknownOutcome(wire, about, why)
  }
}

const unknownOutcome = (wire: Wire, about: string, why: string): PoolError =>
  new PoolError({
    reason: "Io",
    message: `lost the connection to ${wire.url.origin} before it answered (${why}): what was sent may be stored, or not`,
    hint: `Send it again with the same key: it is stored once.${perhapsTls(wire.url)}`,
    path: about,
    causes: [why]
  })

const readAnswer = (text: string, sent: ReadonlyArray<KeyedPayload>): AppendedMessages => {
  try {
    return readReceipts(parseText(text), sent)
  } catch (error) {
    throw error instanceof PayloadRefused ? unexpectedAnswer(error.message) : error
  }
}

const readReceipts = (answer: unknown, sent: ReadonlyArray<KeyedPayload>): AppendedMessages => {
  const message = member(answer, "message")
  const isRepeated = member(answer, "repeated") === true
  const receipts = message === undefined ? member(answer, "receipts") : [message]
  if (!Array.isArray(receipts) || receipts.length !== sent.length)
    throw unexpectedAnswer("it is not about what was sent")
  return {
    messages: receipts.map((receipt: unknown, index) =>
      readReceipt(receipt, sent[index]!, isRepeated || member(receipt, "repeated") === true)
    )
  }
}

/** Of a message that was there before, the answer tells all; of one that is new, we know the rest. */
const readReceipt = (receipt: unknown, { key, payload }: KeyedPayload, repeated: boolean): AppendedMessage => {
  const seq = member(receipt, "seq")
  const time = member(receipt, "time")
  const tags = member(member(receipt, "meta"), "tags")
  const nanoseconds = typeof time === "string" ? parseRfc3339Nanoseconds(time) : undefined
  if (typeof seq !== "number" || nanoseconds === undefined || !isTags(tags)) {
    throw unexpectedAnswer("an append without number, time or tags")
  }
  if (key !== undefined && !tags.includes(tagOfKey(key))) throw unexpectedAnswer(`message ${seq} does not have its key`)
  const { high, low } = fromNanoseconds(nanoseconds)
  const data = member(receipt, "data")
  const first = data === undefined ? undefined : encodeValue(data, tags)
  return { seq, timestampLow: low, timestampHigh: high, tags, payload: repeated ? first : payload, repeated }
}

const isTags = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((tag) => typeof tag === "string")
