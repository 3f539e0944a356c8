/**
 * A disk in memory, open to inspection: tests look at the bytes a pool consists of, or spoil them. A file lives on
 * for those who have it open after its path was removed, as on a real disk.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/**
 * @since 0.1.0
 * @category models
 */
export interface MemoryFile {
  readonly bytes: Uint8Array
  modifiedMillis: number
  /** Set it to false to have the file opened for reading only. */
  writable: boolean
}

/**
 * The files by path. There are no directory entries: a directory exists while there is a file below it.
 *
 * @since 0.1.0
 * @category services
 */
export class MemoryDisk extends Context.Tag("effect-plasmite/MemoryDisk")<
  MemoryDisk,
  { readonly files: Map<string, MemoryFile> }
>() {}

/**
 * An empty disk. Layers of storage and locks that are provided together share one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<MemoryDisk> = Layer.sync(MemoryDisk, () => ({ files: new Map() }))
