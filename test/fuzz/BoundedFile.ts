/**
 * A pool file in memory that ends endless work, whatever asks for it: every call and every byte counts against a
 * bound. Its changes can be taken back, so that one pool serves a million cases without being copied.
 */
import type { PoolFile } from "../../src/PoolStorage.js"
import { Finding } from "./chance.js"

/** In bytes; 0 while there is nothing in it, so that the journal of a case is found in one piece. */
const journalBlock = 1 << 16

export class BoundedFile implements PoolFile {
  readonly path = "fuzzed.plasmite"
  readonly writable = true
  readonly byteLength: number
  /** Calls of the port, and bytes that went through it, since `restore`. */
  calls = 0
  bytesMoved = 0
  private readonly view: DataView
  private readonly maxCalls: number
  private readonly maxBytesMoved: number
  /** What was overwritten: file offset and length of each piece, oldest first, and the bytes one behind the other. */
  private readonly pieces: Array<number> = []
  private old = new Uint8Array(journalBlock)
  private oldBytes = 0

  constructor(readonly bytes: Uint8Array) {
    this.byteLength = bytes.length
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    // Ten thousand calls, and as many again for each frame that could fit; reading it all as often.
    const frames = Math.ceil(bytes.length / 72)
    this.maxCalls = 10_000 + 100 * frames
    this.maxBytesMoved = (1 << 20) + 400 * bytes.length
  }

  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    this.count(offset, length)
    // A short copy is done sooner than a view of it is made.
    if (length <= 16) for (let at = 0; at < length; at++) target[targetStart + at] = this.bytes[offset + at]!
    else target.set(this.bytes.subarray(offset, offset + length), targetStart)
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.remember(offset, length)
    this.bytes.set(source.subarray(sourceStart, sourceStart + length), offset)
  }

  store32(offset: number, value: number): void {
    if (offset % 4 !== 0) throw new Finding(`a store of 4 bytes at ${offset}`)
    this.remember(offset, 4)
    this.view.setUint32(offset, value, true)
  }

  store64(offset: number, low: number, high: number): void {
    if (offset % 8 !== 0) throw new Finding(`a store of 8 bytes at ${offset}`)
    this.remember(offset, 8)
    this.view.setUint32(offset, low, true)
    this.view.setUint32(offset + 4, high, true)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.write(offset, source, sourceStart, length)
  }

  sync(): void {}

  isCurrent(): boolean {
    return true
  }

  /** Takes back every change since the last time. */
  restore(): void {
    const { bytes, old, pieces } = this
    let end = this.oldBytes
    for (let at = pieces.length - 2; at >= 0; at -= 2) {
      const length = pieces[at + 1]!
      end -= length
      bytes.set(old.subarray(end, end + length), pieces[at]!)
    }
    pieces.length = 0
    this.oldBytes = 0
    this.calls = 0
    this.bytesMoved = 0
  }

  private remember(offset: number, length: number): void {
    this.count(offset, length)
    const needed = this.oldBytes + length
    if (needed > this.old.length) {
      const larger = new Uint8Array(2 * needed)
      larger.set(this.old.subarray(0, this.oldBytes))
      this.old = larger
    }
    this.old.set(this.bytes.subarray(offset, offset + length), this.oldBytes)
    this.oldBytes = needed
    this.pieces.push(offset, length)
  }

  private count(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.byteLength))
      throw new Finding(`access to ${offset}+${length} of ${this.byteLength} bytes`)
    this.calls++
    this.bytesMoved += length
    if (this.calls > this.maxCalls) throw new Finding(`more than ${this.maxCalls} calls of the file`)
    if (this.bytesMoved > this.maxBytesMoved) throw new Finding(`more than ${this.maxBytesMoved} bytes moved`)
  }
}
