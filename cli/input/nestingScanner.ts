/**
 * Finds the end of a JSON object, array or string in bytes that arrive in pieces. It tracks nesting and strings and
 * nothing else, in one pass: whether the text in between is JSON is the parser's business. What cannot become JSON
 * whatever follows (a bracket of the wrong kind, a control character in a string) is `broken` at once, so that a
 * damaged record does not swallow the ones behind it.
 */
import { quotationMark } from "./jsonBytes.js"

const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const firstPrintable = 0x20

export class NestingScanner {
  outcome: "open" | "closed" | "broken" = "open"
  /** The closing bytes expected, innermost last. */
  private readonly closers: Array<number> = []
  private inString = false
  private escaped = false

  /** Forgets the value; the next byte scanned is the first of another one. */
  reset(): void {
    this.outcome = "open"
    this.closers.length = 0
    this.inString = false
    this.escaped = false
  }

  /**
   * Goes on with `bytes[start, end)` and stops right behind the byte that closed or broke the value, or at `end`
   * while it is open. Returns where it stopped.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    let position = start
    while (position < end) {
      if (this.inString) {
        position = this.scanString(bytes, position, end)
        if (this.inString) return position
        if (this.closers.length === 0) return this.stop("closed", position)
        continue
      }
      const byte = bytes[position]!
      position += 1
      if (byte === quotationMark) this.inString = true
      else if (byte === openBrace) this.closers.push(closeBrace)
      else if (byte === openBracket) this.closers.push(closeBracket)
      else if (byte === closeBrace || byte === closeBracket) {
        if (this.closers.pop() !== byte) return this.stop("broken", position)
        if (this.closers.length === 0) return this.stop("closed", position)
      }
    }
    return position
  }

  /** Up to behind the closing quotation mark, or to `end` or the fault with `inString` still set. */
  private scanString(bytes: Uint8Array, start: number, end: number): number {
    let escaped = this.escaped
    let position = start
    while (position < end) {
      const byte = bytes[position]!
      position += 1
      if (byte < firstPrintable) return this.stop("broken", position)
      if (escaped) escaped = false
      else if (byte === backslash) escaped = true
      else if (byte === quotationMark) {
        this.inString = false
        break
      }
    }
    this.escaped = escaped
    return position
  }

  private stop(outcome: "closed" | "broken", position: number): number {
    this.outcome = outcome
    return position
  }
}
