/**
 * The payload that nearly every message has, in one go: the envelope as our writer lays it out, no tags, the members of the
 * message before in one node, each a string, a number, `true`, `false` or `null`. Everything is checked that a
 * `PayloadReader` checks; what is otherwise is left to it, which also says what is wrong. One function without steps
 * in between: these would take as long as the work.
 */
import type { JsonObject, JsonValue } from "../json/JsonValue.js"
import { childrenAt, entriesAt, hashesAt, nodeBytes, sizeAt, sizeShift, ValueType } from "./layout.js"
import type { MemberOrder } from "./memberOrder.js"
import type { PayloadSpan } from "./PayloadSpan.js"
import { hasNoTags, usualBytes, usualData } from "./readEnvelope.js"
import { isHeadAt } from "./storedKeys.js"
import { readUtf8 } from "./utf8.js"

/** The data, or undefined when the payload is not as plain as that. */
export const decodePlain = (span: PayloadSpan, guess: MemberOrder): JsonObject | undefined => {
  if (!guess.isGuessable) return undefined
  const { block, length, start, view } = span
  const data = usualData(span)
  if (data < nodeBytes || data > length - nodeBytes || (data & 3) !== 0 || !hasNoTags(span)) return undefined
  const { keys } = guess
  const count = keys.length
  const node = start + data
  if (view.getUint8(node) !== ValueType.Object) return undefined
  if (view.getInt32(node + sizeAt, true) !== ((count << sizeShift) | count)) return undefined
  if (view.getInt32(node + childrenAt + count * 4, true) !== 0) return undefined
  let paid = usualBytes + 2 * nodeBytes
  const object: { [key: string]: JsonValue } = guess.blankObject()
  for (let slot = 0; slot < count; slot++) {
    const key = keys[slot]!
    const { headBytes } = key
    const entry = view.getUint32(node + entriesAt + slot * 4, true)
    if (view.getUint32(node + hashesAt + slot * 4, true) !== key.hash) return undefined
    if (view.getInt32(node + childrenAt + slot * 4, true) !== 0) return undefined
    if (entry < nodeBytes || entry >= length - headBytes) return undefined
    if (!isHeadAt(key.head!, view, start + entry)) return undefined
    const at = start + entry + headBytes
    const room = start + length - at
    const type = view.getUint8(at)
    if (type > ValueType.String || room < plainBytes[type]!) return undefined
    let value: JsonValue | undefined
    switch (type) {
      case ValueType.Null:
        value = null
        paid += headBytes + 1
        break
      case ValueType.Boolean: {
        const body = view.getUint8(at + 1)
        if (body > 1) return undefined
        value = body === 1
        paid += headBytes + 2
        break
      }
      case ValueType.Integer: {
        const low = view.getInt32(at + 1, true)
        // Wider ones may have to become a `bigint`.
        if (view.getInt32(at + 5, true) !== low >> 31) return undefined
        value = low
        paid += headBytes + 9
        break
      }
      case ValueType.Float:
        value = view.getFloat64(at + 1, true)
        if (!Number.isFinite(value)) return undefined
        paid += headBytes + 9
        break
      case ValueType.String: {
        const bytes = view.getUint32(at + 1, true)
        const end = at + 5 + bytes - 1
        if (bytes === 0 || bytes > room - 5 || block[end] !== 0) return undefined
        value = readUtf8(block, at + 5, end)
        if (value === undefined) return undefined
        paid += headBytes + 5 + bytes
        break
      }
      default:
        return undefined
    }
    // Every property is there already, and its own, so that even `__proto__` is only assigned.
    object[key.text] = value
  }
  return paid > length ? undefined : object
}

/** The least that a value of each type takes. */
const plainBytes = [1, 2, 9, 9, 5, 6]
