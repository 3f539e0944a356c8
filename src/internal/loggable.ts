/**
 * Whatever somebody logs, as JSON that a pool takes: cycles, functions and depths become words, nothing is refused.
 */
import type { JsonValue } from "./json/JsonValue.js"

/** Deeper is an accident; the envelope and a log line's own members come on top, and a payload nests 32 levels. */
const deepest = 8
const mostCharacters = 64 * 1024

/** Never throws, also when a getter or a `toJSON` does. */
export const toLoggable = (value: unknown): JsonValue => {
  try {
    return convert(value, [])
  } catch (error) {
    return `[not loggable: ${String(error)}]`
  }
}

const convert = (value: unknown, above: ReadonlyArray<object>): JsonValue => {
  switch (typeof value) {
    case "string":
      return value.length <= mostCharacters ? value : `${value.slice(0, mostCharacters)}…`
    case "boolean":
      return value
    case "number":
      return Number.isFinite(value) ? value : String(value)
    case "bigint":
      return value.toString()
    case "object":
      return value === null ? null : convertObject(value, above)
    default:
      return value === undefined ? null : String(value)
  }
}

const convertObject = (value: object, above: ReadonlyArray<object>): JsonValue => {
  if (above.includes(value)) return "[circular]"
  if (above.length >= deepest) return Array.isArray(value) ? "[array]" : "[object]"
  const within = [...above, value]
  if (Array.isArray(value)) return value.map((element) => convert(element, within))
  if (value instanceof Error) return convertError(value, within)
  if (value instanceof Map) return Array.from(value, (entry) => convert(entry, within))
  if (value instanceof Set) return Array.from(value, (element) => convert(element, within))
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === "function") return convert(toJSON.call(value), within)
  return membersOf(value, within)
}

/** An error's own words are not enumerable; its other members, such as a tag, are. */
const convertError = (error: Error, within: ReadonlyArray<object>): JsonValue => ({
  ...membersOf(error, within),
  name: error.name,
  message: error.message,
  ...(error.cause === undefined ? {} : { cause: convert(error.cause, within) })
})

const membersOf = (value: object, within: ReadonlyArray<object>): { readonly [key: string]: JsonValue } =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && typeof member !== "function")
      .map(([key, member]) => [key, convert(member, within)])
  )
