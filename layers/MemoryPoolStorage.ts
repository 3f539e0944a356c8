/**
 * Pool files in memory, for tests of programs that use pools. Everybody who shares the layer sees the same files, as
 * processes see the same disk; time is Effect's `Clock`.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Os from "node:os"
import type { PoolError } from "../src/PoolError.js"
import { PoolStorage, type PoolFile, type PoolFileEntry } from "../src/PoolStorage.js"
import { errnoError } from "./errnoReason.js"
import * as Memory from "./MemoryDisk.js"
import { assertAligned, assertOneSector, assertWithin } from "./positionalFile.js"

const { EEXIST, EFBIG, EISDIR, ENOENT, ENOTDIR } = Os.constants.errno

/** `undefined` for more than there can be. */
const allocate = (byteLength: number): Uint8Array | undefined => {
  try {
    return new Uint8Array(byteLength)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

class MemoryPoolFile implements PoolFile {
  byteLength: number
  readonly writable: boolean
  private readonly fields: DataView

  constructor(
    readonly path: string,
    private readonly file: Memory.MemoryFile,
    private readonly files: ReadonlyMap<string, Memory.MemoryFile>,
    private readonly clock: Clock.Clock
  ) {
    this.byteLength = file.bytes.length
    this.writable = file.writable
    this.fields = new DataView(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length)
  }

  /** Nothing lies within the file any more, so every later use is a broken invariant and throws. */
  close(): void {
    this.byteLength = 0
  }

  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    assertWithin(this, offset, length)
    target.set(this.file.bytes.subarray(offset, offset + length), targetStart)
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.assertWritable(offset, length)
    this.file.bytes.set(source.subarray(sourceStart, sourceStart + length), offset)
    this.file.modifiedMillis = this.clock.unsafeCurrentTimeMillis()
  }

  store32(offset: number, value: number): void {
    assertAligned(this, offset, 4)
    this.assertWritable(offset, 4)
    this.fields.setUint32(offset, value, true)
  }

  store64(offset: number, low: number, high: number): void {
    assertAligned(this, offset, 8)
    this.assertWritable(offset, 8)
    this.fields.setUint32(offset, low, true)
    this.fields.setUint32(offset + 4, high, true)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertOneSector(this, offset, length)
    this.write(offset, source, sourceStart, length)
  }

  sync(): void {}

  isCurrent(): boolean {
    return this.files.get(this.path) === this.file
  }

  private assertWritable(offset: number, length: number): void {
    assertWithin(this, offset, length)
    if (!this.writable) throw errnoError("write to", this.path, Os.constants.errno.EROFS)
  }
}

const make = Effect.map(Memory.MemoryDisk, ({ files }) => {
  const isDirectory = (path: string): boolean => {
    for (const existing of files.keys()) if (existing.startsWith(`${path}/`)) return true
    return false
  }

  /** What a disk would say about a path where no file is. */
  const absence = (path: string): number => {
    if (isDirectory(path)) return EISDIR
    return isBelowFile(path) ? ENOTDIR : ENOENT
  }

  const isBelowFile = (path: string): boolean => {
    const end = path.lastIndexOf("/")
    if (end <= 0) return false
    const parent = path.slice(0, end)
    return files.has(parent) || isBelowFile(parent)
  }

  const open = (path: string, clock: Clock.Clock): Effect.Effect<MemoryPoolFile, PoolError> => {
    const file = files.get(path)
    return file === undefined
      ? Effect.fail(errnoError("open", path, absence(path)))
      : Effect.succeed(new MemoryPoolFile(path, file, files, clock))
  }

  const listedIn = (directory: string, extension: string): ReadonlyArray<PoolFileEntry> => {
    const prefix = directory.endsWith("/") ? directory : `${directory}/`
    const entries: Array<PoolFileEntry> = []
    for (const [path, file] of files) {
      const fileName = path.slice(prefix.length)
      const isListed = path.startsWith(prefix) && !fileName.includes("/") && fileName.endsWith(extension)
      const name = fileName.slice(0, -extension.length)
      if (!isListed || name === "") continue
      entries.push({ name, path, byteLength: file.bytes.length, modifiedMillis: file.modifiedMillis })
    }
    return entries.sort((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)))
  }

  return PoolStorage.of({
    open: (path) =>
      Effect.acquireRelease(
        Effect.clockWith((clock) => open(path, clock)),
        (file) => Effect.sync(() => file.close())
      ),
    create: (path, { byteLength, header }) =>
      Effect.clockWith((clock) => {
        if (files.has(path) || isDirectory(path)) return Effect.fail(errnoError("create", path, EEXIST))
        if (isBelowFile(path)) return Effect.fail(errnoError("create", path, ENOTDIR))
        const bytes = allocate(byteLength)
        if (bytes === undefined) return Effect.fail(errnoError("create", path, EFBIG))
        bytes.set(header)
        files.set(path, { bytes, modifiedMillis: clock.unsafeCurrentTimeMillis(), writable: true })
        return Effect.void
      }),
    copy: (path, to) =>
      Effect.clockWith((clock) => {
        const file = files.get(path)
        if (file === undefined) return Effect.fail(errnoError("copy", path, absence(path)))
        if (files.has(to) || isDirectory(to)) return Effect.fail(errnoError("copy to", to, EEXIST))
        if (isBelowFile(to)) return Effect.fail(errnoError("copy to", to, ENOTDIR))
        files.set(to, { ...file, bytes: file.bytes.slice(), modifiedMillis: clock.unsafeCurrentTimeMillis() })
        return Effect.void
      }),
    list: (directory, extension = ".plasmite") =>
      Effect.suspend(() =>
        files.has(directory)
          ? Effect.fail(errnoError("list", directory, ENOTDIR))
          : Effect.succeed(listedIn(directory, extension))
      ),
    // A directory in which there is no file does not exist here.
    removeEmptyDirectory: () => Effect.void,
    remove: (path) =>
      Effect.suspend(() => (files.delete(path) ? Effect.void : Effect.fail(errnoError("delete", path, absence(path)))))
  })
})

/**
 * Pool storage on an empty `MemoryDisk`, which comes with it for those who want to look inside.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolStorage | Memory.MemoryDisk> = Layer.effect(PoolStorage, make).pipe(
  Layer.provideMerge(Memory.layer)
)
