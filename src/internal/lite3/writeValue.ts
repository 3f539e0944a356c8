/**
 * Values into a scratch buffer, in one pass from front to back: entries in insertion order, nodes where the plan
 * appends them, and each container's nodes filled in when it is complete.
 */
import { FloatLiteral } from "../json/FloatLiteral.js"
import { arrayPlan } from "./arrayPlans.js"
import type { InsertionPlan } from "./insertionPlan.js"
import { alignedValueBytes, maxNesting, maxPayloadBytes, ValueType } from "./layout.js"
import type { ObjectShape } from "./objectShapes.js"
import { objectShape } from "./objectShapes.js"
import { PayloadRefused, refusedSurrogate } from "./PayloadRefused.js"
import { isOmitted, resolveValue } from "./resolveValue.js"
import type { Scratch } from "./Scratch.js"
import { tooLarge } from "./Scratch.js"
import { maxBytesPerUnit, writeUtf8 } from "./utf8.js"

/** Type byte and body of the largest scalar, apart from text. */
const mostScalarBytes = 10

/** The object has been resolved; its members have not. `nesting` counts containers, this one included. */
export const writeObject = (scratch: Scratch, object: object, nesting: number): void => {
  const keys = Object.keys(object)
  const values: Array<unknown> = Object.values(object)
  if (values.length !== keys.length) throw new PayloadRefused("shape", "an object changed while it was encoded")
  let omitted = 0
  for (let index = 0; index < keys.length; index++) {
    const value = resolveValue(values[index], keys[index]!)
    values[index] = value
    if (isOmitted(value)) omitted++
  }
  if (omitted === 0) return writeMembers(scratch, objectShape(keys), values, nesting)
  const kept = keys.filter((_, index) => !isOmitted(values[index]))
  writeMembers(
    scratch,
    objectShape(kept),
    values.filter((value) => !isOmitted(value)),
    nesting
  )
}

/** The values stand in the order of the shape's own keys. */
export const writeMembers = (
  scratch: Scratch,
  shape: ObjectShape,
  values: ReadonlyArray<unknown>,
  nesting: number
): void => {
  const { headEnds, heads, order, plan } = shape
  const base = startContainer(scratch, plan, nesting)
  let nodePlace = base + plan.entryCount + 1
  let head = 0
  for (let entry = 0; entry < plan.entryCount; entry++) {
    for (let nodes = plan.nodesBefore[entry]!; nodes > 0; nodes--) scratch.offsets[nodePlace++] = scratch.appendNode()
    const value = values[order[entry]!]
    const headEnd = headEnds[entry]!
    const headBytes = headEnd - head
    scratch.reserve(headBytes + roomFor(value))
    if (isContainer(value)) scratch.padBefore(headBytes)
    const entryStart = scratch.length
    const { bytes } = scratch
    let end = entryStart
    for (; head < headEnd; head++) bytes[end++] = heads[head]!
    scratch.length = end
    writeValue(scratch, value, nesting)
    scratch.offsets[base + entry] =
      typeof value === "string" && scratch.length - end === alignedValueBytes
        ? scratch.realign(entryStart, end)
        : entryStart
  }
  scratch.finishNodes(plan, base)
}

const writeArray = (scratch: Scratch, array: ReadonlyArray<unknown>, nesting: number): void => {
  const plan = arrayPlan(array.length)
  const base = startContainer(scratch, plan, nesting)
  let nodePlace = base + plan.entryCount + 1
  for (let entry = 0; entry < plan.entryCount; entry++) {
    for (let nodes = plan.nodesBefore[entry]!; nodes > 0; nodes--) scratch.offsets[nodePlace++] = scratch.appendNode()
    let value = array[entry]
    if (typeof value === "object") value = resolveValue(value, String(entry))
    scratch.reserve(roomFor(value))
    if (isContainer(value)) scratch.padBefore(0)
    const start = scratch.length
    writeValue(scratch, value, nesting)
    scratch.offsets[base + entry] =
      typeof value === "string" && scratch.length - start === alignedValueBytes ? scratch.realign(start, start) : start
  }
  scratch.finishNodes(plan, base)
}

/** Appends the root node and returns the places for offsets. */
const startContainer = (scratch: Scratch, plan: InsertionPlan, nesting: number): number => {
  if (nesting > maxNesting) {
    throw new PayloadRefused("limit", `the message nests deeper than ${maxNesting - 1} levels, or contains itself`)
  }
  const base = scratch.pushOffsets(plan)
  scratch.offsets[base + plan.entryCount] = scratch.appendNode()
  return base
}

const isContainer = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !(value instanceof FloatLiteral)

const roomFor = (value: unknown): number => {
  if (typeof value !== "string") return mostScalarBytes
  if (value.length > maxPayloadBytes) throw tooLarge()
  return mostScalarBytes + value.length * maxBytesPerUnit
}

/** Where the value goes has been aligned, and there is room for a scalar. */
const writeValue = (scratch: Scratch, value: unknown, nesting: number): void => {
  switch (typeof value) {
    case "string":
      return writeString(scratch, value)
    case "number":
      return Number.isInteger(value) ? writeInteger(scratch, value) : writeFloat(scratch, value)
    case "boolean":
      scratch.bytes[scratch.length++] = ValueType.Boolean
      scratch.bytes[scratch.length++] = value ? 1 : 0
      return
    case "bigint":
      return writeBigInt(scratch, value)
    case "object":
      if (value === null) scratch.bytes[scratch.length++] = ValueType.Null
      else if (Array.isArray(value)) writeArray(scratch, value, nesting + 1)
      else if (value instanceof FloatLiteral) writeFloat(scratch, value.value)
      else writeObject(scratch, value, nesting + 1)
      return
    default:
      throw new PayloadRefused("shape", `an array contains ${describe(value)}, which JSON cannot express`)
  }
}

const describe = (value: unknown): string => (value === undefined ? "undefined" : `a ${typeof value}`)

const writeString = (scratch: Scratch, text: string): void => {
  const { bytes } = scratch
  const start = scratch.length
  const written = writeUtf8(text, bytes, start + 5)
  if (written < 0) throw refusedSurrogate("a string")
  bytes[start] = ValueType.String
  scratch.view.setUint32(start + 1, written + 1, true)
  bytes[start + 5 + written] = 0
  scratch.length = start + 6 + written
}

/** Halves of a double that is an integer are exact: dividing by a power of two loses nothing. */
const writeInteger = (scratch: Scratch, value: number): void => {
  if (value < -0x8000_0000_0000_0000 || value >= 0x8000_0000_0000_0000 || Object.is(value, -0)) {
    return writeFloat(scratch, value)
  }
  const high = Math.floor(value / 0x1_0000_0000)
  writeHalves(scratch, high, value - high * 0x1_0000_0000)
}

const writeHalves = (scratch: Scratch, high: number, low: number): void => {
  const start = scratch.length
  scratch.bytes[start] = ValueType.Integer
  scratch.view.setUint32(start + 1, low, true)
  scratch.view.setInt32(start + 5, high, true)
  scratch.length = start + 9
}

const writeFloat = (scratch: Scratch, value: number): void => {
  if (!Number.isFinite(value)) throw new PayloadRefused("syntax", `JSON has no ${value}`)
  scratch.bytes[scratch.length] = ValueType.Float
  scratch.view.setFloat64(scratch.length + 1, value, true)
  scratch.length += 9
}

/** An integer that has 64 bits, but only without a sign, becomes the nearest double. */
const writeBigInt = (scratch: Scratch, value: bigint): void => {
  if (BigInt.asIntN(64, value) === value) {
    return writeHalves(scratch, Number(value >> 32n), Number(BigInt.asUintN(32, value)))
  }
  const magnitude = value < 0n ? -value : value
  if (magnitude > 0xffff_ffff_ffff_ffffn) throw new PayloadRefused("shape", "a bigint has more than 64 bits")
  writeFloat(scratch, Number(value))
}
