/**
 * What an append counts and answers, however the message came and with whom it was appended.
 */
import { messageEnvelope } from "../../src/internal/envelope.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import type { AppendedRange } from "../../src/EncodedPool.js"
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

export const countAppended = (payloads: ReadonlyArray<Uint8Array>): void => {
  let bytes = 0
  for (const payload of payloads) bytes += payload.length
  Metrics.add(Metrics.appendedMessages, payloads.length)
  Metrics.add(Metrics.appendedBytes, bytes)
}
