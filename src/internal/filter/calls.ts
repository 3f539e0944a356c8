/**
 * The functions of jq that are understood here: what a call by name means, and those that are a plain function of
 * their input and one argument.
 */
import { makeContains } from "./contains.js"
import { parsePattern } from "./pattern.js"
import { identity, type Expression } from "./syntax.js"
import { failed, isArray, isObject, isTruthy, unsure, type Outcome, type Value } from "./value.js"

/** What the call stands for, or undefined when it is not for us. */
export const callNamed = (name: string, args: ReadonlyArray<Expression>): Expression | undefined => {
  const [first, second] = args
  switch (`${name}/${args.length}`) {
    case "null/0":
      return { kind: "literal", value: null }
    case "true/0":
      return { kind: "literal", value: true }
    case "false/0":
      return { kind: "literal", value: false }
    case "empty/0":
      return { kind: "empty" }
    case "select/1":
      return { kind: "select", condition: first! }
    case "map/1":
      return { kind: "array", body: { kind: "pipe", left: elements, right: first! } }
    case "first/0":
      return { kind: "path", from: identity, steps: [{ index: 0, isOptional: false }] }
    case "last/0":
      return { kind: "path", from: identity, steps: [{ index: -1, isOptional: false }] }
    case "first/1":
      return { kind: "first", body: first! }
    case "any/0":
    case "all/0":
      return { kind: "quantifier", name: name as "any" | "all", generator: elements, condition: identity }
    case "any/1":
    case "all/1":
      return { kind: "quantifier", name: name as "any" | "all", generator: elements, condition: first! }
    case "any/2":
    case "all/2":
      return { kind: "quantifier", name: name as "any" | "all", generator: first!, condition: second! }
    case "IN/1":
      return {
        kind: "quantifier",
        name: "any",
        generator: { kind: "comparison", operator: "==", left: first!, right: identity },
        condition: identity
      }
    case "test/1":
    case "test/2":
      return testCall(first!, second)
  }
  const isKnown =
    args.length === 0 ? functions.has(name) || predicates.has(name) : args.length === 1 && binaryNames.has(name)
  return isKnown ? { kind: "call", name, argument: first } : undefined
}

const elements: Expression = { kind: "iterate", from: identity, isOptional: false }

const testCall = (pattern: Expression, flags: Expression | undefined): Expression | undefined => {
  if (pattern.kind !== "literal" || typeof pattern.value !== "string") return undefined
  if (flags !== undefined && flags.kind !== "literal") return undefined
  const letters = flags?.value ?? ""
  if (letters !== "" && letters !== "i") return undefined
  const ignoresCase = letters === "i"
  return parsePattern(pattern.value, ignoresCase) === undefined
    ? undefined
    : { kind: "test", pattern: pattern.value, ignoresCase }
}

/** Of the input alone. */
export const functions: ReadonlyMap<string, (input: Value) => Outcome> = new Map<string, (input: Value) => Outcome>([
  ["not", (input) => !isTruthy(input)],
  [
    "length",
    (input) => {
      if (input === null) return 0
      if (typeof input === "boolean") return failed
      if (typeof input === "number") return Math.abs(input)
      if (typeof input === "string") return codePoints(input)
      return isArray(input) ? input.length : (input as ReadonlyMap<string, Value>).size
    }
  ],
  ["type", (input) => typeName(input)],
  [
    "ascii_downcase",
    (input) => (typeof input === "string" ? input.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : failed)
  ],
  [
    "ascii_upcase",
    (input) => (typeof input === "string" ? input.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : failed)
  ]
])

const typeName = (value: Value): string =>
  value === null ? "null" : isArray(value) ? "array" : isObject(value) ? "object" : typeof value

const codePoints = (text: string): number => {
  let count = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit < 0xdc00) count--
  }
  return count
}

/** Those that let their input through, or not. */
export const predicates: ReadonlyMap<string, (input: Value) => boolean> = new Map<string, (input: Value) => boolean>([
  ["values", (input) => input !== null],
  ["nulls", (input) => input === null],
  ["booleans", (input) => typeof input === "boolean"],
  ["numbers", (input) => typeof input === "number"],
  ["strings", (input) => typeof input === "string"],
  ["arrays", (input) => isArray(input)],
  ["objects", (input) => isObject(input)],
  ["iterables", (input) => isArray(input) || isObject(input)],
  ["scalars", (input) => !isArray(input) && !isObject(input)]
])

export type BinaryFunction = (input: Value, argument: Value) => Outcome

const binaryNames: ReadonlySet<string> = new Set(["has", "contains", "inside", "startswith", "endswith"])

/** Undefined when there is none of this name. */
export const binaryFunction = (name: string): BinaryFunction | undefined => {
  switch (name) {
    case "has":
      return has
    case "contains":
      return makeContains()
    case "inside": {
      const contains = makeContains()
      return (input, argument) => contains(argument, input)
    }
    case "startswith":
      return (input, argument) =>
        typeof input === "string" && typeof argument === "string" ? input.startsWith(argument) : failed
    case "endswith":
      return (input, argument) =>
        typeof input === "string" && typeof argument === "string" ? input.endsWith(argument) : failed
    default:
      return undefined
  }
}

const has: BinaryFunction = (input, argument) => {
  if (input === null) return false
  if (isObject(input) && typeof argument === "string") return input.has(argument)
  if (isArray(input) && typeof argument === "number") {
    // jq goes by way of C's int.
    return Number.isInteger(argument) && argument >= 0 && argument < 0x7fff_ffff ? argument < input.length : unsure
  }
  return failed
}
