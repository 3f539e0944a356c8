/** Whether a payload that came from elsewhere may enter a pool, or is still what it was. */
import { checkValue } from "./checkValue.js"
import { corrupt } from "./corrupt.js"
import { ValueType } from "./layout.js"
import { PayloadReader } from "./PayloadReader.js"
import { spanOf } from "./PayloadSpan.js"
import { readEnvelope, rootNesting } from "./readEnvelope.js"

/** Throws `Corrupt` with the first broken rule. Takes time and memory in proportion to the payload, whatever it says. */
export const validatePayload = (payload: Uint8Array): void => {
  const reader = new PayloadReader(spanOf(payload))
  const { data } = readEnvelope(reader)
  if (reader.valueType(data) !== ValueType.Object) throw corrupt("the data of the payload is not an object", data)
  checkValue(reader, data, rootNesting)
}
