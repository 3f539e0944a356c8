/**
 * A pool file reached by positional reads and writes on one descriptor. Each call is a system call, so stores reach
 * the file in program order by themselves. Nothing here can make the file longer or shorter.
 */
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { PoolError } from "../src/PoolError.js"
import type { PoolFile } from "../src/PoolStorage.js"
import { errnoError, errorCode, systemError } from "./errnoReason.js"

// Without O_NONBLOCK, opening a named pipe that is in the way would wait for its other end.
const readAndWrite = FileSystem.constants.O_RDWR | FileSystem.constants.O_NONBLOCK
const readOnly = FileSystem.constants.O_RDONLY | FileSystem.constants.O_NONBLOCK
const refusals = new Set(["EACCES", "EPERM", "EROFS"])
const closedDescriptor = -1
const sectorBytes = 512
const withoutEntryUndefined = { throwIfNoEntry: false } as const

/** A descriptor of the file, for writing if that is allowed. The descriptor closes itself when a program is executed. */
export const openDescriptor = (path: string): { readonly descriptor: number; readonly writable: boolean } => {
  try {
    return { descriptor: FileSystem.openSync(path, readAndWrite), writable: true }
  } catch (exception) {
    if (!refusals.has(errorCode(exception) ?? "")) throw exception
    return { descriptor: FileSystem.openSync(path, readOnly), writable: false }
  }
}

export class PositionalFile implements PoolFile {
  /** Opens the file; throws what `PoolStorage.open` fails with. */
  static open(path: string): PositionalFile {
    try {
      const { descriptor, writable } = openDescriptor(path)
      try {
        const status = FileSystem.fstatSync(descriptor, { bigint: true })
        if (status.isDirectory()) throw errnoError("open", path, Os.constants.errno.EISDIR)
        if (!status.isFile()) throw notAFile(path)
        return new PositionalFile(path, descriptor, writable, status)
      } catch (exception) {
        FileSystem.closeSync(descriptor)
        throw exception
      }
    } catch (exception) {
      throw systemError("open", path, exception)
    }
  }

  readonly byteLength: number
  /** Device and inode, the same for every handle of one file and for no other file. */
  readonly identity: string
  /** The same as numbers, where they are exact: comparing those is asked for all the time, and costs a fifth less. */
  private readonly plainIdentity: { readonly dev: number; readonly ino: number } | undefined
  /** False for a file with holes, which take up disk space only when something is written to them. */
  readonly allocated: boolean
  // The path must go on leading to the same place when the program changes its directory.
  private readonly absolutePath: string
  private readonly word = new Uint8Array(8)
  private readonly wordFields = new DataView(this.word.buffer)

  private constructor(
    readonly path: string,
    private descriptor: number,
    readonly writable: boolean,
    status: FileSystem.BigIntStats
  ) {
    this.byteLength = Number(status.size)
    this.identity = identityOf(status)
    const plain = { dev: Number(status.dev), ino: Number(status.ino) }
    if (Number.isSafeInteger(plain.dev) && Number.isSafeInteger(plain.ino)) this.plainIdentity = plain
    this.allocated = status.blocks * 512n >= status.size
    this.absolutePath = Path.resolve(path)
  }

  /** Lets the system know the descriptor is no longer needed. Every later use is a broken invariant and throws. */
  close(): void {
    const descriptor = this.descriptor
    this.descriptor = closedDescriptor
    FileSystem.closeSync(descriptor)
  }

  /** For the calls that need one: locks, maps. */
  get fileDescriptor(): number {
    return this.descriptor
  }

  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    assertWithin(this, offset, length)
    try {
      let done = 0
      while (done < length) {
        const count = FileSystem.readSync(this.descriptor, target, targetStart + done, length - done, offset + done)
        if (count === 0) throw shrunk(this.path)
        done += count
      }
    } catch (exception) {
      throw systemError("read", this.path, exception)
    }
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertWithin(this, offset, length)
    try {
      let done = 0
      while (done < length) {
        const count = FileSystem.writeSync(this.descriptor, source, sourceStart + done, length - done, offset + done)
        if (count === 0) throw errnoError("write to", this.path, Os.constants.errno.ENOSPC)
        done += count
      }
    } catch (exception) {
      throw systemError("write to", this.path, exception)
    }
  }

  store32(offset: number, value: number): void {
    assertAligned(this, offset, 4)
    this.wordFields.setUint32(0, value, true)
    this.publish(offset, this.word, 0, 4)
  }

  store64(offset: number, low: number, high: number): void {
    assertAligned(this, offset, 8)
    this.wordFields.setUint32(0, low, true)
    this.wordFields.setUint32(4, high, true)
    this.publish(offset, this.word, 0, 8)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertWithin(this, offset, length)
    assertOneSector(this, offset, length)
    try {
      const count = FileSystem.writeSync(this.descriptor, source, sourceStart, length, offset)
      // The rest must not follow in a second write: the range is all or nothing.
      if (count !== length) throw errnoError("write to", this.path, Os.constants.errno.EIO)
    } catch (exception) {
      throw systemError("write to", this.path, exception)
    }
  }

  sync(_offset: number, _length: number): void {
    try {
      FileSystem.fdatasyncSync(this.descriptor)
    } catch (exception) {
      throw systemError("flush", this.path, exception)
    }
  }

  isCurrent(): boolean {
    try {
      const plain = this.plainIdentity
      if (plain !== undefined) {
        const status = FileSystem.statSync(this.absolutePath, withoutEntryUndefined)
        return status !== undefined && status.ino === plain.ino && status.dev === plain.dev
      }
      const status = FileSystem.statSync(this.absolutePath, { bigint: true, throwIfNoEntry: false })
      return status !== undefined && identityOf(status) === this.identity
    } catch {
      return false
    }
  }
}

/** Throws for a range that is not within the file: the caller's arithmetic is wrong, not the machine. */
export const assertWithin = (
  file: { readonly path: string; readonly byteLength: number },
  offset: number,
  length: number
): void => {
  if (offset < 0 || length < 0 || offset + length > file.byteLength) {
    throw outside(file, offset, length)
  }
}

/** Throws for an offset at which a store of so many bytes would not be in one piece. */
export const assertAligned = (file: { readonly path: string }, offset: number, size: 4 | 8): void => {
  if ((offset & (size - 1)) !== 0) throw unaligned(file, offset, size)
}

/** Throws for a range that a disk may store in two pieces. */
export const assertOneSector = (file: { readonly path: string }, offset: number, length: number): void => {
  if ((offset % sectorBytes) + length > sectorBytes) {
    throw inTwoSectors(file, offset, length)
  }
}

// Made apart from where they are thrown: the compiler would make the texts of numbers also where nothing is wrong.

const outside = (file: { readonly path: string; readonly byteLength: number }, offset: number, length: number): Error =>
  new Error(`bytes ${offset} to ${offset + length} are not within ${file.path} (${file.byteLength} bytes)`)

const unaligned = (file: { readonly path: string }, offset: number, size: number): Error =>
  new Error(`offset ${offset} of ${file.path} is not a multiple of ${size}`)

const inTwoSectors = (file: { readonly path: string }, offset: number, length: number): Error =>
  new Error(`bytes ${offset} to ${offset + length} of ${file.path} lie in more than one sector`)

const identityOf = (status: FileSystem.BigIntStats): string => `${status.dev}:${status.ino}`

const notAFile = (path: string): PoolError =>
  new PoolError({
    reason: "Corrupt",
    message: `cannot open ${path}: it is not a regular file`,
    hint: "A pool is an ordinary file; move whatever is in the way.",
    path
  })

const shrunk = (path: string): PoolError =>
  new PoolError({
    reason: "Io",
    message: `cannot read ${path}: it became shorter while it was open`,
    hint: "Something truncated the pool file. Restore it from a copy.",
    path
  })
