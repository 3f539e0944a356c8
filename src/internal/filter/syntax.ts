/**
 * The part of jq that is understood here, as a tree. Shorthands are gone: `any` is `any(.[]; .)`, `map(f)` is
 * `[.[] | f]`, and so on, as jq's own definitions have it.
 */
import type { Value } from "./value.js"

export type Expression =
  | { readonly kind: "identity" }
  | { readonly kind: "literal"; readonly value: Value }
  /** Steps from a value into it, one after the other. */
  | { readonly kind: "path"; readonly from: Expression; readonly steps: ReadonlyArray<Step> }
  /** `.[]`; with `isOptional`, nothing where there is nothing to iterate over. */
  | { readonly kind: "iterate"; readonly from: Expression; readonly isOptional: boolean }
  /** What comes before the first error. */
  | { readonly kind: "attempt"; readonly body: Expression }
  | { readonly kind: "pipe"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "comma"; readonly left: Expression; readonly right: Expression }
  /** `//` */
  | { readonly kind: "alternative"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "comparison"
      readonly operator: ComparisonOperator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: "arithmetic"
      readonly operator: ArithmeticOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: "negate"; readonly operand: Expression }
  | { readonly kind: "array"; readonly body: Expression }
  | { readonly kind: "object"; readonly members: ReadonlyArray<readonly [key: string, value: Expression]> }
  | { readonly kind: "empty" }
  | { readonly kind: "select"; readonly condition: Expression }
  | { readonly kind: "first"; readonly body: Expression }
  /** `any` and `all`. */
  | {
      readonly kind: "quantifier"
      readonly name: "any" | "all"
      readonly generator: Expression
      readonly condition: Expression
    }
  /** A function of the input and, perhaps, of each output of an argument. */
  | { readonly kind: "call"; readonly name: string; readonly argument: Expression | undefined }
  | { readonly kind: "test"; readonly pattern: string; readonly ignoresCase: boolean }

export type Step = (
  { readonly key: string; readonly index?: undefined } | { readonly index: number; readonly key?: undefined }
) & { readonly isOptional: boolean }

export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">="
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%"

export const identity: Expression = { kind: "identity" }
