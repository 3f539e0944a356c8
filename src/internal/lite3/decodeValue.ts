/**
 * Payloads into JavaScript values. Objects are ordinary objects with their members in the order of the keys' UTF-8
 * bytes, as far as the language allows (it puts whole numbers first), and every key is data, `__proto__` included.
 */
import { freshArray } from "../freshArray.js"
import { wideInteger } from "../json/numberText.js"
import { base64Text } from "../json/stringText.js"
import type { JsonObject, JsonValue } from "../json/JsonValue.js"
import { corrupt } from "./corrupt.js"
import { decodePlain } from "./decodePlain.js"
import { maxNesting, ValueType } from "./layout.js"
import type { MemberOrder } from "./memberOrder.js"
import { memberOrder, noMembers } from "./memberOrder.js"
import { PayloadReader } from "./PayloadReader.js"
import { type PayloadSpan, spanOf } from "./PayloadSpan.js"
import { noTags, readEnvelope, rootNesting } from "./readEnvelope.js"

export interface DecodeOptions {
  /**
   * What becomes of integers beyond 2^53: the nearest `number` (the default), or a `bigint`, so that nothing is lost.
   */
  readonly integers?: "number" | "bigint"
}

/** What a payload holds. A class, because literals made in such numbers may be taken for what lives long. */
export class Decoded {
  constructor(
    readonly tags: ReadonlyArray<string>,
    readonly data: JsonObject
  ) {}
}

/** Throws `Corrupt`. */
export const decodeValue = (payload: Uint8Array, options?: DecodeOptions): Decoded =>
  decodeSpan(spanOf(payload), options)

/** Throws `Corrupt`. */
export const decodeSpan = (span: PayloadSpan, options?: DecodeOptions): Decoded => {
  const plain = decodePlain(span, guesses[rootNesting + 1]!)
  return plain === undefined ? decodeAny(span, options) : new Decoded(noTags, plain)
}

/** Exported for the test that both ways agree. */
export const decodeAny = (span: PayloadSpan, options?: DecodeOptions): Decoded => {
  const reader = new PayloadReader(span)
  const { data, tags } = readEnvelope(reader)
  // Readers of text accept an array here, as upstream does; whoever asks for values was promised an object.
  if (reader.valueType(data) !== ValueType.Object) throw corrupt("the data of the payload is not an object", data)
  return new Decoded(tags, readObject(reader, data, rootNesting + 1, options?.integers === "bigint"))
}

/** `nesting` is that of the container the value is in. */
const readValue = (reader: PayloadReader, offset: number, nesting: number, bigints: boolean): JsonValue => {
  switch (reader.valueType(offset)) {
    case ValueType.Null:
      return reader.readNull(offset)
    case ValueType.Boolean:
      return reader.readBoolean(offset)
    case ValueType.Integer:
      return readInteger(reader, offset, bigints)
    case ValueType.Float:
      return reader.readFloat(offset)
    case ValueType.Bytes:
      return base64Text(reader.readBytes(offset))
    case ValueType.String:
      return reader.readString(offset)
    case ValueType.Object:
      return readObject(reader, offset, nesting + 1, bigints)
    default:
      return readArray(reader, offset, nesting + 1, bigints)
  }
}

const readInteger = (reader: PayloadReader, offset: number, bigints: boolean): number | bigint => {
  const low = reader.readIntegerLow(offset)
  const high = reader.readIntegerHigh(offset)
  if (high === low >> 31) return low
  const value = high * 0x1_0000_0000 + (low >>> 0)
  return bigints && !Number.isSafeInteger(value) ? wideInteger(high, low) : value
}

/** The members of the last object at each level, as a guess at the next one. */
const guesses: Array<MemberOrder> = Array.from({ length: maxNesting + 2 }, () => noMembers)

const readObject = (reader: PayloadReader, node: number, nesting: number, bigints: boolean): JsonObject => {
  const start = reader.memberTop
  let order = guesses[nesting]!
  if (!reader.openGuessed(node, nesting, order)) {
    reader.openObject(node, nesting)
    order = memberOrder(reader.keys, start, reader.memberTop)
    if (order.isGuessable) guesses[nesting] = order
  }
  const { keys } = order
  const object: { [key: string]: JsonValue } = order.blankObject()
  for (let index = 0; index < keys.length; index++) {
    // Every property is there already, and its own, so that even `__proto__` is only assigned.
    object[keys[index]!.text] = readValue(reader, reader.memberOffsets[start + index]!, nesting, bigints)
  }
  reader.memberTop = start
  return object
}

const readArray = (reader: PayloadReader, node: number, nesting: number, bigints: boolean): Array<JsonValue> => {
  const array = freshArray<JsonValue>()
  const start = reader.elementTop
  reader.openArray(node, nesting)
  const end = reader.elementTop
  for (let index = start; index < end; index++) {
    array.push(readValue(reader, reader.elementOffsets[index]!, nesting, bigints))
  }
  reader.elementTop = start
  return array
}
