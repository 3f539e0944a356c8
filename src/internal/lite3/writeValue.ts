/**
 * Values into a scratch buffer, in one pass from front to back: entries in insertion order, nodes where the plan
 * appends them, and each container's nodes filled in when it is complete.
 */
import { FloatLiteral } from "../json/FloatLiteral.js"
import { arrayPlan } from "./arrayPlans.js"
import type { InsertionPlan } from "./insertionPlan.js"
import { alignedValueBytes, maxNesting, maxPayloadBytes, nodeBytes, ValueType } from "./layout.js"
import type { ObjectShape } from "./objectShapes.js"
import { objectShape, shapeAt } from "./objectShapes.js"
import { PayloadRefused, refusedSurrogate } from "./PayloadRefused.js"
import { hasOnlyOwn, isOmitted, resolveValue } from "./resolveValue.js"
import type { Scratch } from "./Scratch.js"
import { tooLarge } from "./Scratch.js"
import { maxBytesPerUnit, writeUtf8 } from "./utf8.js"

/** A node, and padding in front and behind: more than any scalar takes, apart from text. */
const mostFixedBytes = nodeBytes + 8

/** Longer strings are better left to the runtime. */
const mostFlatUnits = 24
const mostFlatBytes = mostFlatUnits + 16

/**
 * The shape of an object that has been resolved; the one at the place `guess` is tried first. The values, resolved, lie
 * on top of the stack then, in the order of the shape's own keys. A plain object has no members but its own.
 */
export const readMembers = (scratch: Scratch, object: object, isPlain: boolean, guess: number): ObjectShape => {
  const guessed = shapeAt(guess)
  const { ownKeys } = guessed
  const { keys, values, valuesTop } = scratch
  let count = 0
  let isGuessed = true
  let isResolved = true
  if (isPlain) {
    // Several times faster than lists of keys and values.
    for (const key in object) {
      const value = (object as { readonly [key: string]: unknown })[key]
      if (isGuessed && key !== ownKeys[count]) {
        for (let index = 0; index < count; index++) keys[index] = ownKeys[index]!
        isGuessed = false
      }
      if (!isGuessed) keys[count] = key
      if ((typeof value === "object" && value !== null) || isOmitted(value)) isResolved = false
      values[valuesTop + count++] = value
    }
    if (isGuessed && count === ownKeys.length && isResolved) return guessed
    if (isGuessed) for (let index = 0; index < count; index++) keys[index] = ownKeys[index]!
  } else count = listMembers(scratch, object)
  return objectShape(keys, resolveMembers(scratch, count), guess)
}

/** Leaves out what JSON leaves out. Returns how many members are left. */
const resolveMembers = (scratch: Scratch, count: number): number => {
  const { keys, values, valuesTop } = scratch
  let kept = 0
  for (let index = 0; index < count; index++) {
    let value = values[valuesTop + index]
    if (typeof value === "object") value = resolveValue(value, keys[index]!)
    if (isOmitted(value)) continue
    keys[kept] = keys[index]!
    values[valuesTop + kept++] = value
  }
  return kept
}

const listMembers = (scratch: Scratch, object: object): number => {
  const { keys, values, valuesTop } = scratch
  const listed = Object.keys(object)
  const read: Array<unknown> = Object.values(object)
  if (read.length !== listed.length) throw new PayloadRefused("shape", "an object changed while it was encoded")
  for (let index = 0; index < listed.length; index++) {
    keys[index] = listed[index]!
    values[valuesTop + index] = read[index]
  }
  return listed.length
}

/** The object goes to `end`, which is aligned, and there is room for a node. Returns where it ends. */
const writeObject = (
  scratch: Scratch,
  object: object,
  end: number,
  nesting: number,
  parent: ObjectShape,
  member: number
): number => {
  const shape = readMembers(scratch, object, hasOnlyOwn(object), parent.childPlaces[member]!)
  parent.childPlaces[member] = shape.place
  scratch.bytes.set(shape.plan.rootImage, end)
  return writeMembers(scratch, shape, end, nesting)
}

/**
 * Writes the object whose values lie on top of the stack, in the order of the shape's own keys, and takes them from
 * it. Its root image stands at `root`. `nesting` counts containers, this one included. Returns where the object ends.
 */
export const writeMembers = (scratch: Scratch, shape: ObjectShape, root: number, nesting: number): number => {
  checkNesting(nesting)
  const { entryCount, nodeCount } = shape.plan
  if (nodeCount === 1) {
    const end = writeFlat(scratch, shape, root)
    if (end >= 0) {
      const { values, valuesTop } = scratch
      for (let index = 0; index < entryCount; index++) values[valuesTop + index] = undefined
      return end
    }
  }
  return writeAnyMembers(scratch, shape, root, nesting)
}

/** Small objects of scalars need no bookkeeping. Returns -1, and nothing has happened, where there is more to it. */
const writeFlat = (scratch: Scratch, shape: ObjectShape, root: number): number => {
  const { entryAts, headBytes, headWordEnds, headWords, order } = shape
  const { bytes, values, valuesTop, view } = scratch
  const limit = bytes.length
  let end = root + nodeBytes
  let word = 0
  for (let entry = 0; entry < order.length; entry++) {
    const value = values[valuesTop + order[entry]!]
    const wordEnd = headWordEnds[entry]!
    if (end + (wordEnd - word) * 4 + mostFlatBytes > limit) return -1
    view.setInt32(root + entryAts[entry]!, end, true)
    const start = end + headBytes[entry]!
    for (; word < wordEnd; word++, end += 4) view.setInt32(end, headWords[word]!, true)
    if (typeof value === "string") {
      const units = value.length
      if (units > mostFlatUnits) return -1
      let at = start + 5
      for (let index = 0; index < units; index++) {
        const unit = value.charCodeAt(index)
        if (unit > 0x7f) return -1
        bytes[at++] = unit
      }
      bytes[start] = ValueType.String
      view.setInt32(start + 1, units + 1, true)
      bytes[at] = 0
      end = at + 1
    } else if (typeof value === "number") {
      end = writeNumber(scratch, value, start)
    } else if (typeof value === "boolean") {
      bytes[start] = ValueType.Boolean
      bytes[start + 1] = value ? 1 : 0
      end = start + 2
    } else if (value === null) {
      bytes[start] = ValueType.Null
      end = start + 1
    } else return -1
  }
  return end
}

const writeAnyMembers = (scratch: Scratch, shape: ObjectShape, root: number, nesting: number): number => {
  const { headBytes, headWordEnds, headWords, order, plan } = shape
  const { entryCount, nodeCount } = plan
  const { values, valuesTop } = scratch
  scratch.valuesTop = valuesTop + entryCount
  const base = startContainer(scratch, plan, root)
  let nodePlace = base + entryCount + 1
  let end = root + nodeBytes
  let word = 0
  for (let entry = 0; entry < entryCount; entry++) {
    if (nodeCount > 1) {
      for (let nodes = plan.nodesBefore[entry]!; nodes > 0; nodes--) {
        const node = scratch.placeNode(end)
        scratch.offsets[nodePlace++] = node
        end = node + nodeBytes
      }
    }
    const member = order[entry]!
    const value = values[valuesTop + member]
    values[valuesTop + member] = undefined
    const room = headBytes[entry]! + roomFor(value)
    if (end + room > scratch.bytes.length) scratch.grow(end, room)
    if (typeof value === "object" && isContainer(value)) end = scratch.pad(end, headBytes[entry]!)
    const start = end
    const { view } = scratch
    for (const wordEnd = headWordEnds[entry]!; word < wordEnd; word++, end += 4)
      view.setInt32(end, headWords[word]!, true)
    const valueStart = start + headBytes[entry]!
    end = writeValue(scratch, value, valueStart, nesting, shape, member)
    let shift = 0
    if (end - valueStart === alignedValueBytes && typeof value === "string") {
      shift = scratch.realign(start, valueStart, end)
      end += shift
    }
    scratch.offsets[base + entry] = start + shift
  }
  scratch.valuesTop = valuesTop
  scratch.finishNodes(plan, base)
  return end
}

/** Objects in the array are taken for those of the `member` of the parent. */
const writeArray = (
  scratch: Scratch,
  array: ReadonlyArray<unknown>,
  root: number,
  nesting: number,
  parent: ObjectShape,
  member: number
): number => {
  checkNesting(nesting)
  const plan = arrayPlan(array.length)
  const { entryCount } = plan
  scratch.bytes.set(plan.rootImage, root)
  const base = startContainer(scratch, plan, root)
  let nodePlace = base + entryCount + 1
  let end = root + nodeBytes
  for (let entry = 0; entry < entryCount; entry++) {
    for (let nodes = plan.nodesBefore[entry]!; nodes > 0; nodes--) {
      const node = scratch.placeNode(end)
      scratch.offsets[nodePlace++] = node
      end = node + nodeBytes
    }
    let value = array[entry]
    if (typeof value === "object") value = resolveValue(value, String(entry))
    const room = roomFor(value)
    if (end + room > scratch.bytes.length) scratch.grow(end, room)
    if (typeof value === "object" && isContainer(value)) end = scratch.pad(end, 0)
    let start = end
    end = writeValue(scratch, value, start, nesting, parent, member)
    if (end - start === alignedValueBytes && typeof value === "string") {
      const shift = scratch.realign(start, start, end)
      start += shift
      end += shift
    }
    scratch.offsets[base + entry] = start
  }
  scratch.finishNodes(plan, base)
  return end
}

const checkNesting = (nesting: number): void => {
  if (nesting > maxNesting) {
    throw new PayloadRefused("limit", `the message nests deeper than ${maxNesting - 1} levels, or contains itself`)
  }
}

/** Returns the places for offsets. */
const startContainer = (scratch: Scratch, plan: InsertionPlan, root: number): number => {
  const base = scratch.pushOffsets(plan)
  scratch.offsets[base + plan.entryCount] = root
  return base
}

const isContainer = (value: object | null): boolean => value !== null && !(value instanceof FloatLiteral)

/** Padding, the value, and what a head written by words writes too much. */
const roomFor = (value: unknown): number => {
  if (typeof value !== "string") return mostFixedBytes
  if (value.length > maxPayloadBytes) throw tooLarge()
  return mostFixedBytes + value.length * maxBytesPerUnit
}

/** Where the value goes has been aligned, and there is room for a scalar or a node. Returns where it ends. */
const writeValue = (
  scratch: Scratch,
  value: unknown,
  end: number,
  nesting: number,
  parent: ObjectShape,
  member: number
): number => {
  switch (typeof value) {
    case "string":
      return writeString(scratch, value, end)
    case "number":
      return writeNumber(scratch, value, end)
    case "boolean":
      scratch.bytes[end] = ValueType.Boolean
      scratch.bytes[end + 1] = value ? 1 : 0
      return end + 2
    case "bigint":
      return writeBigInt(scratch, value, end)
    case "object":
      if (value === null) {
        scratch.bytes[end] = ValueType.Null
        return end + 1
      }
      if (Array.isArray(value)) return writeArray(scratch, value, end, nesting + 1, parent, member)
      if (value instanceof FloatLiteral) return writeFloat(scratch, value.value, end)
      return writeObject(scratch, value, end, nesting + 1, parent, member)
    default:
      throw new PayloadRefused("shape", `an array contains ${describe(value)}, which JSON cannot express`)
  }
}

const describe = (value: unknown): string => (value === undefined ? "undefined" : `a ${typeof value}`)

const writeString = (scratch: Scratch, text: string, start: number): number => {
  const { bytes } = scratch
  const written = writeUtf8(text, bytes, start + 5)
  if (written < 0) throw refusedSurrogate("a string")
  bytes[start] = ValueType.String
  scratch.view.setInt32(start + 1, written + 1, true)
  const end = start + 5 + written
  bytes[end] = 0
  return end + 1
}

const writeNumber = (scratch: Scratch, value: number, start: number): number => {
  scratch.hasNumber = true
  const small = value | 0
  if (small !== value)
    return Number.isInteger(value) ? writeInteger(scratch, value, start) : writeFloat(scratch, value, start)
  if (small === 0 && Object.is(value, -0)) return writeFloat(scratch, value, start)
  return writeHalves(scratch, small >> 31, small, start)
}

/** Halves of a double that is an integer are exact: dividing by a power of two loses nothing. */
const writeInteger = (scratch: Scratch, value: number, start: number): number => {
  if (value < -0x8000_0000_0000_0000 || value >= 0x8000_0000_0000_0000) return writeFloat(scratch, value, start)
  const high = Math.floor(value / 0x1_0000_0000)
  return writeHalves(scratch, high, value - high * 0x1_0000_0000, start)
}

const writeHalves = (scratch: Scratch, high: number, low: number, start: number): number => {
  const { view } = scratch
  view.setUint8(start, ValueType.Integer)
  view.setInt32(start + 1, low, true)
  view.setInt32(start + 5, high, true)
  return start + 9
}

const writeFloat = (scratch: Scratch, value: number, start: number): number => {
  if (!Number.isFinite(value)) throw new PayloadRefused("syntax", `JSON has no ${value}`)
  scratch.bytes[start] = ValueType.Float
  scratch.view.setFloat64(start + 1, value, true)
  return start + 9
}

/** An integer that has 64 bits, but only without a sign, becomes the nearest double. */
const writeBigInt = (scratch: Scratch, value: bigint, start: number): number => {
  if (BigInt.asIntN(64, value) === value) {
    return writeHalves(scratch, Number(value >> 32n), Number(BigInt.asUintN(32, value)), start)
  }
  const magnitude = value < 0n ? -value : value
  if (magnitude > 0xffff_ffff_ffff_ffffn) throw new PayloadRefused("integer", "a bigint has more than 64 bits")
  return writeFloat(scratch, Number(value), start)
}
