/**
 * The golden payloads, written by upstream 0.8.0, and how upstream prints one whole: members in the order of their
 * hashes, envelope included.
 */
import { readFileSync } from "node:fs"
import { floatText, integerText } from "../../src/internal/json/numberText.js"
import { base64Text } from "../../src/internal/json/stringText.js"
import { ValueType } from "../../src/internal/lite3/layout.js"
import { PayloadReader } from "../../src/internal/lite3/PayloadReader.js"
import { spanOf } from "../../src/internal/lite3/PayloadSpan.js"

export interface EncodeVector {
  readonly name: string
  readonly tags: ReadonlyArray<string>
  readonly data_json: string
  readonly payload_hex: string
  readonly decoded_json: string
  readonly js_value_exact: boolean
  readonly quirk?: "nul-key" | "imprecise-decimal-text"
}

export interface DecodeVector {
  readonly name: string
  readonly payload_hex: string
  readonly decoded_json: string
  readonly tags: ReadonlyArray<string>
  readonly upstream_append_validation: "accept" | "reject"
}

export interface ErrorVector {
  readonly name: string
  readonly tags: ReadonlyArray<string>
  readonly data_json: string
  readonly stage: "parse" | "encode"
}

export interface InvalidVector {
  readonly name: string
  readonly rule: string
  readonly payload_hex: string
}

const load = <A>(name: string): ReadonlyArray<A> =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8")) as ReadonlyArray<A>

export const encodeVectors = load<EncodeVector>("lite3")
export const decodeVectors = load<DecodeVector>("lite3-decode-only")
export const errorVectors = load<ErrorVector>("lite3-encode-errors")
export const invalidVectors = load<InvalidVector>("lite3-invalid")

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** Upstream writes control characters with upper-case digits. */
const upstreamString = (text: string): string =>
  JSON.stringify(text).replace(/\\u00[0-9a-f]{2}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`)

export const wholeDocumentText = (payload: Uint8Array): string => {
  const reader = new PayloadReader(spanOf(payload))
  const text = (offset: number, nesting: number): string => {
    switch (reader.valueType(offset)) {
      case ValueType.Null:
        return "null"
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
        return upstreamString(reader.readString(offset))
      case ValueType.Object: {
        const start = reader.memberTop
        reader.openObject(offset, nesting + 1)
        const members = reader.keys.slice(start, reader.memberTop).map((key) => key.text)
        const offsets = reader.memberOffsets.slice(start, reader.memberTop)
        const parts = members.map((name, index) => `${upstreamString(name)}:${text(offsets[index]!, nesting + 1)}`)
        reader.memberTop = start
        return `{${parts.join(",")}}`
      }
      default: {
        const start = reader.elementTop
        reader.openArray(offset, nesting + 1)
        const parts = reader.elementOffsets.slice(start, reader.elementTop).map((at) => text(at, nesting + 1))
        reader.elementTop = start
        return `[${parts.join(",")}]`
      }
    }
  }
  return text(0, 0)
}
