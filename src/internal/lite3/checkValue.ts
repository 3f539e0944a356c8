/** Walks a value, and everything below it, only to see that no rule is broken. */
import { ValueType } from "./layout.js"
import type { PayloadReader } from "./PayloadReader.js"

/** `nesting` is that of the container the value is in. Throws `Corrupt`. */
export const checkValue = (reader: PayloadReader, offset: number, nesting: number): void => {
  switch (reader.valueType(offset)) {
    case ValueType.Null:
      reader.readNull(offset)
      return
    case ValueType.Boolean:
      reader.readBoolean(offset)
      return
    case ValueType.Integer:
      reader.readIntegerLow(offset)
      return
    case ValueType.Float:
      reader.readFloat(offset)
      return
    case ValueType.Bytes:
      reader.readBytes(offset)
      return
    case ValueType.String:
      reader.readString(offset)
      return
    case ValueType.Object:
      return checkObject(reader, offset, nesting + 1)
    default:
      return checkArray(reader, offset, nesting + 1)
  }
}

const checkObject = (reader: PayloadReader, node: number, nesting: number): void => {
  const start = reader.memberTop
  reader.openObject(node, nesting)
  const end = reader.memberTop
  for (let index = start; index < end; index++) checkValue(reader, reader.memberOffsets[index]!, nesting)
  reader.memberTop = start
}

const checkArray = (reader: PayloadReader, node: number, nesting: number): void => {
  const start = reader.elementTop
  reader.openArray(node, nesting)
  const end = reader.elementTop
  for (let index = start; index < end; index++) checkValue(reader, reader.elementOffsets[index]!, nesting)
  reader.elementTop = start
}
