/**
 * JavaScript values into payloads. What `JSON.stringify` would write is stored, except that nothing is replaced in
 * silence where JSON has no word for it: that is refused. An integer is stored as one; JavaScript cannot say `1.0`.
 */
import { FloatLiteral } from "../json/FloatLiteral.js"
import { envelopePrefix, placePrefix } from "./envelopePrefix.js"
import { PayloadRefused } from "./PayloadRefused.js"
import { isPlainObject, resolveValue } from "./resolveValue.js"
import { Scratch } from "./Scratch.js"
import { readMembers, writeMembers } from "./writeValue.js"

/** The root is level 1. */
const dataNesting = 2

/** A `toJSON` or a getter that encodes another message meanwhile finds none, and makes its own. */
let idle: Scratch | undefined = new Scratch()

/** Throws `PayloadRefused`. */
export const encodeValue = (data: unknown, tags: ReadonlyArray<string>): Uint8Array => {
  const isPlain = isPlainObject(data)
  const object = isPlain ? data : resolveObject(data)
  const scratch = idle ?? new Scratch()
  idle = undefined
  try {
    scratch.begin()
    const prefix = envelopePrefix(scratch, tags)
    const shape = readMembers(scratch, object, isPlain, prefix.dataPlace)
    prefix.dataPlace = shape.place
    return scratch.take(writeMembers(scratch, shape, placePrefix(scratch, prefix, shape), dataNesting))
  } catch (error) {
    scratch.forget()
    throw error
  } finally {
    idle = scratch
  }
}

const resolveObject = (data: unknown): object => {
  const object = resolveValue(data, "")
  if (typeof object === "object" && object !== null && !Array.isArray(object) && !(object instanceof FloatLiteral)) {
    return object
  }
  throw new PayloadRefused("shape", `message data must be a JSON object, not ${describe(object)}`)
}

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return "an array"
  return `a ${value instanceof FloatLiteral ? "number" : typeof value}`
}
