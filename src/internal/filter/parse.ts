/**
 * Parses the part of jq that is understood here, by the precedences of jq's own grammar. What it takes, jq takes, with
 * the same structure; for all else it says nothing, and jq is asked.
 */
import { negated } from "./arithmetic.js"
import { callNamed } from "./calls.js"
import { identity, type ArithmeticOperator, type ComparisonOperator, type Expression, type Step } from "./syntax.js"
import { readTokens, type Token } from "./tokens.js"
import { failed, unsure, type Value } from "./value.js"

/** Undefined when any part of the text is beyond us. `text` must be free of comments. */
export const parseFilter = (text: string): Expression | undefined => {
  const tokens = readTokens(text)
  if (tokens === undefined) return undefined
  try {
    const parser = new Parser(tokens)
    const expression = parser.pipe()
    return parser.isAtEnd ? expression : undefined
  } catch (error) {
    if (error === beyondUs) return undefined
    throw error
  }
}

const beyondUs = new Error("beyond the fast part of jq")

/** Reserved words; after a dot and as keys they are names like any other. */
const keywords = new Set(
  "def module import include if then else elif end as reduce foreach try catch label and or __loc__".split(" ")
)
const comparisons: ReadonlySet<string> = new Set<ComparisonOperator>(["==", "!=", "<", "<=", ">", ">="])
const sums: ReadonlySet<string> = new Set<ArithmeticOperator>(["+", "-"])
const products: ReadonlySet<string> = new Set<ArithmeticOperator>(["*", "/", "%"])
const deepest = 64
const largestIndex = 1_000_000

class Parser {
  private index = 0
  private depth = 0

  constructor(private readonly tokens: ReadonlyArray<Token>) {}

  get isAtEnd(): boolean {
    return this.index === this.tokens.length
  }

  /** From here on, each method is one level of precedence, from the loosest to the tightest. */
  pipe(): Expression {
    if (++this.depth > deepest) throw beyondUs
    const left = this.comma()
    const whole: Expression = this.takeSymbol("|") ? { kind: "pipe", left, right: this.pipe() } : left
    this.depth--
    return whole
  }

  private comma(): Expression {
    let left = this.alternative()
    while (this.takeSymbol(",")) left = { kind: "comma", left, right: this.alternative() }
    return left
  }

  private alternative(): Expression {
    const left = this.or()
    if (!this.takeSymbol("//")) return left
    if (++this.depth > deepest) throw beyondUs
    const right = this.alternative()
    this.depth--
    return { kind: "alternative", left, right }
  }

  private or(): Expression {
    let left = this.and()
    while (this.takeName("or")) left = { kind: "or", left, right: this.and() }
    return left
  }

  private and(): Expression {
    let left = this.comparison()
    while (this.takeName("and")) left = { kind: "and", left, right: this.comparison() }
    return left
  }

  /** Does not associate: a second comparison is left over, and nothing takes it. */
  private comparison(): Expression {
    const left = this.sum()
    const operator = this.takeOperator(comparisons)
    if (operator === undefined) return left
    return { kind: "comparison", operator: operator as ComparisonOperator, left, right: this.sum() }
  }

  private sum(): Expression {
    let left = this.product()
    for (let operator; (operator = this.takeOperator(sums)) !== undefined;) {
      left = { kind: "arithmetic", operator: operator as ArithmeticOperator, left, right: this.product() }
    }
    return left
  }

  private product(): Expression {
    let left = this.sign()
    for (let operator; (operator = this.takeOperator(products)) !== undefined;) {
      left = { kind: "arithmetic", operator: operator as ArithmeticOperator, left, right: this.sign() }
    }
    return left
  }

  /** jq negates the product, not its first factor, which comes to the same. */
  private sign(): Expression {
    if (!this.takeSymbol("-")) return this.postfix()
    if (this.isSymbol("-")) throw beyondUs
    const operand = this.postfix()
    if (operand.kind !== "literal") return { kind: "negate", operand }
    const value = negated(operand.value)
    if (value === failed || value === unsure) throw beyondUs
    return { kind: "literal", value }
  }

  private postfix(): Expression {
    let expression = this.primary()
    for (;;) {
      const step = this.step()
      if (step === undefined) break
      if (expression.kind === "literal") throw beyondUs
      const isOptional = this.takeSymbol("?")
      expression =
        step === "each"
          ? { kind: "iterate", from: expression, isOptional }
          : stepped(expression, { ...step, isOptional })
    }
    // Of whatever is left, `?` makes an attempt; what could follow that differs between versions of jq.
    if (this.takeSymbol("?")) {
      if (expression.kind === "literal") throw beyondUs
      expression = { kind: "attempt", body: expression }
      if (this.isSymbol("?") || this.step() !== undefined) throw beyondUs
    }
    return expression
  }

  /** `.name`, `."name"`, `["name"]`, `[2]`, `[-1]`, `[]`; a dot may stand before a bracket. */
  private step(): { readonly key: string } | { readonly index: number } | "each" | undefined {
    const token = this.tokens[this.index]
    if (token?.kind === "field") {
      this.index++
      return { key: token.value }
    }
    if (this.takeSymbol(".")) {
      const next = this.tokens[this.index]
      if (next?.kind === "string") {
        this.index++
        return { key: next.value }
      }
      if (!this.isSymbol("[")) throw beyondUs
    }
    return this.takeSymbol("[") ? this.bracket() : undefined
  }

  private bracket(): { readonly key: string } | { readonly index: number } | "each" {
    if (this.takeSymbol("]")) return "each"
    const isNegative = this.takeSymbol("-")
    const token = this.next()
    this.expect("]")
    if (token.kind === "string" && !isNegative) return { key: token.value }
    if (token.kind !== "number" || !Number.isInteger(token.value) || token.value > largestIndex) throw beyondUs
    return { index: isNegative ? 0 - token.value : token.value }
  }

  private primary(): Expression {
    const token = this.tokens[this.index]
    if (token === undefined) throw beyondUs
    switch (token.kind) {
      case "number":
      case "string":
        this.index++
        return { kind: "literal", value: token.value }
      case "field":
        return identity
      case "name":
        this.index++
        if (keywords.has(token.value)) throw beyondUs
        return this.call(token.value)
      case "symbol":
        return this.bracketed(token.value)
    }
  }

  private bracketed(symbol: string): Expression {
    if (symbol === ".") {
      const next = this.tokens[this.index + 1]
      // The dot of a first step is taken with the step.
      const isStep = next?.kind === "string" || (next?.kind === "symbol" && next.value === "[")
      if (!isStep) this.index++
      return identity
    }
    this.index++
    if (symbol === "(") {
      const expression = this.pipe()
      this.expect(")")
      return expression
    }
    if (symbol === "[") return this.array()
    if (symbol === "{") return this.object()
    throw beyondUs
  }

  private array(): Expression {
    if (this.takeSymbol("]")) return { kind: "literal", value: [] }
    const body = this.pipe()
    this.expect("]")
    const elements = literalsOf(body)
    return elements === undefined ? { kind: "array", body } : { kind: "literal", value: elements }
  }

  private object(): Expression {
    const members: Array<readonly [string, Expression]> = []
    if (!this.takeSymbol("}")) {
      do {
        const key = this.next()
        if (key.kind !== "name" && key.kind !== "string") throw beyondUs
        if (key.kind === "name" && key.value.includes("::")) throw beyondUs
        this.expect(":")
        if (++this.depth > deepest) throw beyondUs
        members.push([key.value, this.sign()])
        this.depth--
      } while (this.takeSymbol(","))
      this.expect("}")
    }
    const constant = new Map<string, Value>()
    for (const [key, member] of members) {
      if (member.kind !== "literal") return { kind: "object", members }
      constant.set(key, member.value)
    }
    return { kind: "literal", value: constant }
  }

  private call(name: string): Expression {
    const args: Array<Expression> = []
    if (this.takeSymbol("(")) {
      do args.push(this.pipe())
      while (this.takeSymbol(";"))
      this.expect(")")
    }
    const call = callNamed(name, args)
    if (call === undefined) throw beyondUs
    return call
  }

  private next(): Token {
    const token = this.tokens[this.index++]
    if (token === undefined) throw beyondUs
    return token
  }

  private isSymbol(value: string): boolean {
    const token = this.tokens[this.index]
    return token?.kind === "symbol" && token.value === value
  }

  private takeSymbol(value: string): boolean {
    if (!this.isSymbol(value)) return false
    this.index++
    return true
  }

  private expect(value: string): void {
    if (!this.takeSymbol(value)) throw beyondUs
  }

  private takeName(value: string): boolean {
    const token = this.tokens[this.index]
    if (token?.kind !== "name" || token.value !== value) return false
    this.index++
    return true
  }

  private takeOperator(operators: ReadonlySet<string>): string | undefined {
    const token = this.tokens[this.index]
    if (token?.kind !== "symbol" || !operators.has(token.value)) return undefined
    this.index++
    return token.value
  }
}

/** Steps in a row are one path. */
const stepped = (from: Expression, step: Step): Expression =>
  from.kind === "path"
    ? { kind: "path", from: from.from, steps: [...from.steps, step] }
    : { kind: "path", from, steps: [step] }

/** The values of literals joined by commas. */
const literalsOf = (body: Expression): ReadonlyArray<Value> | undefined => {
  if (body.kind === "literal") return [body.value]
  if (body.kind !== "comma") return undefined
  const left = literalsOf(body.left)
  const right = literalsOf(body.right)
  return left === undefined || right === undefined ? undefined : [...left, ...right]
}
