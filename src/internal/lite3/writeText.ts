/**
 * Payloads into compact JSON text, exactly: integers with all their digits, floats with a fraction or an exponent,
 * members in the order of the keys' UTF-8 bytes, bytes as base64.
 */
import { maxNesting, ValueType } from "./layout.js"
import type { MemberOrder } from "./memberOrder.js"
import { memberOrder, noMembers } from "./memberOrder.js"
import type { PayloadReader } from "./PayloadReader.js"
import { rootNesting } from "./readEnvelope.js"
import type { TextBytes } from "./TextBytes.js"

const words = ((): Readonly<Record<"null" | "true" | "false", Uint8Array>> => {
  const encoder = new TextEncoder()
  return { null: encoder.encode("null"), true: encoder.encode("true"), false: encoder.encode("false") }
})()
const comma = 0x2c
const openingBracket = 0x5b
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d

/** Adds the text of `data`, which the envelope says begins at `offset`. Throws `Corrupt`; part of it is written then. */
export const writeDataText = (reader: PayloadReader, offset: number, target: TextBytes): void =>
  writeValue(reader, offset, rootNesting, target)

/** `nesting` is that of the container the value is in. */
const writeValue = (reader: PayloadReader, offset: number, nesting: number, target: TextBytes): void => {
  switch (reader.valueType(offset)) {
    case ValueType.Null:
      reader.readNull(offset)
      return target.copy(words.null)
    case ValueType.Boolean:
      return target.copy(reader.readBoolean(offset) ? words.true : words.false)
    case ValueType.Integer: {
      const low = reader.readIntegerLow(offset)
      return target.integer(reader.readIntegerHigh(offset), low)
    }
    case ValueType.Float:
      return target.float(reader.readFloat(offset))
    case ValueType.Bytes:
      return target.base64(reader.readBytes(offset))
    case ValueType.String:
      return reader.writeString(offset, target)
    case ValueType.Object:
      return writeObject(reader, offset, nesting + 1, target)
    default:
      return writeArray(reader, offset, nesting + 1, target)
  }
}

/** The members of the last object at each level, as a guess at the next one. */
const guesses: Array<MemberOrder> = Array.from({ length: maxNesting + 2 }, () => noMembers)

const writeObject = (reader: PayloadReader, node: number, nesting: number, target: TextBytes): void => {
  const start = reader.memberTop
  let order = guesses[nesting]!
  if (!reader.openGuessed(node, nesting, order)) {
    reader.openObject(node, nesting)
    order = memberOrder(reader.keys, start, reader.memberTop)
    if (order.isGuessable) guesses[nesting] = order
  }
  const { keys, sorted } = order
  target.byte(openingBrace)
  for (let index = 0; index < sorted.length; index++) {
    if (index > 0) target.byte(comma)
    const member = sorted[index]!
    target.copy(keys[member]!.memberText)
    writeValue(reader, reader.memberOffsets[start + member]!, nesting, target)
  }
  target.byte(closingBrace)
  reader.memberTop = start
}

const writeArray = (reader: PayloadReader, node: number, nesting: number, target: TextBytes): void => {
  const start = reader.elementTop
  reader.openArray(node, nesting)
  const end = reader.elementTop
  target.byte(openingBracket)
  for (let index = start; index < end; index++) {
    if (index > start) target.byte(comma)
    writeValue(reader, reader.elementOffsets[index]!, nesting, target)
  }
  target.byte(closingBracket)
  reader.elementTop = start
}
