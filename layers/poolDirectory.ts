/**
 * The directory side of pool storage on disk: what pools there are, and removing one. Knows names and sizes, never
 * what is inside a file.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { PoolError } from "../src/PoolError.js"
import type { PoolFileEntry } from "../src/PoolStorage.js"
import { attempt, errnoError, errorCode } from "./errnoReason.js"
import { removeSemaphore } from "./poolSemaphore.js"

/** See `PoolStorage.list`. Whatever has the extension is listed, also what turns out to be no pool. */
export const listPoolFiles = (
  directory: string,
  extension = ".plasmite"
): Effect.Effect<ReadonlyArray<PoolFileEntry>, PoolError> =>
  attempt("list", directory, () => {
    const entries: Array<PoolFileEntry> = []
    for (const name of namesWith(extension, directory)) {
      const path = Path.join(directory, name + extension)
      const status = statusOf(path)
      if (status !== undefined) entries.push({ name, path, ...status })
    }
    return entries
  })

/** See `PoolStorage.remove`; the semaphore of the pool goes, too. A refusal is `Io` here: unlike other refusals, it is about the directory, not the pool. */
export const removePoolFile = (path: string): Effect.Effect<void, PoolError> =>
  Effect.mapError(
    attempt("delete", path, () => {
      if (FileSystem.lstatSync(path).isDirectory()) throw errnoError("delete", path, Os.constants.errno.EISDIR)
      FileSystem.unlinkSync(path)
      // Nobody can find the pool any more, so nobody can wake its followers.
      removeSemaphore(path)
    }),
    (error) => (error.reason === "Permission" ? asIo(error) : error)
  )

/** See `PoolStorage.removeEmptyDirectory`. */
export const removeEmptyDirectory = (directory: string): Effect.Effect<void, PoolError> =>
  attempt("delete", directory, () => {
    try {
      FileSystem.rmdirSync(directory)
    } catch (exception) {
      if (!leftAlone.has(errorCode(exception) ?? "")) throw exception
    }
  })

const leftAlone = new Set(["ENOENT", "ENOTEMPTY", "EEXIST"])

/** Sorted by their bytes. A file called only `.plasmite` has no name and no extension. */
const namesWith = (extension: string, directory: string): ReadonlyArray<string> => {
  try {
    return FileSystem.readdirSync(directory)
      .filter((fileName) => fileName.endsWith(extension) && fileName.length > extension.length)
      .map((fileName) => fileName.slice(0, -extension.length))
      .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  } catch (exception) {
    if (errorCode(exception) === "ENOENT") return []
    throw exception
  }
}

const statusOf = (path: string): { readonly byteLength: number; readonly modifiedMillis: number } | undefined => {
  try {
    // A link that leads nowhere is listed as what it is; a file deleted since the directory was read is not.
    const status =
      FileSystem.statSync(path, { throwIfNoEntry: false }) ?? FileSystem.lstatSync(path, { throwIfNoEntry: false })
    if (status === undefined) return undefined
    return { byteLength: status.isFile() ? status.size : 0, modifiedMillis: status.mtimeMs }
  } catch {
    return { byteLength: 0, modifiedMillis: 0 }
  }
}

const asIo = (error: PoolError): PoolError =>
  new PoolError({
    reason: "Io",
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.causes === undefined ? {} : { causes: error.causes })
  })
