/**
 * Compares a value in a payload with a plain literal, by its bytes: the order of jq, which for text is that of UTF-8.
 */
import { ValueType } from "../lite3/layout.js"
import { absent } from "../lite3/lookPayload.js"
import { wordAt } from "../lite3/layout.js"
import { readNumber } from "./readValue.js"
import { Rank } from "./value.js"

/** `null`, a boolean, a number or a text, taken apart. */
export interface PlainLiteral {
  readonly rank: number
  readonly number: number
  readonly text: Uint8Array | undefined
}

/** Negative, zero or positive; undefined when jq has to be asked. `offset` may be `absent`, which is `null`. */
export const compareAt = (bytes: Uint8Array, offset: number, literal: PlainLiteral): number | undefined => {
  if (offset === absent) return Rank.null - literal.rank
  switch (bytes[offset]) {
    case ValueType.Null:
      return Rank.null - literal.rank
    case ValueType.Boolean: {
      const body = bytes[offset + 1]
      return body === 0 || body === 1 ? Rank.false + body - literal.rank : undefined
    }
    case ValueType.Integer:
    case ValueType.Float: {
      if (literal.rank !== Rank.number) return Rank.number - literal.rank
      const value = readNumber(bytes, offset)
      return value === undefined ? undefined : value - literal.number
    }
    case ValueType.Bytes:
      return undefined
    case ValueType.String:
      return literal.text === undefined ? Rank.string - literal.rank : compareTextAt(bytes, offset, literal.text)
    case ValueType.Array:
      return Rank.array - literal.rank
    case ValueType.Object:
      return Rank.object - literal.rank
    default:
      return undefined
  }
}

const compareTextAt = (bytes: Uint8Array, offset: number, text: Uint8Array): number | undefined => {
  const start = offset + 5
  const length = wordAt(bytes, offset + 1) - 1
  if (length < 0 || length >= bytes.length - start || bytes[start + length] !== 0) return undefined
  const shared = Math.min(length, text.length)
  for (let index = 0; index < shared; index++) {
    const difference = bytes[start + index]! - text[index]!
    if (difference !== 0) return difference
  }
  return length - text.length
}
