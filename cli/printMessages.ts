// A stored message as the text that `peek` and `get` print. Digits stay as they are in the file.
import type { StoredMessage } from "../src/EncodedPool.js"
import { writeData, writeEnvelope } from "../src/internal/envelope.js"
import { TextBytes } from "../src/internal/lite3/TextBytes.js"
import { damagedPayload } from "../src/internal/selectMessages.js"
import { isPoolError, type PoolError } from "../src/PoolError.js"

/**
 * Adds compact JSON text: the whole message, or its payload alone. Where the payload is damaged, says so, and nothing is
 * added.
 */
export const writeMessage = (
  message: StoredMessage,
  dataOnly: boolean,
  path: string,
  target: TextBytes
): PoolError | undefined => {
  const { length } = target
  try {
    if (dataOnly) writeData(message, target)
    else writeEnvelope(message, target)
    return undefined
  } catch (error) {
    target.length = length
    if (isPoolError(error)) return damagedPayload(error, message.seq, path)
    throw error
  }
}

/** The text, or why there is none. */
export const messageTextOrDamage = (message: StoredMessage, dataOnly: boolean, path: string): string | PoolError => {
  const target = new TextBytes()
  return writeMessage(message, dataOnly, path, target) ?? target.textFrom(0)
}
