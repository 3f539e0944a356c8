/**
 * Payloads into compact JSON text, exactly: integers with all their digits, floats with a fraction or an exponent,
 * members in the order of the keys' UTF-8 bytes, bytes as base64.
 */
import { floatText, integerText } from "../json/numberText.js"
import { base64Text, stringText } from "../json/stringText.js"
import { maxNesting, ValueType } from "./layout.js"
import type { MemberOrder } from "./memberOrder.js"
import { memberOrder, noMembers } from "./memberOrder.js"
import { PayloadReader } from "./PayloadReader.js"
import { type PayloadSpan, spanOf } from "./PayloadSpan.js"
import { readEnvelope, rootNesting } from "./readEnvelope.js"

/** Throws `Corrupt`. */
export const decodeText = (payload: Uint8Array): DecodedText => spanText(spanOf(payload))

/** Throws `Corrupt`. */
export const spanText = (span: PayloadSpan): DecodedText => {
  const reader = new PayloadReader(span)
  const { data, tags } = readEnvelope(reader)
  return new DecodedText(tags, valueText(reader, data, rootNesting))
}

/** A class, because literals made in such numbers may be taken for what lives long: see `freshArray`. */
export class DecodedText {
  constructor(
    readonly tags: ReadonlyArray<string>,
    readonly dataText: string
  ) {}
}

/** `nesting` is that of the container the value is in. */
const valueText = (reader: PayloadReader, offset: number, nesting: number): string => {
  switch (reader.valueType(offset)) {
    case ValueType.Null:
      return String(reader.readNull(offset))
    case ValueType.Boolean:
      return String(reader.readBoolean(offset))
    case ValueType.Integer: {
      const low = reader.readIntegerLow(offset)
      return integerText(reader.readIntegerHigh(offset), low)
    }
    case ValueType.Float:
      return floatText(reader.readFloat(offset))
    case ValueType.Bytes:
      return `"${base64Text(reader.readBytes(offset))}"`
    case ValueType.String:
      return stringText(reader.readString(offset))
    case ValueType.Object:
      return objectText(reader, offset, nesting + 1)
    default:
      return arrayText(reader, offset, nesting + 1)
  }
}

/** The members of the last object at each level, as a guess at the next one. */
const guesses: Array<MemberOrder> = Array.from({ length: maxNesting + 2 }, () => noMembers)

const objectText = (reader: PayloadReader, node: number, nesting: number): string => {
  const start = reader.memberTop
  let order = guesses[nesting]!
  if (!reader.openGuessed(node, nesting, order)) {
    reader.openObject(node, nesting)
    order = memberOrder(reader.keys, start, reader.memberTop)
    if (order.isGuessable) guesses[nesting] = order
  }
  const { keys, sorted } = order
  let text = "{"
  for (let index = 0; index < sorted.length; index++) {
    if (index > 0) text += ","
    const member = sorted[index]!
    text += keys[member]!.memberText + valueText(reader, reader.memberOffsets[start + member]!, nesting)
  }
  reader.memberTop = start
  return `${text}}`
}

const arrayText = (reader: PayloadReader, node: number, nesting: number): string => {
  const start = reader.elementTop
  reader.openArray(node, nesting)
  const end = reader.elementTop
  let text = "["
  for (let index = start; index < end; index++) {
    if (index > start) text += ","
    text += valueText(reader, reader.elementOffsets[index]!, nesting)
  }
  reader.elementTop = start
  return `${text}]`
}
