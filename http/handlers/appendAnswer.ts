/**
 * What an append counts and answers, however the message came and with whom it was appended.
 */
import * as Effect from "effect/Effect"
import { messageEnvelope, receiptEnvelope } from "../../src/internal/envelope.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import type { AppendedMessage, AppendedRange } from "../../src/EncodedPool.js"
import type { Exchange } from "../server/Exchange.js"
import * as Metrics from "../server/metrics.js"

/** The message as it is stored, with the number it got; or the first with its key, which is told beside it. */
export const answerMessage = (
  exchange: Exchange,
  payload: Uint8Array,
  { timestampHigh, timestampLow }: Pick<AppendedRange, "timestampHigh" | "timestampLow">,
  seq: number,
  repeated = false
): void => {
  const { dataText, tags } = decodeText(payload)
  const time = formatTimestamp(timestampLow, timestampHigh)
  const message = messageEnvelope({ seq, time, tags }, dataText)
  exchange.json(200, repeated ? `{"message":${message},"repeated":true}` : `{"message":${message}}`)
}

/** Whose messages have keys gets a receipt for each; one that was repeated has the data of the first message. */
export const answerReceipts = (exchange: Exchange, messages: ReadonlyArray<AppendedMessage>): void => {
  const receipts = messages.map(({ payload, repeated, seq, timestampHigh, timestampLow }) => {
    const { dataText, tags } = decodeText(payload)
    const parts = { seq, time: formatTimestamp(timestampLow, timestampHigh), tags }
    return repeated ? `${messageEnvelope(parts, dataText).slice(0, -1)},"repeated":true}` : receiptEnvelope(parts)
  })
  exchange.json(200, `{"receipts":[${receipts.join(",")}]}`)
}

export const answerRange = (
  exchange: Exchange,
  { count, firstSeq, timestampHigh, timestampLow }: AppendedRange
): void => {
  const time = formatTimestamp(timestampLow, timestampHigh)
  exchange.json(
    200,
    `{"appended":{"first_seq":${firstSeq},"last_seq":${firstSeq + count - 1},"count":${count},"time":"${time}"}}`
  )
}

/** What was there before is not counted again. */
export const countKeyed = (messages: ReadonlyArray<AppendedMessage>): void =>
  countAppended(messages.flatMap(({ payload, repeated }) => (repeated ? [] : [payload])))

export const logRepaired = ({ repaired }: Pick<AppendedRange, "repaired">): Effect.Effect<void> =>
  repaired === undefined ? Effect.void : Effect.logWarning(`repaired ${repaired}`)

export const countAppended = (payloads: ReadonlyArray<Uint8Array>): void => {
  let bytes = 0
  for (const payload of payloads) bytes += payload.length
  Metrics.add(Metrics.appendedMessages, payloads.length)
  Metrics.add(Metrics.appendedBytes, bytes)
}
