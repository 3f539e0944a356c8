/**
 * The JSON text of a message as filters, terminals and wires see it, members in the order promised. Numbers in `data`
 * keep the digits they have in the file.
 */
import type { StoredMessage } from "../EncodedPool.js"
import { spanText } from "./lite3/decodeText.js"
import { payloadSpan } from "./ring/copyFrames.js"
import { formatTimestamp } from "./timestamp.js"

/** What an envelope says of a message besides its payload. */
export interface EnvelopeParts {
  readonly seq: number
  /** RFC 3339. */
  readonly time: string
  readonly tags: ReadonlyArray<string>
}

/** `{"seq":…,"time":"…","meta":{"tags":[…]},"data":{…}}`; `dataText` is the payload as compact JSON text. */
export const messageEnvelope = (parts: EnvelopeParts, dataText: string): string =>
  `${envelopeHead(parts)},"data":${dataText}}`

/** The same without `data`: the receipt of an append. */
export const receiptEnvelope = (parts: EnvelopeParts): string => `${envelopeHead(parts)}}`

/** The same text, which is an object, with the word that the message was there before. */
export const asRepeated = (envelope: string): string => `${envelope.slice(0, -1)},"repeated":true}`

/** Most messages have no tags, or one. */
const envelopeHead = ({ seq, tags, time }: EnvelopeParts): string =>
  `{"seq":${seq},"time":"${time}","meta":{"tags":${tags.length === 0 ? "[]" : JSON.stringify(tags)}}`

/** The envelope of a stored message. Throws `Corrupt` when its payload is damaged. */
export const envelopeText = (message: StoredMessage): string => {
  const { seq, timestampHigh, timestampLow } = message
  const { dataText, tags } = spanText(payloadSpan(message))
  return messageEnvelope({ seq, time: formatTimestamp(timestampLow, timestampHigh), tags }, dataText)
}
