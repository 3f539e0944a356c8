/**
 * How a pool file comes into being: built under another name in the same directory, then given its real name in one
 * step, so that the name either leads to a whole pool or to nothing, whatever dies on the way. The other name does not
 * end in `.plasmite`, so no listing shows it; what a killed creator left behind, a later creator removes.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { PoolError } from "../src/PoolError.js"
import type { NewPoolFile } from "../src/PoolStorage.js"
import { attempt, errnoError, errorCode } from "./errnoReason.js"
import { makeDirectories } from "./makeDirectories.js"
import { nativeIfAny } from "./native.js"

/** `.NAME.plasmite-new-PID-N`. */
const unfinishedName = /^\..*\.plasmite-new-\d+-\d+$/
const abandonedAfterMillis = 60_000
// Leaves room for the rest of an unfinished name within the 255 bytes that file systems allow.
const longestNamePart = 60
const zeroChunkBytes = 1 << 20

const linksUnsupported = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])
const allocationUnsupported: ReadonlySet<number> = new Set([
  Os.constants.errno.EOPNOTSUPP,
  Os.constants.errno.ENOTSUP,
  Os.constants.errno.ENOSYS,
  Os.constants.errno.EINVAL
])

export interface CreateOptions {
  /** Returns only when the file and its directory entry have reached the disk. */
  readonly durable?: boolean
  /** Gives a file a second name; for tests, which play a file system that cannot. */
  readonly link?: (existingPath: string, newPath: string) => void
}

/** Creates the file, or nothing. See `PoolStorage.create`. */
export const createPoolFile = (
  path: string,
  file: NewPoolFile,
  options: CreateOptions = {}
): Effect.Effect<void, PoolError> =>
  buildFile("create", path, (descriptor) => fill(descriptor, path, file, options), options)

/** Writes a file through a descriptor that nobody else has. What it writes last makes the file recognizable. */
export type Fill = (descriptor: number) => Effect.Effect<void, PoolError>

/** The file that `fill` makes, or nothing, under a name that must be free. `doing` completes "cannot … PATH". */
export const buildFile = (
  doing: string,
  path: string,
  fill: Fill,
  options: CreateOptions = {}
): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const directory = Path.dirname(Path.resolve(path))
    yield* attempt(doing, path, () => refuseExisting(doing, path))
    const oldestNewDirectory = yield* attempt(doing, path, () => makeDirectories(directory))
    yield* Effect.sync(() => removeAbandoned(directory))

    const linked = yield* Effect.acquireUseRelease(
      attempt(doing, path, () => openUnfinished(directory, path)),
      (unfinished) =>
        Effect.zipRight(
          fill(unfinished.descriptor),
          attempt(doing, path, () => linkIfSupported(options.link ?? FileSystem.linkSync, unfinished.path, path))
        ),
      (unfinished) => Effect.sync(() => discard(unfinished))
    )
    if (!linked) yield* buildInPlace(doing, path, fill)

    if (options.durable === true) yield* attempt(doing, path, () => syncDirectories(directory, oldestNewDirectory))
  })

interface UnfinishedFile {
  readonly path: string
  readonly descriptor: number
}

/** Without links: the name is taken first, and the header written last, so that until then nobody can open the pool. */
const buildInPlace = (doing: string, path: string, fill: Fill): Effect.Effect<void, PoolError> =>
  Effect.acquireUseRelease(
    attempt(doing, path, () => ({ path, descriptor: FileSystem.openSync(path, "wx+") })),
    ({ descriptor }) => fill(descriptor),
    (unfinished, exit) =>
      Effect.sync(() => (Exit.isFailure(exit) ? discard(unfinished) : FileSystem.closeSync(unfinished.descriptor)))
  )

/** All blocks, then the header, then, if asked, the disk. */
const fill = (
  descriptor: number,
  path: string,
  file: NewPoolFile,
  options: CreateOptions
): Effect.Effect<void, PoolError> =>
  Effect.zipRight(
    allocate(descriptor, path, file.byteLength),
    attempt("create", path, () => {
      writeAll(descriptor, file.header, 0)
      if (options.durable === true) FileSystem.fsyncSync(descriptor)
    })
  )

/**
 * Every block is there before anybody maps the file: on a full disk, a store into a hole would kill the process.
 * Where the system cannot reserve blocks, zeroes are written, which for a big pool takes a while; others get their
 * turn in between.
 */
const allocate = (descriptor: number, path: string, byteLength: number): Effect.Effect<void, PoolError> =>
  Effect.suspend(() => {
    const errno = nativeIfAny()?.allocate(descriptor, byteLength)
    if (errno === 0) return Effect.void
    if (errno !== undefined && !allocationUnsupported.has(errno)) return Effect.fail(errnoError("create", path, errno))
    return writeZeroes(descriptor, path, byteLength)
  })

const writeZeroes = (descriptor: number, path: string, byteLength: number): Effect.Effect<void, PoolError> => {
  const zeroes = new Uint8Array(Math.min(byteLength, zeroChunkBytes))
  let written = 0
  const writeChunk = attempt("create", path, () => {
    const chunk = zeroes.subarray(0, Math.min(zeroes.length, byteLength - written))
    writeAll(descriptor, chunk, written)
    written += chunk.length
  })
  return Effect.whileLoop({
    while: () => written < byteLength,
    body: () => Effect.zipRight(writeChunk, Effect.yieldNow()),
    step: () => {}
  })
}

export const writeAll = (descriptor: number, bytes: Uint8Array, position: number): void => {
  let done = 0
  while (done < bytes.length) {
    done += FileSystem.writeSync(descriptor, bytes, done, bytes.length - done, position + done)
  }
}

/** Spares the work of building a pool whose name is taken. Also a dangling link is in the way. */
const refuseExisting = (doing: string, path: string): void => {
  if (FileSystem.lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw errnoError(doing, path, Os.constants.errno.EEXIST)
  }
}

let unfinishedCount = 0

const openUnfinished = (directory: string, path: string): UnfinishedFile => {
  const name = Path.basename(path, ".plasmite").slice(0, longestNamePart)
  for (;;) {
    // Another thread of this process counts for itself.
    const unfinishedPath = Path.join(directory, `.${name}.plasmite-new-${process.pid}-${++unfinishedCount}`)
    try {
      return { path: unfinishedPath, descriptor: FileSystem.openSync(unfinishedPath, "wx+") }
    } catch (exception) {
      if (errorCode(exception) !== "EEXIST") throw exception
    }
  }
}

const linkIfSupported = (
  link: (existingPath: string, newPath: string) => void,
  unfinishedPath: string,
  path: string
): boolean => {
  try {
    link(unfinishedPath, path)
    return true
  } catch (exception) {
    if (linksUnsupported.has(errorCode(exception) ?? "")) return false
    throw exception
  }
}

const discard = (unfinished: UnfinishedFile): void => {
  FileSystem.closeSync(unfinished.descriptor)
  FileSystem.rmSync(unfinished.path, { force: true })
}

/** What a killed creator left. A living one writes often, and needs no minute. Failing to clean up is no failure. */
const removeAbandoned = (directory: string): void => {
  for (const name of namesIfReadable(directory)) {
    if (!unfinishedName.test(name)) continue
    const path = Path.join(directory, name)
    try {
      // File times come from the machine's clock, so they are compared with it.
      const ageMillis = Date.now() - FileSystem.statSync(path).mtimeMs
      if (ageMillis > abandonedAfterMillis) FileSystem.unlinkSync(path)
    } catch {
      continue
    }
  }
}

const namesIfReadable = (directory: string): ReadonlyArray<string> => {
  try {
    return FileSystem.readdirSync(directory)
  } catch {
    return []
  }
}

/** The pool's entry, and those of the directories made for it. */
const syncDirectories = (directory: string, oldestNewDirectory: string | undefined): void => {
  const last = oldestNewDirectory === undefined ? directory : Path.dirname(oldestNewDirectory)
  for (let current = directory; ; current = Path.dirname(current)) {
    const descriptor = FileSystem.openSync(current, "r")
    try {
      FileSystem.fsyncSync(descriptor)
    } finally {
      FileSystem.closeSync(descriptor)
    }
    if (current === last || current === Path.dirname(current)) return
  }
}
