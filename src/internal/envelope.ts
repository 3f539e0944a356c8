/**
 * The JSON text of a message as filters, terminals and wires see it, members in the order promised. Numbers in `data`
 * keep the digits they have in the file.
 */
import type { StoredMessage } from "../EncodedPool.js"
import { PayloadReader } from "./lite3/PayloadReader.js"
import { readEnvelope } from "./lite3/readEnvelope.js"
import { TextBytes } from "./lite3/TextBytes.js"
import { writeDataText } from "./lite3/writeText.js"
import { payloadSpan } from "./ring/copyFrames.js"
import { writeTimestamp } from "./timestamp.js"

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

const encoder = new TextEncoder()
const pieces = {
  seq: encoder.encode('{"seq":'),
  time: encoder.encode(',"time":"'),
  noTags: encoder.encode('","meta":{"tags":[]},"data":'),
  tags: encoder.encode('","meta":{"tags":'),
  data: encoder.encode('},"data":')
} as const
const closingBrace = 0x7d

/** Adds the envelope of a stored message. Throws `Corrupt` when its payload is damaged; part of it is written then. */
export const writeEnvelope = (message: StoredMessage, target: TextBytes): void => {
  const reader = new PayloadReader(payloadSpan(message))
  const { data, tags } = readEnvelope(reader)
  target.copy(pieces.seq)
  target.count(message.seq)
  target.copy(pieces.time)
  writeTimestamp(message.timestampLow, message.timestampHigh, target)
  if (tags.length === 0) target.copy(pieces.noTags)
  else {
    target.copy(pieces.tags)
    target.text(JSON.stringify(tags))
    target.copy(pieces.data)
  }
  writeDataText(reader, data, target)
  target.byte(closingBrace)
}

/** Adds the text of its payload alone. Throws `Corrupt`, likewise. */
export const writeData = (message: StoredMessage, target: TextBytes): void => {
  const reader = new PayloadReader(payloadSpan(message))
  writeDataText(reader, readEnvelope(reader).data, target)
}

/** Nobody is called while it is in use. */
const written = new TextBytes()

/** The envelope of a stored message as a string. Throws `Corrupt` when its payload is damaged. */
export const envelopeText = (message: StoredMessage): string => {
  written.clear()
  writeEnvelope(message, written)
  return written.textFrom(0)
}
