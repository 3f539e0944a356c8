/**
 * Where JSON text grows, as the UTF-8 bytes that a pipe, a socket or a file wants anyway, in memory that is used again.
 * Strings of the text are never made: they would take longer to make, and to collect, than to write.
 */
import { floatText, integerText } from "../json/numberText.js"
import { base64Text, stringText } from "../json/stringText.js"
import { maxBytesPerUnit, newBlock, readUtf8, writeUtf8 } from "./utf8.js"

const smallestBytes = 4 * 1024
/** What one huge text needed beyond this is not kept. */
const mostKeptBytes = 4 * 1024 * 1024

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const zero = 0x30

export class TextBytes {
  /** The first `length` of them are the text. Another array after each call that writes. */
  bytes: Uint8Array = newBlock(smallestBytes)
  length = 0

  /** Forgets the text. */
  clear(): void {
    this.length = 0
    if (this.bytes.length > mostKeptBytes) this.bytes = newBlock(smallestBytes)
  }

  /** The text from `start` on as a string. */
  textFrom(start: number): string {
    // What was written is well formed.
    return readUtf8(this.bytes, start, this.length)!
  }

  /** Room for so many more bytes; where they begin. */
  private reserve(count: number): number {
    const { bytes, length } = this
    if (length + count > bytes.length) this.grow(length + count)
    return length
  }

  private grow(needed: number): void {
    const grown = newBlock(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  byte(byte: number): void {
    const at = this.reserve(1)
    this.bytes[at] = byte
    this.length = at + 1
  }

  /** Few bytes: of a key, or a word. */
  copy(source: Uint8Array): void {
    const count = source.length
    const at = this.reserve(count)
    const { bytes } = this
    for (let index = 0; index < count; index++) bytes[at + index] = source[index]!
    this.length = at + count
  }

  /** The text no longer ends in this byte. */
  dropTrailing(byte: number): void {
    while (this.length > 0 && this.bytes[this.length - 1] === byte) this.length--
  }

  /** Text that is JSON already. It must be well formed. */
  text(text: string): void {
    const at = this.reserve(text.length * maxBytesPerUnit)
    this.length = at + writeUtf8(text, this.bytes, at)
  }

  /**
   * The UTF-8 bytes `[start, end)` as a JSON string: the same as `stringText` makes of it. False, and nothing is written,
   * when they are not well formed.
   */
  string(block: Uint8Array, start: number, end: number): boolean {
    const at = this.reserve(end - start + 2)
    const { bytes } = this
    let to = at
    bytes[to++] = quote
    for (let from = start; from < end; from++) {
      const byte = block[from]!
      if (byte < 0x20 || byte > 0x7e || byte === quote || byte === backslash) return this.unusual(block, start, end)
      bytes[to++] = byte
    }
    bytes[to] = quote
    this.length = to + 1
    return true
  }

  private unusual(block: Uint8Array, start: number, end: number): boolean {
    const text = readUtf8(block, start, end)
    if (text === undefined) return false
    this.text(stringText(text))
    return true
  }

  base64(bytes: Uint8Array): void {
    this.text(`"${base64Text(bytes)}"`)
  }

  float(value: number): void {
    this.text(floatText(value))
  }

  /** A signed 64-bit integer, given as two halves. */
  integer(high: number, low: number): void {
    if (high !== low >> 31) this.text(integerText(high, low))
    else if (low >= 0) this.count(low)
    else {
      this.byte(minus)
      this.count(-low)
    }
  }

  /** The decimal digits of a non-negative safe integer. */
  count(value: number): void {
    let digits = 1
    for (let power = 10; digits < 16 && value >= power; power *= 10) digits++
    this.digits(value, digits)
  }

  /** Its last `count` digits, zeros included. */
  digits(value: number, count: number): void {
    const at = this.reserve(count)
    const { bytes } = this
    let rest = value
    for (let place = at + count - 1; place >= at; place--) {
      const tenth = Math.floor(rest / 10)
      bytes[place] = zero + (rest - tenth * 10)
      rest = tenth
    }
    this.length = at + count
  }
}
