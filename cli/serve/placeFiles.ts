/**
 * Writes several files, all of them or none: each is complete under another name before the first gets its own, and a
 * failure on the way takes back what was done. Links are never followed: what stands in the place is replaced, not written.
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { errnoReason } from "../../layers/errnoReason.js"
import { PoolError } from "../../src/PoolError.js"

export interface NewFile {
  readonly path: string
  readonly content: string
  /** Permissions, whatever the process's mask. */
  readonly mode: number
}

export interface PlaceOptions {
  /** Whether files that exist give way. */
  readonly replace: boolean
  /** Of directories that have to be made. Default: as the process makes them. */
  readonly directoryMode?: number
}

/** Missing directories are made. Without `replace`, a file that exists fails with `AlreadyExists`. */
export const placeFiles = (files: ReadonlyArray<NewFile>, options: PlaceOptions): void => {
  const undo: Array<() => void> = []
  const done: Array<() => void> = []
  try {
    const prepared = files.map((file) => attempt(file.path, () => prepare(file, options, done)))
    files.forEach((file, index) =>
      attempt(file.path, () => {
        if (options.replace) replaceWith(prepared[index]!, file.path, undo, done)
        else fs.linkSync(prepared[index]!, file.path)
        undo.push(() => fs.unlinkSync(file.path))
      })
    )
    for (const directory of new Set(files.map((file) => path.dirname(file.path)))) syncDirectory(directory)
  } catch (error) {
    for (const step of undo.toReversed()) quietly(step)
    throw error
  } finally {
    for (const step of done) quietly(step)
  }
}

/** The content on disk under a name of its own, beside its place. */
const prepare = (file: NewFile, { directoryMode }: PlaceOptions, done: Array<() => void>): string => {
  const directory = path.dirname(file.path)
  fs.mkdirSync(directory, { recursive: true, mode: directoryMode ?? 0o777 })
  const temporary = path.join(directory, temporaryName())
  // Only its owner may look before its permissions are set.
  const descriptor = fs.openSync(temporary, "wx", 0o600)
  done.push(() => fs.unlinkSync(temporary))
  try {
    fs.writeFileSync(descriptor, file.content)
    fs.fchmodSync(descriptor, file.mode)
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
  return temporary
}

const replaceWith = (prepared: string, place: string, undo: Array<() => void>, done: Array<() => void>): void => {
  const old = fs.lstatSync(place, { throwIfNoEntry: false })
  if (old?.isDirectory() === true) {
    throw new PoolError({
      reason: "Io",
      message: `cannot write ${place}: it is a directory`,
      hint: otherName,
      path: place
    })
  }
  if (old !== undefined) {
    const kept = path.join(path.dirname(place), temporaryName())
    fs.linkSync(place, kept)
    undo.push(() => fs.renameSync(kept, place))
    done.push(() => fs.unlinkSync(kept))
  }
  fs.renameSync(prepared, place)
}

const otherName = "Choose another name or directory."

const temporaryName = (): string => `.plasmite-${randomBytes(8).toString("hex")}`

const syncDirectory = (directory: string): void =>
  quietly(() => {
    const descriptor = fs.openSync(directory, "r")
    fs.fsyncSync(descriptor)
    fs.closeSync(descriptor)
  })

const quietly = (step: () => void): void => {
  try {
    step()
  } catch {
    // Nothing is left that could be done about it.
  }
}

const attempt = <A>(file: string, step: () => A): A => {
  try {
    return step()
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException
    if (code === undefined || error instanceof PoolError) throw error
    if (code === "EEXIST" && syscall !== "mkdir") throw alreadyThere(file)
    throw new PoolError({
      reason: errnoReason(code) === "Permission" ? "Permission" : "Io",
      message: `cannot write ${file}: ${message}`,
      hint: otherName,
      path: file
    })
  }
}

export const alreadyThere = (file: string): PoolError =>
  new PoolError({
    reason: "AlreadyExists",
    message: `${file} exists already`,
    hint: "Replace it with --force, or choose another --output-dir.",
    path: file
  })
