/**
 * JavaScript values into payloads. What `JSON.stringify` would write is stored, except that nothing is replaced in
 * silence where JSON has no word for it: that is refused. An integer is stored as one; JavaScript cannot say `1.0`.
 */
import { FloatLiteral } from "../json/FloatLiteral.js"
import { envelopePrefix } from "./envelopePrefix.js"
import { PayloadRefused } from "./PayloadRefused.js"
import { resolveValue } from "./resolveValue.js"
import { Scratch } from "./Scratch.js"
import { writeObject } from "./writeValue.js"

/** The root is level 1. */
const dataNesting = 2

/** A `toJSON` or a getter that encodes another message meanwhile finds none, and makes its own. */
let idle: Scratch | undefined = new Scratch()

/** Throws `PayloadRefused`. */
export const encodeValue = (data: unknown, tags: ReadonlyArray<string>): Uint8Array => {
  const object = resolveValue(data, "")
  if (typeof object !== "object" || object === null || Array.isArray(object) || object instanceof FloatLiteral) {
    throw new PayloadRefused("shape", `message data must be a JSON object, not ${describe(object)}`)
  }
  const scratch = idle ?? new Scratch()
  idle = undefined
  try {
    scratch.begin(envelopePrefix(scratch, tags))
    writeObject(scratch, object, dataNesting)
    return scratch.take()
  } finally {
    idle = scratch
  }
}

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return "an array"
  return `a ${value instanceof FloatLiteral ? "number" : typeof value}`
}
