/**
 * JavaScript values into payloads. What `JSON.stringify` would write is stored, except that nothing is replaced in
 * silence where JSON has no word for it: that is refused. An integer is stored as one; JavaScript cannot say `1.0`.
 */
import { FloatLiteral } from "../json/FloatLiteral.js"
import { envelopePrefix, placePrefix } from "./envelopePrefix.js"
import { PayloadRefused } from "./PayloadRefused.js"
import { isPlainObject, resolveValue } from "./resolveValue.js"
import type { Scratch } from "./Scratch.js"
import { borrowScratch, lendPayload, returnScratch } from "./Scratch.js"
import { readMembers, writeMembers } from "./writeValue.js"

/** The root is level 1. */
export const dataNesting = 2

/** Throws `PayloadRefused`. */
export const encodeValue = (data: unknown, tags: ReadonlyArray<string>): Uint8Array => {
  const isPlain = isPlainObject(data)
  const object = isPlain ? data : resolveObject(data)
  const scratch = borrowScratch()
  try {
    return scratch.take(writePayload(scratch, object, isPlain, tags))
  } catch (error) {
    scratch.forget()
    throw error
  } finally {
    returnScratch(scratch)
  }
}

/** The same in memory that is used again once the caller says `giveBack`: for payloads that are appended and forgotten. */
export const encodeLent = (data: unknown, tags: ReadonlyArray<string>): Uint8Array => {
  const isPlain = isPlainObject(data)
  const object = isPlain ? data : resolveObject(data)
  const scratch = borrowScratch()
  try {
    return lendPayload(scratch, writePayload(scratch, object, isPlain, tags))
  } catch (error) {
    scratch.forget()
    returnScratch(scratch)
    throw error
  }
}

/** Returns where the payload ends. */
export const writePayload = (
  scratch: Scratch,
  object: object,
  isPlain: boolean,
  tags: ReadonlyArray<string>
): number => {
  const prefix = envelopePrefix(scratch, tags)
  const shape = readMembers(scratch, object, isPlain, prefix.dataPlace)
  prefix.dataPlace = shape.place
  return writeMembers(scratch, shape, placePrefix(scratch, prefix, shape), dataNesting)
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
