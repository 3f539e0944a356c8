// What `poke` and `feed` answer once others can read the messages.
import type { AppendedMessage, AppendedRange } from "../src/EncodedPool.js"
import { asRepeated, messageEnvelope, receiptEnvelope } from "../src/internal/envelope.js"
import { decodeText } from "../src/internal/lite3/decodeText.js"
import { formatTimestamp } from "../src/internal/timestamp.js"
import type { PokeArguments } from "./arguments.js"
import { receiptLine } from "./output/envelopes.js"

/** The receipt of a message with a key: of the one that has it, told from one that is new. */
export const keyedReceipt = (
  { spelling }: PokeArguments,
  stdoutIsTerminal: boolean,
  { payload, repeated, seq, tags, timestampHigh, timestampLow }: AppendedMessage
): string => {
  const parts = { seq, time: formatTimestamp(timestampLow, timestampHigh), tags }
  if (stdoutIsTerminal) return `${receiptLine(spelling, parts)}${repeated ? "  (was there before)" : ""}\n`
  const isBrief = spelling === "feed" || payload === undefined
  const receipt = isBrief ? receiptEnvelope(parts) : messageEnvelope(parts, decodeText(payload).dataText)
  return `${repeated ? asRepeated(receipt) : receipt}\n`
}

/** Receipts of messages that were committed together, each a line. */
export const receipts = (
  { spelling, tags }: PokeArguments,
  stdoutIsTerminal: boolean,
  payloads: ReadonlyArray<Uint8Array>,
  range: AppendedRange
): string => {
  const time = formatTimestamp(range.timestampLow, range.timestampHigh)
  let text = ""
  for (let at = 0; at < payloads.length; at++) {
    const parts = { seq: range.firstSeq + at, time, tags }
    if (stdoutIsTerminal) text += receiptLine(spelling, parts)
    else if (spelling === "feed") text += receiptEnvelope(parts)
    else text += messageEnvelope(parts, decodeText(payloads[at]!).dataText)
    text += "\n"
  }
  return text
}
