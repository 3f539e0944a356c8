/**
 * The bytes of one record that is still arriving, from its first byte that is not blank. It never holds more than
 * the limit: a record is too large as soon as a byte that is not blank lies beyond it, however the input was cut
 * into chunks. Blanks at both ends do not count.
 */
import { skipBlanks } from "./jsonBytes.js"

const smallestCapacityBytes = 4096

export class RecordBuffer {
  bytes = new Uint8Array(smallestCapacityBytes)
  length = 0
  /** True when the record is larger than the limit; `bytes` then holds its beginning. */
  overflowed = false

  constructor(private readonly limitBytes: number) {}

  /** Adds `source[start, end)`; returns up to where it took the bytes in. */
  append(source: Uint8Array, start: number, end: number): number {
    const from = this.length === 0 ? skipBlanks(source, start, end) : start
    const taken = Math.min(end - from, this.limitBytes - this.length)
    this.reserve(this.length + taken)
    this.bytes.set(source.subarray(from, from + taken), this.length)
    this.length += taken
    if (from + taken < end && skipBlanks(source, from + taken, end) < end) this.overflowed = true
    return from + taken
  }

  clear(): void {
    this.length = 0
    this.overflowed = false
  }

  /** Forgets the first `count` bytes. */
  dropFirst(count: number): void {
    this.bytes.copyWithin(0, count, this.length)
    this.length -= count
  }

  private reserve(neededBytes: number): void {
    if (neededBytes <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(neededBytes, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
