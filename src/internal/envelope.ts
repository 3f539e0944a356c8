/**
 * The JSON text of a message as filters, terminals and wires see it. Numbers in `data` keep the digits they have
 * in the file.
 */
import type { StoredMessage } from "../EncodedPool.js"
import { decodeText } from "./lite3/decodeText.js"
import { formatTimestamp } from "./timestamp.js"

/** `{"seq":…,"time":"…","meta":{"tags":[…]},"data":{…}}`. Throws `Corrupt` when the payload is damaged. */
export const envelopeText = (message: StoredMessage): string => {
  const { dataText, tags } = decodeText(message.payload)
  const time = formatTimestamp(message.timestampLow, message.timestampHigh)
  return `{"seq":${message.seq},"time":"${time}","meta":{"tags":${tagsText(tags)}},"data":${dataText}}`
}

/** Most messages have no tags, or one. */
export const tagsText = (tags: ReadonlyArray<string>): string => (tags.length === 0 ? "[]" : JSON.stringify(tags))
