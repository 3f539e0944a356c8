// A stored message as the text that `peek` and `get` print. Digits stay as they are in the file.
import type { StoredMessage } from "../src/EncodedPool.js"
import { envelopeText } from "../src/internal/envelope.js"
import { spanText } from "../src/internal/lite3/decodeText.js"
import { payloadSpan } from "../src/internal/ring/copyFrames.js"
import { damagedPayload } from "../src/internal/selectMessages.js"
import { isPoolError, type PoolError } from "../src/PoolError.js"

/** Compact JSON text: the whole message, or its payload alone. Throws `Corrupt` when the payload is damaged. */
export const messageText = (message: StoredMessage, dataOnly: boolean): string =>
  dataOnly ? spanText(payloadSpan(message)).dataText : envelopeText(message)

/** The text, or why there is none. */
export const messageTextOrDamage = (message: StoredMessage, dataOnly: boolean, path: string): string | PoolError => {
  try {
    return messageText(message, dataOnly)
  } catch (error) {
    if (isPoolError(error)) return damagedPayload(error, message.seq, path)
    throw error
  }
}
