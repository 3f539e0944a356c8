/**
 * What is wrong with the bytes of a payload, in words, or `undefined`. The ring does not know what a document is; it
 * asks this before it takes the message of a dead writer for whole.
 */
import { isPoolError } from "../PoolError.js"
import { validatePayload } from "./lite3/validate.js"

export const payloadProblem = (payload: Uint8Array): string | undefined => {
  try {
    validatePayload(payload)
    return undefined
  } catch (error) {
    if (isPoolError(error)) return error.message
    throw error
  }
}
