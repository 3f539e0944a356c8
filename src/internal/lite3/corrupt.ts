/** How the codec reports damaged bytes. Whose bytes they are is added by those who know. */
import { PoolError } from "../../PoolError.js"

/** `message` says which rule of the format is broken; the position is a byte offset within the payload. */
export const corrupt = (message: string, position?: number): PoolError =>
  new PoolError({
    reason: "Corrupt",
    message: position === undefined ? message : `${message} (byte ${position} of the payload)`,
    hint: "This message was damaged, or written by something that does not keep to the format."
  })
