/**
 * `--key-from`: where each message of an input has what names it alone. A path of members, as jq writes it; what is there is text
 * or a whole number, and keeps its digits.
 */
import { FloatLiteral } from "../src/internal/json/FloatLiteral.js"
import type { ExactJson } from "../src/internal/json/parseExact.js"
import { parseExact } from "../src/internal/json/parseExact.js"
import { PoolError } from "../src/PoolError.js"

/** The key of a message's JSON text. Throws `Usage` where there is none, `JsonSyntaxError` for what is not JSON. */
export type KeyOf = (text: string) => string

const step = /\.(?:([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"\\]|\\.)*"))/y

/** `undefined` for what is no path. */
export const keyFrom = (path: string): KeyOf | undefined => {
  const names: Array<string> = []
  step.lastIndex = 0
  for (let end = 0; end < path.length; end = step.lastIndex) {
    const [, plain, quoted] = step.exec(path) ?? []
    const name = plain ?? (quoted === undefined ? undefined : unquoted(quoted))
    if (name === undefined) return undefined
    names.push(name)
  }
  return names.length === 0 ? undefined : (text) => keyAt(parseExact(text), names, path)
}

const unquoted = (text: string): string | undefined => {
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

const keyAt = (message: ExactJson, names: ReadonlyArray<string>, path: string): string => {
  let value: ExactJson | undefined = message
  for (const name of names) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  if (typeof value === "string" && value !== "") return value
  if (typeof value === "bigint" || Number.isInteger(value)) return String(value)
  const found = value === undefined ? "nothing" : value === "" ? "empty text" : `${kindOf(value)}`
  throw new PoolError({
    reason: "Usage",
    message: `the message has ${found} at ${path}, where its key should be`,
    hint: "A key is text or a whole number. Give the path of one that every message has, or leave --key-from out."
  })
}

const isObject = (value: ExactJson | undefined): value is { [key: string]: ExactJson } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof FloatLiteral)

const kindOf = (value: ExactJson): string => {
  if (value === null) return "null"
  if (typeof value === "boolean") return String(value)
  if (Array.isArray(value)) return "an array"
  return isObject(value) ? "an object" : "a number with a fraction"
}
