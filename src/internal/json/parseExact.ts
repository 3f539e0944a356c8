/**
 * A strict JSON parser that keeps what `JSON.parse` loses: integers of 64 bits come as `bigint` where a number
 * would round them, and a float that is spelled as one stays one (`FloatLiteral`). Of duplicate members the last
 * wins. Errors carry the offset of the offending character.
 */
import { FloatLiteral } from "./FloatLiteral.js"
import { JsonSyntaxError } from "./JsonSyntaxError.js"
import { visibleCharacter } from "./visibleCharacter.js"

export type ExactJson =
  null | boolean | number | bigint | string | FloatLiteral | Array<ExactJson> | { [key: string]: ExactJson }

/** Nesting that any text may have; deeper ones are refused before they can exhaust the stack. */
export const maxTextNesting = 127

/** Throws `JsonSyntaxError`. */
export const parseExact = (text: string): ExactJson => new ExactParser(text).document()

const Char = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d
} as const

const numberLiteral = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const keywordLiteral = /true|false|null/y
const lowestInteger = -(2n ** 63n)
const highestInteger = 2n ** 63n - 1n

class ExactParser {
  private position = 0

  constructor(private readonly text: string) {}

  document(): ExactJson {
    this.skipSpace()
    const value = this.value(0)
    this.skipSpace()
    if (this.position < this.text.length) throw this.unexpected("the end of the text")
    return value
  }

  private value(nesting: number): ExactJson {
    switch (this.text.charCodeAt(this.position)) {
      case Char.quote:
        return this.string()
      case Char.openBrace:
        return this.object(nesting + 1)
      case Char.openBracket:
        return this.array(nesting + 1)
      default:
        return this.scalar()
    }
  }

  private object(nesting: number): ExactJson {
    this.enter(nesting)
    const object: { [key: string]: ExactJson } = {}
    if (this.take(Char.closeBrace)) return object
    do {
      this.skipSpace()
      if (this.text.charCodeAt(this.position) !== Char.quote) throw this.unexpected("a member name in double quotes")
      const key = this.string()
      this.skipSpace()
      if (!this.take(Char.colon)) throw this.unexpected("a colon")
      this.skipSpace()
      const value = this.value(nesting)
      if (key === "__proto__") {
        Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
      } else object[key] = value
      this.skipSpace()
    } while (this.take(Char.comma))
    if (!this.take(Char.closeBrace)) throw this.unexpected("a comma or a closing brace")
    return object
  }

  private array(nesting: number): ExactJson {
    this.enter(nesting)
    const array: Array<ExactJson> = []
    if (this.take(Char.closeBracket)) return array
    do {
      this.skipSpace()
      array.push(this.value(nesting))
      this.skipSpace()
    } while (this.take(Char.comma))
    if (!this.take(Char.closeBracket)) throw this.unexpected("a comma or a closing bracket")
    return array
  }

  /** Steps over the opening brace or bracket and the space behind it. */
  private enter(nesting: number): void {
    if (nesting > maxTextNesting) {
      throw new JsonSyntaxError("limit", `the text nests deeper than ${maxTextNesting} levels`, this.position)
    }
    this.position++
    this.skipSpace()
  }

  private string(): string {
    const { text } = this
    const start = this.position
    let escaped = false
    for (let index = start + 1; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit === Char.quote) {
        this.position = index + 1
        return escaped ? this.unescape(start, index + 1) : text.slice(start + 1, index)
      }
      if (unit < 0x20) {
        throw new JsonSyntaxError("syntax", "a control character in a string must be escaped", index)
      }
      if (unit === Char.backslash) {
        escaped = true
        index++
      }
    }
    throw new JsonSyntaxError("syntax", "a string is not closed", start)
  }

  private unescape(start: number, end: number): string {
    try {
      return JSON.parse(this.text.slice(start, end)) as string
    } catch {
      const bad = /\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(this.text.slice(start, end).replaceAll("\\\\", "--"))
      throw new JsonSyntaxError("syntax", "a string contains an unknown escape", start + (bad?.index ?? 0))
    }
  }

  private scalar(): ExactJson {
    keywordLiteral.lastIndex = this.position
    const keyword = keywordLiteral.exec(this.text)
    if (keyword !== null) {
      this.position = keywordLiteral.lastIndex
      return keyword[0] === "null" ? null : keyword[0] === "true"
    }
    return this.number()
  }

  private number(): number | bigint | FloatLiteral {
    numberLiteral.lastIndex = this.position
    const match = numberLiteral.exec(this.text)
    if (match === null) throw this.unexpected("a value")
    const [literal, fraction, exponent] = match
    const value = Number(literal)
    if (!Number.isFinite(value)) {
      throw new JsonSyntaxError("syntax", `the number ${shorten(literal)} is out of range`, this.position)
    }
    this.position += literal.length
    if (!Number.isInteger(value)) return value
    if (fraction !== undefined || exponent !== undefined) return new FloatLiteral(value)
    if (Number.isSafeInteger(value)) return value
    const exact = BigInt(literal)
    return exact < lowestInteger || exact > highestInteger ? new FloatLiteral(value) : exact
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

  private unexpected(wanted: string): JsonSyntaxError {
    const found =
      this.position < this.text.length ? visibleCharacter(this.text.codePointAt(this.position)!) : "the end of the text"
    return new JsonSyntaxError("syntax", `expected ${wanted}, found ${found}`, this.position)
  }
}

const shorten = (literal: string): string => (literal.length <= 40 ? literal : `${literal.slice(0, 37)}...`)
