/**
 * Where pool files live. The port is small on purpose: everything clever about a pool (frames, recovery,
 * write order) sits above it in `internal/ring`, so that a storage is a page of code and every storage passes
 * the same contract suite. `PoolFile` is synchronous: an append is a handful of stores, and nothing may
 * await while the pool is locked.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PoolError } from "./PoolError.js"

/**
 * The bytes of one open pool file. Offsets are in bytes from the start of the file. All methods are
 * synchronous and throw a `PoolError` (`Io`, `Permission`) when the machine fails them.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolFile {
  /** The path it was opened by. */
  readonly path: string
  /** Length when opened. A pool never changes its length. */
  readonly byteLength: number
  /** False when the file could only be opened for reading. */
  readonly writable: boolean
  /** Copies `length` bytes at `offset` into `target` at `targetStart`. */
  readonly read: (offset: number, target: Uint8Array, targetStart: number, length: number) => void
  /**
   * The same for `count` words of 4 bytes at a multiple of 4, for a storage that has a quicker way for a few of them.
   * `target` then has the bytes of the file, in the order they have there.
   */
  readonly readWords?: (offset: number, target: Int32Array, count: number) => void
  /** Copies bytes into the file. Other processes may see them in any order and half done. */
  readonly write: (offset: number, source: Uint8Array, sourceStart: number, length: number) => void
  /** Stores 4 bytes at a multiple of 4 in one piece, after everything stored before. */
  readonly store32: (offset: number, value: number) => void
  /** Stores 8 bytes at a multiple of 8 in one piece, after everything stored before. */
  readonly store64: (offset: number, low: number, high: number) => void
  /**
   * Writes a short range that lies within one 512-byte sector in one positioned write: after everything stored
   * before, all or nothing for a killed process, and seen by whoever watches the file.
   */
  readonly publish: (offset: number, source: Uint8Array, sourceStart: number, length: number) => void
  /** Returns when the range, stored before the call, would survive a power cut. */
  readonly sync: (offset: number, length: number) => void
  /** True while the path still leads to this very file; false once it was deleted or replaced. */
  readonly isCurrent: () => boolean
}

/**
 * A pool file as found in a directory, not opened.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoolFileEntry {
  /** File name without its ending. */
  readonly name: string
  readonly path: string
  /** Bytes. */
  readonly byteLength: number
  /** Milliseconds since 1970. */
  readonly modifiedMillis: number
}

/**
 * What a new pool file starts as: its full length in bytes, and the bytes of its first page. The rest reads
 * as zero.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewPoolFile {
  readonly byteLength: number
  readonly header: Uint8Array
}

/**
 * @since 0.1.0
 * @category services
 */
export class PoolStorage extends Context.Tag("effect-plasmite/PoolStorage")<
  PoolStorage,
  {
    /**
     * An open file until the scope closes. Falls back to reading only when writing is refused. Fails with
     * `NotFound`, `Permission`, `Io` (a directory in the way, too), or `Corrupt` for a pipe or device.
     */
    readonly open: (path: string) => Effect.Effect<PoolFile, PoolError, Scope.Scope>
    /**
     * The same for who reads in a few places and closes it again, for a storage in which opening costs more than that.
     * Absent where `open` will do.
     */
    readonly openToLook?: (path: string) => Effect.Effect<PoolFile, PoolError, Scope.Scope>
    /**
     * The file exists whole, with all its blocks allocated, or not at all, whatever dies on the way. Missing
     * parent directories are created. Fails with `AlreadyExists`, `Permission`, `Io` (disk full, too).
     * With `durable`, file and directory entry have reached the disk.
     */
    readonly create: (
      path: string,
      file: NewPoolFile,
      options?: { readonly durable?: boolean }
    ) => Effect.Effect<void, PoolError>
    /** The entries of a directory with this ending, by default `.plasmite`, sorted by name. A missing directory has none. */
    readonly list: (directory: string, extension?: string) => Effect.Effect<ReadonlyArray<PoolFileEntry>, PoolError>
    /**
     * A second file with the same bytes and the same rights. It exists whole and has reached the disk, or it does not
     * exist. Nobody may write to the original meanwhile. Fails with `NotFound`, `AlreadyExists`, `Permission`, `Io`.
     */
    readonly copy: (path: string, to: string) => Effect.Effect<void, PoolError>
    /** The path no longer exists; open files go on working. Fails with `NotFound`, `Io`. */
    readonly remove: (path: string) => Effect.Effect<void, PoolError>
    /** A directory in which nothing is left no longer exists; one that holds something, or is missing, stays so. */
    readonly removeEmptyDirectory: (directory: string) => Effect.Effect<void, PoolError>
  }
>() {}
