/**
 * JSON as it was written: numbers keep their digits, members their order, and a key that comes twice comes twice. What
 * the page shows, copies and sends goes through here, because `JSON.parse` would round integers beyond 2^53.
 */
import { visibleCharacter } from "../../../src/internal/json/visibleCharacter.js"

export type ExactValue =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** The literal, digit for digit. */
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: ReadonlyArray<ExactValue> }
  | { readonly kind: "object"; readonly members: ReadonlyArray<ExactMember> }

export interface ExactMember {
  readonly key: string
  readonly value: ExactValue
}

/** Why a text is not JSON, and where. Line and column count from 1, in UTF-16 units as editors do. */
export class ExactJsonError extends Error {
  readonly line: number
  readonly column: number

  constructor(
    readonly reason: string,
    text: string,
    readonly position: number
  ) {
    const before = text.slice(0, position)
    const line = before.split("\n").length
    const column = position - before.lastIndexOf("\n")
    super(`${reason} at line ${line}, column ${column}`)
    this.name = "ExactJsonError"
    this.line = line
    this.column = column
  }
}

/** A value somewhere within a text: from `start` up to, not including, `end`. */
export interface MemberSpan {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** Deeper nesting is refused before it can exhaust the stack. */
export const maxNesting = 500

/** Throws `ExactJsonError`. */
export const parseExact = (text: string): ExactValue => new Reader(text).document()

/**
 * Where the members of the object at `from` lie, without building them, in their order and at most `most`. Undefined
 * when there is no object. Throws `ExactJsonError`.
 */
export const memberSpans = (
  text: string,
  from = 0,
  most = Number.POSITIVE_INFINITY
): ReadonlyArray<MemberSpan> | undefined => new Reader(text, from).spans(most)

const Unit = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d
} as const

const numberLiteral = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const keywordLiteral = /true|false|null/y

const nothing: ExactValue = { kind: "null" }
const yes: ExactValue = { kind: "boolean", value: true }
const no: ExactValue = { kind: "boolean", value: false }

class Reader {
  constructor(
    private readonly text: string,
    private position = 0
  ) {}

  document(): ExactValue {
    this.skipSpace()
    const value = this.value(0)
    this.skipSpace()
    if (this.position < this.text.length) throw this.unexpected("the end of the text")
    return value
  }

  spans(most: number): ReadonlyArray<MemberSpan> | undefined {
    this.skipSpace()
    if (this.text.charCodeAt(this.position) !== Unit.openBrace) return undefined
    const spans: Array<MemberSpan> = []
    this.enter(1)
    if (this.take(Unit.closeBrace)) return spans
    do {
      if (spans.length >= most) return spans
      const key = this.key()
      const start = this.position
      this.skipValue()
      spans.push({ key, start, end: this.position })
      this.skipSpace()
    } while (this.take(Unit.comma))
    if (!this.take(Unit.closeBrace)) throw this.unexpected("a comma or a closing brace")
    return spans
  }

  private value(nesting: number): ExactValue {
    switch (this.text.charCodeAt(this.position)) {
      case Unit.quote:
        return { kind: "string", value: this.string() }
      case Unit.openBrace:
        return this.object(nesting + 1)
      case Unit.openBracket:
        return this.array(nesting + 1)
      default:
        return this.scalar()
    }
  }

  private object(nesting: number): ExactValue {
    const members: Array<ExactMember> = []
    this.enter(nesting)
    if (this.take(Unit.closeBrace)) return { kind: "object", members }
    do {
      const key = this.key()
      members.push({ key, value: this.value(nesting) })
      this.skipSpace()
    } while (this.take(Unit.comma))
    if (!this.take(Unit.closeBrace)) throw this.unexpected("a comma or a closing brace")
    return { kind: "object", members }
  }

  private array(nesting: number): ExactValue {
    const items: Array<ExactValue> = []
    this.enter(nesting)
    if (this.take(Unit.closeBracket)) return { kind: "array", items }
    do {
      this.skipSpace()
      items.push(this.value(nesting))
      this.skipSpace()
    } while (this.take(Unit.comma))
    if (!this.take(Unit.closeBracket)) throw this.unexpected("a comma or a closing bracket")
    return { kind: "array", items }
  }

  /** Over a member's name and its colon, to its value. */
  private key(): string {
    this.skipSpace()
    if (this.text.charCodeAt(this.position) !== Unit.quote) throw this.unexpected("a member name in double quotes")
    const key = this.string()
    this.skipSpace()
    if (!this.take(Unit.colon)) throw this.unexpected("a colon")
    this.skipSpace()
    return key
  }

  private enter(nesting: number): void {
    if (nesting > maxNesting) throw this.failure(`the text nests deeper than ${maxNesting} levels`, this.position)
    this.position++
    this.skipSpace()
  }

  /** Over a value whose brackets match; what is between them is not looked at closely. */
  private skipValue(): void {
    let depth = 0
    do {
      this.skipSpace()
      const unit = this.text.charCodeAt(this.position)
      if (unit === Unit.quote) this.skipString()
      else if (unit === Unit.openBrace || unit === Unit.openBracket) {
        depth++
        this.position++
      } else if (depth > 0 && (unit === Unit.closeBrace || unit === Unit.closeBracket)) {
        depth--
        this.position++
      } else if (depth > 0 && (unit === Unit.comma || unit === Unit.colon)) this.position++
      else this.scalar()
    } while (depth > 0)
  }

  private skipString(): number {
    const { text } = this
    for (let index = this.position + 1; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit === Unit.quote) {
        this.position = index + 1
        return index + 1
      }
      if (unit < 0x20) throw this.failure("a control character in a string must be escaped", index)
      if (unit === Unit.backslash) index++
    }
    throw this.failure("a string is not closed", this.position)
  }

  private string(): string {
    const start = this.position
    const literal = this.text.slice(start, this.skipString())
    if (!literal.includes("\\")) return literal.slice(1, -1)
    try {
      return JSON.parse(literal) as string
    } catch {
      const bad = /\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(literal.replaceAll("\\\\", "--"))
      throw this.failure("a string contains an unknown escape", start + (bad?.index ?? 0))
    }
  }

  private scalar(): ExactValue {
    keywordLiteral.lastIndex = this.position
    const keyword = keywordLiteral.exec(this.text)?.[0]
    if (keyword !== undefined) {
      this.position += keyword.length
      return keyword === "null" ? nothing : keyword === "true" ? yes : no
    }
    numberLiteral.lastIndex = this.position
    const text = numberLiteral.exec(this.text)?.[0]
    if (text === undefined) throw this.unexpected("a value")
    this.position += text.length
    return { kind: "number", text }
  }

  private take(unit: number): boolean {
    if (this.text.charCodeAt(this.position) !== unit) return false
    this.position++
    return true
  }

  private skipSpace(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.position)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return
      this.position++
    }
  }

  private unexpected(wanted: string): ExactJsonError {
    const found =
      this.position < this.text.length ? visibleCharacter(this.text.codePointAt(this.position)!) : "the end of the text"
    return this.failure(`expected ${wanted}, found ${found}`, this.position)
  }

  private failure(reason: string, position: number): ExactJsonError {
    return new ExactJsonError(reason, this.text, position)
  }
}

/** Compact text, as the server sends it; with `indent`, that many spaces a level. */
export const printExact = (value: ExactValue, indent = 0): string => {
  const parts: Array<string> = []
  print(value, indent, "\n", parts)
  return parts.join("")
}

const print = (value: ExactValue, indent: number, lineBreak: string, parts: Array<string>): void => {
  switch (value.kind) {
    case "null":
      parts.push("null")
      return
    case "boolean":
      parts.push(value.value ? "true" : "false")
      return
    case "number":
      parts.push(value.text)
      return
    case "string":
      parts.push(JSON.stringify(value.value))
      return
    case "array":
    case "object":
      printContainer(value, indent, lineBreak, parts)
  }
}

const printContainer = (
  value: Extract<ExactValue, { readonly kind: "array" | "object" }>,
  indent: number,
  lineBreak: string,
  parts: Array<string>
): void => {
  const [open, close] = value.kind === "array" ? "[]" : "{}"
  const count = value.kind === "array" ? value.items.length : value.members.length
  parts.push(open!)
  const inner = lineBreak + " ".repeat(indent)
  for (let index = 0; index < count; index++) {
    if (index > 0) parts.push(",")
    if (indent > 0) parts.push(inner)
    if (value.kind === "array") print(value.items[index]!, indent, inner, parts)
    else {
      const { key, value: member } = value.members[index]!
      parts.push(JSON.stringify(key), indent > 0 ? ": " : ":")
      print(member, indent, inner, parts)
    }
  }
  if (indent > 0 && count > 0) parts.push(lineBreak)
  parts.push(close!)
}

/** What an object has under `key`; of several members the last, as everywhere in JSON. */
export const memberOf = (value: ExactValue, key: string): ExactValue | undefined => {
  if (value.kind !== "object") return undefined
  for (let index = value.members.length - 1; index >= 0; index--) {
    const member = value.members[index]!
    if (member.key === key) return member.value
  }
  return undefined
}

/** A path into a value: member names and array indices. */
export type ExactPath = ReadonlyArray<string | number>

export const valueAt = (value: ExactValue, path: ExactPath): ExactValue | undefined => {
  let current: ExactValue | undefined = value
  for (const step of path) {
    if (current === undefined) return undefined
    if (typeof step === "string") current = memberOf(current, step)
    else current = current.kind === "array" ? current.items[step] : undefined
  }
  return current
}

const plainKey = /^[A-Za-z_][A-Za-z0-9_]*$/

/** `.data.items[3]["two words"]`, which jq and the filter field understand. */
export const jqPath = (path: ExactPath): string => {
  let text = ""
  for (const step of path) {
    if (typeof step === "number") text += text === "" ? `.[${step}]` : `[${step}]`
    else if (plainKey.test(step)) text += `.${step}`
    else text += text === "" ? `.[${JSON.stringify(step)}]` : `[${JSON.stringify(step)}]`
  }
  return text === "" ? "." : text
}
