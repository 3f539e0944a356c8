/**
 * What an append counts and answers, however the message came and with whom it was appended.
 */
import * as Effect from "effect/Effect"
import type { EnvelopeParts } from "../../src/internal/envelope.js"
import { asRepeated, messageEnvelope, receiptEnvelope } from "../../src/internal/envelope.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { tagOfKey } from "../../src/internal/messageKey.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import type { AppendedMessage, AppendedRange } from "../../src/EncodedPool.js"
import type { Exchange } from "../server/Exchange.js"
import * as Metrics from "../server/metrics.js"

/** The message as it is stored, with the number it got. */
export const answerMessage = (
  exchange: Exchange,
  payload: Uint8Array,
  { timestampHigh, timestampLow }: AppendedRange,
  seq: number
): void => {
  const { dataText, tags } = decodeText(payload)
  const time = formatTimestamp(timestampLow, timestampHigh)
  exchange.json(200, `{"message":${messageEnvelope({ seq, time, tags }, dataText)}}`)
}

/** Who may only write is not told what others wrote: nothing of the message that was there before but that it is there. */
export const withheld = (message: AppendedMessage, key: string | undefined, isTold: boolean): AppendedMessage =>
  isTold || !message.repeated
    ? message
    : { ...message, payload: undefined, tags: key === undefined ? [] : [tagOfKey(key)] }

/** The message as it is stored, or the first with its key, which is told beside it. */
export const answerKeyed = (exchange: Exchange, message: AppendedMessage): void => {
  if (message.payload === undefined) return answerReceipts(exchange, [message])
  const { dataText } = decodeText(message.payload)
  const answer = `{"message":${messageEnvelope(partsOf(message), dataText)}}`
  exchange.json(200, message.repeated ? asRepeated(answer) : answer)
}

/** Whose messages have keys gets a receipt for each; one that was repeated has the data of the first message. */
export const answerReceipts = (exchange: Exchange, messages: ReadonlyArray<AppendedMessage>): void => {
  exchange.json(200, `{"receipts":[${messages.map(receiptText).join(",")}]}`)
}

const receiptText = (message: AppendedMessage): string => {
  const parts = partsOf(message)
  if (!message.repeated) return receiptEnvelope(parts)
  const { payload } = message
  const text = payload === undefined ? receiptEnvelope(parts) : messageEnvelope(parts, decodeText(payload).dataText)
  return asRepeated(text)
}

const partsOf = ({ seq, tags, timestampHigh, timestampLow }: AppendedMessage): EnvelopeParts => ({
  seq,
  time: formatTimestamp(timestampLow, timestampHigh),
  tags
})

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
  countAppended(messages.flatMap(({ payload, repeated }) => (repeated || payload === undefined ? [] : [payload])))

export const logRepaired = ({ repaired }: Pick<AppendedRange, "repaired">): Effect.Effect<void> =>
  repaired === undefined ? Effect.void : Effect.logWarning(`repaired ${repaired}`)

export const countAppended = (payloads: ReadonlyArray<Uint8Array>): void => {
  let bytes = 0
  for (const payload of payloads) bytes += payload.length
  Metrics.add(Metrics.appendedMessages, payloads.length)
  Metrics.add(Metrics.appendedBytes, bytes)
}
