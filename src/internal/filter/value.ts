/**
 * The values that filters compute with, and jq's order over all of them. Whatever could make jq and JavaScript
 * disagree (integers beyond 2^53, a negative zero, numbers near the ends of the range) never becomes a value:
 * it is `unsure`.
 */
import { comparesByUnits, compareKeys } from "../json/keyOrder.js"

/** Objects are maps in the order in which jq sees the members. */
export type Value = null | boolean | number | string | ReadonlyArray<Value> | ReadonlyMap<string, Value>

/** In place of a value: jq raises an error here, for certain. */
export const failed: unique symbol = Symbol("failed")
/** In place of a value: jq has to be asked. */
export const unsure: unique symbol = Symbol("unsure")

export type Outcome = Value | typeof failed | typeof unsure

export const isTruthy = (value: Value): boolean => value !== null && value !== false

/** The places of the types in jq's order. */
export const Rank = { null: 0, false: 1, true: 2, number: 3, string: 4, array: 5, object: 6 } as const

export const rankOf = (value: Value): number => {
  switch (typeof value) {
    case "boolean":
      return value ? Rank.true : Rank.false
    case "number":
      return Rank.number
    case "string":
      return Rank.string
    default:
      return value === null ? Rank.null : isArray(value) ? Rank.array : Rank.object
  }
}

export const isArray = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)

export const isObject = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map

/** Numbers for which doubles and jq's decimals agree on order and arithmetic. */
export const isPlain = (value: number): boolean =>
  value === 0
    ? !Object.is(value, -0)
    : (value >= smallest && value <= largest) || (value <= -smallest && value >= -largest)

const smallest = 1e-300
const largest = 1e300

/** Negative, zero or positive. */
export const compareValues = (left: Value, right: Value): number => {
  if (typeof left === "number" && typeof right === "number") return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === "string" && typeof right === "string") return compareText(left, right)
  const byRank = rankOf(left) - rankOf(right)
  if (byRank !== 0) return byRank
  if (left === null || right === null) return 0
  if (isArray(left) && isArray(right)) return compareArrays(left, right)
  if (isObject(left) && isObject(right)) return compareObjects(left, right)
  return 0
}

export const equalValues = (left: Value, right: Value): boolean => left === right || compareValues(left, right) === 0

/** By code points, as UTF-8 sorts. */
export const compareText = (left: string, right: string): number =>
  left === right
    ? 0
    : comparesByUnits(left) && comparesByUnits(right)
      ? left < right
        ? -1
        : 1
      : compareKeys(left, right)

const compareArrays = (left: ReadonlyArray<Value>, right: ReadonlyArray<Value>): number => {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const order = compareValues(left[index]!, right[index]!)
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** First the sets of keys, as sorted arrays; then value by value, in the order of the keys. */
const compareObjects = (left: ReadonlyMap<string, Value>, right: ReadonlyMap<string, Value>): number => {
  const keys = sortedKeys(left)
  const byKeys = compareArrays(keys, sortedKeys(right))
  if (byKeys !== 0) return byKeys
  for (const key of keys) {
    const order = compareValues(left.get(key)!, right.get(key)!)
    if (order !== 0) return order
  }
  return 0
}

const sortedKeys = (object: ReadonlyMap<string, Value>): ReadonlyArray<string> => [...object.keys()].sort(compareText)
