/** The tags of a payload, without touching its data: enough to decide whether a message is wanted. */
import { PayloadReader } from "./PayloadReader.js"
import { spanOf } from "./PayloadSpan.js"
import { readEnvelope } from "./readEnvelope.js"

/** Throws `Corrupt`. */
export const decodeTags = (payload: Uint8Array): ReadonlyArray<string> =>
  readEnvelope(new PayloadReader(spanOf(payload))).tags
