/**
 * Directories and those above them. Node's own recursion (20 to 24) never ends where an existing directory refuses a new
 * one with ENOENT, as `/proc` does; this one gives up there.
 */
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { errorCode } from "./errnoReason.js"

/** The directory is there when it returns; tells the topmost one that was made, if any. Throws what the system says. */
export const makeDirectories = (directory: string): string | undefined => {
  try {
    FileSystem.mkdirSync(directory)
    return directory
  } catch (error) {
    if (isDirectory(directory)) return undefined
    const parent = Path.dirname(directory)
    if (errorCode(error) !== "ENOENT" || isDirectory(parent)) throw error
    const topmost = makeDirectories(parent)
    makeDirectories(directory)
    return topmost ?? directory
  }
}

const isDirectory = (path: string): boolean =>
  FileSystem.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
