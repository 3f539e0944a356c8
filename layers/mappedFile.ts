/**
 * A pool file reached through memory: reads and writes are copies between typed arrays, without a system call. Plain
 * stores may become visible in any order; `store32` and `store64` are atomic and come after everything stored before
 * them, and `publish` is a write of the file itself, which the page cache shares with every map.
 *
 * What cannot be helped: when somebody truncates the file, touching the lost part kills the process. Pool files never
 * change their length, and nothing in this package truncates one.
 */
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import type { PoolFile } from "../src/PoolStorage.js"
import { errnoError, systemError } from "./errnoReason.js"
import { nativeOrThrow, type FileMap } from "./native.js"
import { assertAligned, assertWithin, type PositionalFile } from "./positionalFile.js"

// Up to here a loop over words beats a native copy, which costs the same for 8 bytes as for 500.
const longestWordCopyBytes = 64

const isDarwin = Os.platform() === "darwin"

// A number that does not fit into a double travels to a 64-bit store as two halves of one.
const halves = new Int32Array(2)
const whole = new BigInt64Array(halves.buffer)

/** One mapping of one file, shared by all handles on that file within the process. */
export class MappedRegion {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly longs: BigInt64Array
  /** How many open files look through this mapping. */
  handles = 0
  /** True when every block is there, so that a store cannot fail. */
  allocated: boolean

  constructor(
    readonly map: FileMap,
    file: PositionalFile
  ) {
    this.bytes = new Uint8Array(map.bytes)
    this.words = new Int32Array(map.bytes, 0, map.bytes.byteLength >>> 2)
    this.longs = new BigInt64Array(map.bytes, 0, map.bytes.byteLength >>> 3)
    this.allocated = file.allocated
  }
}

/** The words of whatever buffer a caller copies to or from; callers keep using the same few. */
class WordsOf {
  private buffer: ArrayBufferLike = new ArrayBuffer(0)
  private words: Int32Array = new Int32Array(0)

  of(array: Uint8Array): Int32Array {
    if (array.buffer !== this.buffer) {
      this.buffer = array.buffer
      this.words = new Int32Array(array.buffer, 0, array.buffer.byteLength >>> 2)
    }
    return this.words
  }
}

export class MappedFile implements PoolFile {
  readonly path: string
  byteLength: number
  readonly writable = true
  private readonly targetWords = new WordsOf()
  private readonly sourceWords = new WordsOf()

  constructor(
    private readonly file: PositionalFile,
    private readonly region: MappedRegion
  ) {
    this.path = file.path
    this.byteLength = file.byteLength
  }

  /** Nothing lies within the file any more, so every later use is a broken invariant and throws. */
  close(): void {
    this.byteLength = 0
    this.file.close()
  }

  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    assertWithin(this, offset, length)
    const { bytes, words } = this.region
    if (length > longestWordCopyBytes) {
      target.set(bytes.subarray(offset, offset + length), targetStart)
    } else if (((offset | length | (target.byteOffset + targetStart)) & 3) === 0) {
      assertFits(target, targetStart, length)
      copyWords(words, offset, this.targetWords.of(target), target.byteOffset + targetStart, length)
    } else {
      assertFits(target, targetStart, length)
      for (let index = 0; index < length; index++) target[targetStart + index] = bytes[offset + index]!
    }
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertWithin(this, offset, length)
    if (!this.region.allocated) this.allocate()
    const { bytes, words } = this.region
    if (length > longestWordCopyBytes) {
      bytes.set(source.subarray(sourceStart, sourceStart + length), offset)
    } else if (((offset | length | (source.byteOffset + sourceStart)) & 3) === 0) {
      assertFits(source, sourceStart, length)
      copyWords(this.sourceWords.of(source), source.byteOffset + sourceStart, words, offset, length)
    } else {
      assertFits(source, sourceStart, length)
      for (let index = 0; index < length; index++) bytes[offset + index] = source[sourceStart + index]!
    }
  }

  store32(offset: number, value: number): void {
    assertWithin(this, offset, 4)
    assertAligned(this, offset, 4)
    if (!this.region.allocated) this.allocate()
    Atomics.store(this.region.words, offset >>> 2, value)
  }

  store64(offset: number, low: number, high: number): void {
    assertWithin(this, offset, 8)
    assertAligned(this, offset, 8)
    if (!this.region.allocated) this.allocate()
    halves[0] = low
    halves[1] = high
    Atomics.store(this.region.longs, offset >>> 3, whole[0]!)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.file.publish(offset, source, sourceStart, length)
  }

  sync(offset: number, length: number): void {
    assertWithin(this, offset, length)
    const errno = this.region.map.sync(offset, length)
    if (errno !== 0) throw errnoError("flush", this.path, errno)
    if (!isDarwin) return
    // There, `msync` stops at the disk's own cache; Node's fsync goes through it.
    try {
      FileSystem.fsyncSync(this.file.fileDescriptor)
    } catch (exception) {
      throw systemError("flush", this.path, exception)
    }
  }

  isCurrent(): boolean {
    return this.file.isCurrent()
  }

  /**
   * Fills the holes of a file made by somebody else. On a full disk a store into a hole kills the process; asking for
   * the blocks beforehand fails instead. Where the system cannot reserve blocks, nothing more can be done.
   */
  private allocate(): void {
    const errno = nativeOrThrow("write to", this.path).allocate(this.file.fileDescriptor, this.byteLength)
    if (errno === Os.constants.errno.ENOSPC || errno === Os.constants.errno.EDQUOT) {
      throw errnoError("write to", this.path, errno)
    }
    this.region.allocated = true
  }
}

/** All in bytes, all multiples of 4. */
const copyWords = (from: Int32Array, fromOffset: number, to: Int32Array, toOffset: number, length: number): void => {
  const fromIndex = fromOffset >>> 2
  const toIndex = toOffset >>> 2
  const count = length >>> 2
  for (let index = 0; index < count; index++) to[toIndex + index] = from[fromIndex + index]!
}

const assertFits = (array: Uint8Array, start: number, length: number): void => {
  if (start + length > array.length) throw new RangeError(`${length} bytes at ${start} of ${array.length}`)
}
