/**
 * Pool files by positional reads and writes: works on every platform and for every size, a system call for each
 * access. What programs use that only look, and what mapped storage falls back to.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import { PoolStorage } from "../src/PoolStorage.js"
import { copyPoolFile } from "./copyPoolFile.js"
import { createPoolFile } from "./createPoolFile.js"
import { openPositional } from "./openPositional.js"
import { listPoolFiles, removeEmptyDirectory, removePoolFile } from "./poolDirectory.js"

/**
 * Pool storage on disk by positional reads and writes.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolStorage> = Layer.succeed(PoolStorage, {
  open: openPositional,
  create: createPoolFile,
  copy: copyPoolFile,
  list: listPoolFiles,
  remove: removePoolFile,
  removeEmptyDirectory
})
