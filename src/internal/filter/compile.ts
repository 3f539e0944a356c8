/**
 * Turns the tree of a filter into functions. An expression that yields exactly one output becomes a plain function; one
 * that may yield several hands them on one by one, in jq's order. Errors are values, not exceptions.
 */
import { calculate, negated } from "./arithmetic.js"
import { binaryFunction, functions, predicates } from "./calls.js"
import { parsePattern } from "./pattern.js"
import type { Work } from "./work.js"
import type { ComparisonOperator, Expression, Step } from "./syntax.js"
import { compareValues, failed, isArray, isObject, isTruthy, unsure, type Outcome, type Value } from "./value.js"

/** The receiver has what it needs: no more outputs. */
export const stopped: unique symbol = Symbol("stopped")
/** All is well, there may be more. */
export const goOn: unique symbol = Symbol("goOn")

export type Signal = typeof goOn | typeof stopped | typeof failed | typeof unsure
export type Emit = (value: Value) => Signal

/** From an input of type `I`. `many` answers with the first signal that was not `goOn`. */
export type Code<I> =
  | { readonly single: (input: I) => Outcome; readonly many?: undefined }
  | { readonly many: (input: I, emit: Emit) => Signal; readonly single?: undefined }

/** What can be had from an input. */
export interface Access<I> {
  readonly whole: (input: I) => Outcome
  /** Undefined where the steps have to be taken in the whole. */
  readonly path: (steps: ReadonlyArray<Step>) => ((input: I) => Outcome) | undefined
  /** Undefined where the value has to be had first. */
  readonly comparison: (
    steps: ReadonlyArray<Step>,
    operator: ComparisonOperator,
    literal: Value
  ) => ((input: I) => Outcome) | undefined
}

const valueAccess: Access<Value> = {
  whole: (input) => input,
  path: () => undefined,
  comparison: () => undefined
}

export const compile = <I>(expression: Expression, access: Access<I>, work: Work): Code<I> => {
  const compileHere = (inner: Expression): Code<I> => compile(inner, access, work)
  const compileValue = (inner: Expression): Code<Value> => compile(inner, valueAccess, work)
  switch (expression.kind) {
    case "identity":
      return { single: access.whole }
    case "literal": {
      const { value } = expression
      return { single: () => value }
    }
    case "path":
      return path(expression.from, expression.steps, access, work)
    case "iterate":
      return iterate(compileHere(expression.from), expression.isOptional, work)
    case "attempt":
      return attempt(toMany(compileHere(expression.body)))
    case "pipe":
      return pipe(compileHere(expression.left), compileValue(expression.right))
    case "comma": {
      const left = toMany(compileHere(expression.left))
      const right = toMany(compileHere(expression.right))
      return {
        many: (input, emit) => {
          if (--work.outputs < 0) return unsure
          const signal = left(input, emit)
          return signal === goOn ? right(input, emit) : signal
        }
      }
    }
    case "alternative":
      return alternative(compileHere(expression.left), compileHere(expression.right))
    case "and":
      return conjunction(compileHere(expression.left), compileHere(expression.right), false)
    case "or":
      return conjunction(compileHere(expression.left), compileHere(expression.right), true)
    case "comparison":
      return comparison(expression, access, work)
    case "arithmetic": {
      const { operator } = expression
      return binary(compileHere(expression.left), compileHere(expression.right), (left, right) =>
        calculate(operator, left, right)
      )
    }
    case "negate":
      return pipe(compileHere(expression.operand), { single: negated })
    case "array":
      return collect(toMany(compileHere(expression.body)), work)
    case "object":
      return object(expression.members, compileHere)
    case "empty":
      return { many: () => goOn }
    case "select":
      return select(access.whole, toMany(compileHere(expression.condition)))
    case "first":
      return first(toMany(compileHere(expression.body)))
    case "quantifier":
      return quantifier(
        toMany(compileHere(expression.generator)),
        toMany(compileValue(expression.condition)),
        expression.name === "any"
      )
    case "call":
      return call(expression.name, expression.argument && compileHere(expression.argument), access)
    case "test": {
      const pattern = parsePattern(expression.pattern, expression.ignoresCase)!
      const matches = (value: Value): Outcome => (typeof value === "string" ? pattern(value) : failed)
      return pipe({ single: access.whole }, { single: matches })
    }
  }
}

const signalOf = (outcome: Outcome, emit: Emit): Signal =>
  outcome === failed || outcome === unsure ? outcome : emit(outcome)

export const toMany = <I>(code: Code<I>): ((input: I, emit: Emit) => Signal) => {
  if (code.many !== undefined) return code.many
  const { single } = code
  return (input, emit) => signalOf(single(input), emit)
}

const pipe = <I>(left: Code<I>, right: Code<Value>): Code<I> => {
  if (left.single !== undefined && right.single !== undefined) {
    const { single } = left
    const { single: then } = right
    return {
      single: (input) => {
        const value = single(input)
        return value === failed || value === unsure ? value : then(value)
      }
    }
  }
  const outer = toMany(left)
  const inner = toMany(right)
  return { many: (input, emit) => outer(input, (value) => inner(value, emit)) }
}

/** As many of the steps as there is a direct way for, the others one by one. */
const path = <I>(from: Expression, steps: ReadonlyArray<Step>, access: Access<I>, work: Work): Code<I> => {
  let taken = from.kind === "identity" ? steps.length : 0
  let direct: Code<I>["single"]
  while (taken > 0 && (direct = access.path(steps.slice(0, taken))) === undefined) taken--
  const start: Code<I> = direct === undefined ? compile(from, access, work) : { single: direct }
  return steps.slice(taken).map(stepInto).reduce<Code<I>>(pipe, start)
}

const stepInto = (step: Step): Code<Value> => {
  const { index, isOptional, key } = step
  const into = (value: Value): Outcome => {
    if (value === null) return null
    if (key !== undefined) return isObject(value) ? (value.get(key) ?? null) : failed
    return isArray(value) ? (value[index < 0 ? value.length + index : index] ?? null) : failed
  }
  if (!isOptional) return { single: into }
  return {
    many: (value, emit) => {
      const found = into(value)
      return found === failed ? goOn : signalOf(found, emit)
    }
  }
}

const iterate = <I>(from: Code<I>, isOptional: boolean, work: Work): Code<I> =>
  pipe(from, {
    many: (value, emit) => {
      if (!isArray(value) && !isObject(value)) return isOptional ? goOn : failed
      for (const element of value.values()) {
        if (--work.outputs < 0) return unsure
        const signal = emit(element)
        if (signal !== goOn) return signal
      }
      return goOn
    }
  })

/** Errors of the body end it; those of what comes after pass through. */
const attempt = <I>(body: (input: I, emit: Emit) => Signal): Code<I> => ({
  many: (input, emit) => {
    let after: Signal = goOn
    const signal = body(input, (value) => (after = emit(value)))
    return after === goOn && signal === failed ? goOn : signal
  }
})

const alternative = <I>(left: Code<I>, right: Code<I>): Code<I> => {
  if (left.single !== undefined && right.single !== undefined) {
    const { single } = left
    const { single: otherwise } = right
    return {
      single: (input) => {
        const value = single(input)
        return value === null || value === false ? otherwise(input) : value
      }
    }
  }
  const some = toMany(left)
  const otherwise = toMany(right)
  return {
    many: (input, emit) => {
      let found = false
      const signal = some(input, (value) => {
        if (!isTruthy(value)) return goOn
        found = true
        return emit(value)
      })
      return found || signal !== goOn ? signal : otherwise(input, emit)
    }
  }
}

/** `or` when `decisive` is true, else `and`: what the left side may decide alone. */
const conjunction = <I>(left: Code<I>, right: Code<I>, decisive: boolean): Code<I> => {
  if (left.single !== undefined && right.single !== undefined) {
    const { single } = left
    const { single: then } = right
    return {
      single: (input) => {
        const value = single(input)
        if (value === failed || value === unsure) return value
        if (isTruthy(value) === decisive) return decisive
        const other = then(input)
        return other === failed || other === unsure ? other : isTruthy(other)
      }
    }
  }
  const outer = toMany(left)
  const inner = toMany(right)
  return {
    many: (input, emit) =>
      outer(input, (value) =>
        isTruthy(value) === decisive ? emit(decisive) : inner(input, (other) => emit(isTruthy(other)))
      )
  }
}

/** jq goes through the outputs on the right first, and for each through those on the left. */
const binary = <I>(left: Code<I>, right: Code<I>, operation: (left: Value, right: Value) => Outcome): Code<I> => {
  if (left.single !== undefined && right.single !== undefined) {
    const { single: leftOf } = left
    const { single: rightOf } = right
    return {
      single: (input) => {
        const rightValue = rightOf(input)
        if (rightValue === failed || rightValue === unsure) return rightValue
        const leftValue = leftOf(input)
        return leftValue === failed || leftValue === unsure ? leftValue : operation(leftValue, rightValue)
      }
    }
  }
  const inner = toMany(left)
  const outer = toMany(right)
  return {
    many: (input, emit) =>
      outer(input, (rightValue) => inner(input, (leftValue) => signalOf(operation(leftValue, rightValue), emit)))
  }
}

/** Whether an order (negative, zero, positive) satisfies the operator. */
export const orderTest = (operator: ComparisonOperator): ((order: number) => boolean) => {
  switch (operator) {
    case "==":
      return (order) => order === 0
    case "!=":
      return (order) => order !== 0
    case "<":
      return (order) => order < 0
    case "<=":
      return (order) => order <= 0
    case ">":
      return (order) => order > 0
    case ">=":
      return (order) => order >= 0
  }
}

const mirrored = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const

const comparison = <I>(
  expression: Extract<Expression, { readonly kind: "comparison" }>,
  access: Access<I>,
  work: Work
): Code<I> => {
  const { left, operator, right } = expression
  const direct =
    comparisonOfPath(left, operator, right, access) ?? comparisonOfPath(right, mirrored[operator], left, access)
  if (direct !== undefined) return { single: direct }
  const test = orderTest(operator)
  return binary(compile(left, access, work), compile(right, access, work), (leftValue, rightValue) =>
    test(compareValues(leftValue, rightValue))
  )
}

const comparisonOfPath = <I>(side: Expression, operator: ComparisonOperator, other: Expression, access: Access<I>) =>
  side.kind === "path" && side.from.kind === "identity" && other.kind === "literal"
    ? access.comparison(side.steps, operator, other.value)
    : undefined

const collect = <I>(body: (input: I, emit: Emit) => Signal, work: Work): Code<I> => ({
  single: (input) => {
    const values: Array<Value> = []
    const signal = body(input, (value) => {
      if (--work.outputs < 0) return unsure
      values.push(value)
      return goOn
    })
    return signal === failed || signal === unsure ? signal : values
  }
})

/** Members of one output each; with several, jq makes an object for every combination. */
const object = <I>(
  members: ReadonlyArray<readonly [key: string, value: Expression]>,
  compileHere: (expression: Expression) => Code<I>
): Code<I> => {
  const codes = members.map(([key, value]) => [key, compileHere(value)] as const)
  return {
    single: (input) => {
      const made = new Map<string, Value>()
      for (const [key, { single }] of codes) {
        if (single === undefined) return unsure
        const value = single(input)
        if (value === failed || value === unsure) return value
        made.set(key, value)
      }
      return made
    }
  }
}

const select = <I>(whole: (input: I) => Outcome, condition: (input: I, emit: Emit) => Signal): Code<I> => ({
  many: (input, emit) => condition(input, (value) => (isTruthy(value) ? signalOf(whole(input), emit) : goOn))
})

const first = <I>(body: (input: I, emit: Emit) => Signal): Code<I> => ({
  many: (input, emit) => {
    let after: Signal | undefined
    const signal = body(input, (value) => {
      after = emit(value)
      return stopped
    })
    return after ?? signal
  }
})

/** The first output of the condition that decides ends it: a true one for `any`, a false one for `all`. */
const quantifier = <I>(
  generator: (input: I, emit: Emit) => Signal,
  condition: (input: Value, emit: Emit) => Signal,
  decisive: boolean
): Code<I> => {
  const decide: Emit = (value) => (isTruthy(value) === decisive ? stopped : goOn)
  return {
    single: (input) => {
      const signal = generator(input, (value) => condition(value, decide))
      return signal === stopped ? decisive : signal === goOn ? !decisive : signal
    }
  }
}

const call = <I>(name: string, argument: Code<I> | undefined, access: Access<I>): Code<I> => {
  const input: Code<I> = { single: access.whole }
  if (argument === undefined) {
    const ofInput = functions.get(name)
    if (ofInput !== undefined) return pipe(input, { single: ofInput })
    const passes = predicates.get(name)!
    return pipe(input, { many: (value, emit) => (passes(value) ? emit(value) : goOn) })
  }
  return binary(input, argument, binaryFunction(name)!)
}
