/**
 * JSON text damaged at random, judged beside `JSON.parse`: both refuse, or both accept and mean the same, save for the
 * few things that a message cannot hold.
 */
import { isDeepStrictEqual } from "node:util"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { encodeVectors, errorVectors } from "../lite3/vectors.js"
import type { Chance, Kind } from "./chance.js"
import { insist } from "./chance.js"

const originals = [...encodeVectors, ...errorVectors]
  .map(({ data_json }) => data_json)
  .filter((text) => text.length > 0 && text.length < 600)

const fragments = [
  ['"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "-", ".", "e", "E", "+", "0", "1", "9", "00", "1e400"],
  ['"a":', '"__proto__":', "\\u0000", "\\ud83d", "\\ude00", "\ud83d", "é", "\ufeff", "\u0001", "null", "true"],
  ["false", "NaN", "9007199254740993", "-9223372036854775808", "18446744073709551616", "1.0", "-0", "[[[[[[[["],
  ["]]]]]]]]", '{"b":{}}', "//", "'", "1e-400", "123456789012345.678901", '""', "\\q", "\u2028"]
].flat()

const damage = (chance: Chance): string => {
  let text = chance.pick(originals)
  for (let count = 1 + chance.below(3); count > 0; count--) {
    const at = chance.below(text.length + 1)
    const behind = text.slice(at)
    switch (chance.below(4)) {
      case 0:
        text = text.slice(0, at) + chance.pick(fragments) + behind
        break
      case 1:
        text = text.slice(0, at) + behind.slice(1 + chance.below(3))
        break
      case 2:
        text = text.slice(0, at) + chance.pick(fragments) + behind.slice(1)
        break
      default: {
        const from = chance.below(text.length + 1)
        text = text.slice(0, at) + text.slice(from, from + chance.below(24)) + behind
      }
    }
  }
  return text
}

const isWellFormed = (text: string): boolean =>
  !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)

/** Why a value that JSON has cannot be the data of a message. */
const unfit = (value: unknown, nesting: number): string | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a number out of range"
  if (typeof value === "string") return isWellFormed(value) ? undefined : "half a surrogate pair"
  if (typeof value !== "object" || value === null) return undefined
  if (nesting > 31) return "too deep"
  for (const [key, member] of Object.entries(value)) {
    if (!isWellFormed(key)) return "half a surrogate pair in a key"
    if (key.includes("\0")) return "a NUL in a key"
    const problem = unfit(member, nesting + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

const reference = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const tryEncode = (text: string): Uint8Array | PayloadRefused => {
  try {
    return encodeText(text, [])
  } catch (error) {
    if (error instanceof PayloadRefused) return error
    throw error
  }
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)

/** An integer `-0` is 0 to a payload. */
const withoutNegativeZero = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, member: unknown) => (member === 0 ? 0 : member)) as unknown

/** Integers that a double may round, outside strings. */
const wideIntegers = (text: string): ReadonlyArray<string> =>
  text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g) ?? []

export const examineText = (text: string): void => {
  const parsed = reference(text)
  const encoded = tryEncode(text)
  if (encoded instanceof PayloadRefused) {
    if (parsed === undefined || !isObject(parsed.value) || unfit(parsed.value, 1) !== undefined) return
    // Keys with one hash are probed for; some pairs, and more than a hundred, the format cannot express.
    if (encoded.kind === "limit" && encoded.message.includes("hash")) return
    if (encoded.message.includes("have the same hash")) return
    // The exact parser also judges members that a later one of the same name replaces.
    insist(/out of range|nests deeper/.test(encoded.message), `refused: ${encoded.message}: ${JSON.stringify(text)}`)
    insist(/[eE]|\d{300}|\[{20}/.test(text), `refused: ${encoded.message}: ${JSON.stringify(text)}`)
    return
  }
  insist(parsed !== undefined, `accepted, but no JSON: ${JSON.stringify(text)}`)
  const problem = isObject(parsed!.value) ? unfit(parsed!.value, 1) : "not an object"
  insist(problem === undefined, `accepted in spite of ${problem}: ${JSON.stringify(text)}`)
  const { dataText } = decodeText(encoded)
  const decoded = JSON.parse(dataText) as unknown
  insist(
    isDeepStrictEqual(withoutNegativeZero(decoded), withoutNegativeZero(parsed!.value)),
    `${JSON.stringify(text)} became ${dataText}`
  )
  for (const digits of wideIntegers(dataText))
    insist(text.includes(digits), `${digits} is not in ${JSON.stringify(text)}`)
  insist(decodeText(encodeText(dataText, [])).dataText === dataText, `${dataText} is not what it becomes`)
}

export const textKind: Kind = { name: "texts", weight: 20, run: (chance) => examineText(damage(chance)) }
