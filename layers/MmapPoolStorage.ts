/**
 * Pool files mapped into memory, the default: an access is a copy, not a system call. What cannot be mapped is opened
 * by position instead, so that this layer opens whatever `FilePoolStorage` opens. Each file is mapped once, however
 * many handles there are.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Os from "node:os"
import { PoolStorage, type PoolFile } from "../src/PoolStorage.js"
import { copyPoolFile } from "./copyPoolFile.js"
import { createPoolFile } from "./createPoolFile.js"
import { attempt } from "./errnoReason.js"
import { MappedFile, MappedRegion } from "./mappedFile.js"
import { nativeIfAny } from "./native.js"
import { openPositional } from "./openPositional.js"
import { listPoolFiles, removeEmptyDirectory, removePoolFile } from "./poolDirectory.js"
import { PositionalFile } from "./positionalFile.js"

/**
 * Up to this, every offset in a file is a 31-bit integer, which is what the engine computes with fastest. (A view of
 * more than 4 GiB would end the process.)
 */
const mappableBytes = 2 ** 31

/**
 * Pool storage on disk through mapped memory. Read-only files, files of more than 2 GiB, and platforms without the
 * native calls are served by position.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolStorage> = Layer.sync(PoolStorage, () => {
  const regions = new Map<string, MappedRegion>()

  const open = (path: string): { readonly file: PoolFile; readonly close: () => void } => {
    const positional = PositionalFile.open(path)
    const key = `${positional.identity}:${positional.byteLength}`
    const region = regions.get(key) ?? mapIfPossible(positional)
    if (region === undefined) return { file: positional, close: () => positional.close() }

    regions.set(key, region)
    region.handles++
    const file = new MappedFile(positional, region)
    const close = () => {
      file.close()
      region.handles--
      if (region.handles > 0) return
      regions.delete(key)
      region.map.close()
    }
    return { file, close }
  }

  return {
    open: (path) =>
      Effect.map(
        Effect.acquireRelease(
          attempt("open", path, () => open(path)),
          (opened) => Effect.sync(opened.close)
        ),
        (opened) => opened.file
      ),
    // A map of a whole file costs its pages, and the collector takes all of its bytes for memory in use.
    openToLook: openPositional,
    create: createPoolFile,
    copy: copyPoolFile,
    list: listPoolFiles,
    remove: removePoolFile,
    removeEmptyDirectory
  }
})

/** `undefined` for a file that is better used by position: it is slower and never wrong. */
const mapIfPossible = (file: PositionalFile): MappedRegion | undefined => {
  const fits = file.byteLength > 0 && file.byteLength <= mappableBytes
  // The words of a map have the machine's byte order, those of a pool are little-endian.
  if (!file.writable || !fits || Os.endianness() !== "LE") return undefined
  const map = nativeIfAny()?.map(file.fileDescriptor, file.byteLength)
  return map === undefined || typeof map === "number" ? undefined : new MappedRegion(map, file)
}
