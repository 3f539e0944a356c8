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
import { assertAligned, assertOneSector, assertWithin, type PositionalFile } from "./positionalFile.js"

// A native copy costs the same for 8 bytes as for 500, most of it for the view it is given. Up to these lengths a loop
// is faster: over words where they are aligned, else over bytes.
const longestWordLoopBytes = 40
const longestByteLoopBytes = 16

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

export class MappedFile implements PoolFile {
  readonly path: string
  byteLength: number
  readonly writable = true

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
    if (length <= longestWordLoopBytes && ((offset | length) & 3) === 0) {
      assertFits(target, targetStart, length)
      unpackWords(words, offset >>> 2, target, targetStart, length >>> 2)
    } else if (length <= longestByteLoopBytes) {
      assertFits(target, targetStart, length)
      for (let index = 0; index < length; index++) target[targetStart + index] = bytes[offset + index]!
    } else {
      target.set(bytes.subarray(offset, offset + length), targetStart)
    }
  }

  readWords(offset: number, target: Int32Array, count: number): void {
    assertWithin(this, offset, count << 2)
    assertAligned(this, offset, 4)
    if (count > target.length) throw tooFewWords(count, target)
    const { words } = this.region
    const first = offset >>> 2
    for (let index = 0; index < count; index++) target[index] = words[first + index]!
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertWithin(this, offset, length)
    if (!this.region.allocated) this.allocate()
    assertFits(source, sourceStart, length)
    const { bytes, words } = this.region
    if (length === source.length) {
      bytes.set(source, offset)
    } else if (length <= longestWordLoopBytes && ((offset | length) & 3) === 0) {
      packWords(source, sourceStart, words, offset >>> 2, length >>> 2)
    } else if (length <= longestByteLoopBytes) {
      for (let index = 0; index < length; index++) bytes[offset + index] = source[sourceStart + index]!
    } else {
      bytes.set(source.subarray(sourceStart, sourceStart + length), offset)
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
    assertWithin(this, offset, length)
    assertOneSector(this, offset, length)
    assertFits(source, sourceStart, length)
    // Node's own call takes a fifth longer, and this is the dearest part of an append.
    const bytes = sourceStart === 0 ? source : source.subarray(sourceStart)
    const written = this.region.map.write(this.file.fileDescriptor, bytes, length, offset)
    if (written === length) return
    // The rest must not follow in a second write: the range is all or nothing.
    throw errnoError("write to", this.path, written < 0 ? -written : Os.constants.errno.EIO)
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

const unpackWords = (
  words: Int32Array,
  first: number,
  target: Uint8Array,
  targetStart: number,
  count: number
): void => {
  for (let index = 0; index < count; index++) {
    const word = words[first + index]!
    const at = targetStart + (index << 2)
    target[at] = word
    target[at + 1] = word >>> 8
    target[at + 2] = word >>> 16
    target[at + 3] = word >>> 24
  }
}

const packWords = (source: Uint8Array, sourceStart: number, words: Int32Array, first: number, count: number): void => {
  for (let index = 0; index < count; index++) {
    const at = sourceStart + (index << 2)
    words[first + index] = source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24)
  }
}

const assertFits = (array: Uint8Array, start: number, length: number): void => {
  if (start + length > array.length) throw doesNotFit(array, start, length)
}

const doesNotFit = (array: Uint8Array, start: number, length: number): RangeError =>
  new RangeError(`${length} bytes at ${start} of ${array.length}`)

const tooFewWords = (count: number, target: Int32Array): RangeError =>
  new RangeError(`${count} words for ${target.length}`)
