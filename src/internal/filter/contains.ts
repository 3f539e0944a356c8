/**
 * `contains`: text in text, some element for every element, a member for every member; otherwise equality. Its work
 * can grow with the square of a message, so it is limited: beyond the limit jq is asked, which can be stopped.
 */
import type { BinaryFunction } from "./calls.js"
import { equalValues, failed, isArray, isObject, rankOf, unsure, type Value } from "./value.js"

const mostComparisons = 10_000
const mostTextSteps = 10_000_000

export const makeContains = (): BinaryFunction => {
  let comparisons = 0

  const containsDeep = (whole: Value, part: Value): boolean | typeof unsure => {
    if (++comparisons > mostComparisons) return unsure
    if (typeof whole === "string" && typeof part === "string") {
      return whole.length * part.length > mostTextSteps ? unsure : whole.includes(part)
    }
    if (isObject(whole) && isObject(part)) {
      for (const [key, value] of part) {
        const other = whole.get(key)
        if (other === undefined) return false
        const contained = containsDeep(other, value)
        if (contained !== true) return contained
      }
      return true
    }
    if (isArray(whole) && isArray(part)) {
      for (const value of part) {
        const contained = someContains(whole, value)
        if (contained !== true) return contained
      }
      return true
    }
    return rankOf(whole) === rankOf(part) && equalValues(whole, part)
  }

  const someContains = (whole: ReadonlyArray<Value>, part: Value): boolean | typeof unsure => {
    for (const value of whole) {
      const contained = containsDeep(value, part)
      if (contained !== false) return contained
    }
    return false
  }

  return (input, argument) => {
    comparisons = 0
    // `true` and `false` are two types here.
    return rankOf(input) === rankOf(argument) ? containsDeep(input, argument) : failed
  }
}
