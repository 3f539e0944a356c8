/** The tags of a payload, without touching its data: enough to decide whether a message is wanted. */
import { PayloadReader } from "./PayloadReader.js"
import { readEnvelope } from "./readEnvelope.js"

/** Throws `Corrupt`. */
export const decodeTags = (payload: Uint8Array): Array<string> => readEnvelope(new PayloadReader(payload)).tags
