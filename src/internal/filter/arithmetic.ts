/**
 * jq's arithmetic, as far as it is plain: numbers and joined text. The rest of what the operators can do (merging,
 * repeating, splitting) is left to jq.
 */
import type { ArithmeticOperator } from "./syntax.js"
import { failed, isArray, isPlain, unsure, type Outcome, type Value } from "./value.js"

/** Joined text costs when it is looked at, perhaps many times. */
const mostTextUnits = 10_000

export const calculate = (operator: ArithmeticOperator, left: Value, right: Value): Outcome => {
  if (typeof left === "number" && typeof right === "number") return ofNumbers(operator, left, right)
  if (operator === "+") return join(left, right)
  // No operator has a meaning for these; for others it may have.
  return left === null || right === null || typeof left === "boolean" || typeof right === "boolean" ? failed : unsure
}

const ofNumbers = (operator: ArithmeticOperator, left: number, right: number): Outcome => {
  switch (operator) {
    case "+":
      return plain(left + right)
    case "-":
      return plain(left - right)
    case "*":
      return plain(left * right)
    case "/":
      return right === 0 ? failed : plain(left / right)
    case "%":
      return modulo(Math.trunc(left), Math.trunc(right))
  }
}

/** Of whole numbers; the sign is that of the dividend. */
const modulo = (left: number, right: number): Outcome => {
  if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right)) return unsure
  return right === 0 ? failed : plain(left % right)
}

/** A negative zero becomes zero: no filter can tell them apart. */
const plain = (value: number): Outcome => (isPlain(value + 0) ? value + 0 : unsure)

const join = (left: Value, right: Value): Outcome => {
  if (left === null) return right
  if (right === null) return left
  if (typeof left === "string" && typeof right === "string") {
    return left.length + right.length > mostTextUnits ? unsure : left + right
  }
  if (typeof left === "object" && typeof right === "object" && isArray(left) === isArray(right)) return unsure
  return failed
}

export const negated = (value: Value): Outcome => (typeof value === "number" ? 0 - value : failed)
