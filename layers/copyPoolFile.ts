/**
 * A second file with the bytes of a pool, damaged or not. It gets the rights of the original before its first byte, and
 * its name when all bytes have reached the disk.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import type { PoolError } from "../src/PoolError.js"
import { buildFile, writeAll } from "./createPoolFile.js"
import { attempt, errnoError } from "./errnoReason.js"

const chunkBytes = 1 << 20
const rightsBits = 0o777

/** See `PoolStorage.copy`. */
export const copyPoolFile = (path: string, to: string): Effect.Effect<void, PoolError> =>
  Effect.acquireUseRelease(
    attempt("copy", path, () => FileSystem.openSync(path, "r")),
    (source) => buildFile("copy to", to, (target) => copyBytes(source, target, path, to), { durable: true }),
    (source) => Effect.sync(() => FileSystem.closeSync(source))
  )

/** From the last chunk to the first: a copy without a header is no pool. Others get their turn in between. */
const copyBytes = (source: number, target: number, path: string, to: string): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const { mode, size } = yield* attempt("copy", path, () => FileSystem.fstatSync(source))
    yield* attempt("copy to", to, () => FileSystem.fchmodSync(target, mode & rightsBits))
    const chunk = new Uint8Array(Math.min(chunkBytes, size))
    for (let from = Math.floor(size / chunkBytes) * chunkBytes; from >= 0; from -= chunkBytes) {
      const length = Math.min(chunkBytes, size - from)
      yield* attempt("copy", path, () => readAll(source, path, chunk.subarray(0, length), from))
      yield* attempt("copy to", to, () => writeAll(target, chunk.subarray(0, length), from))
      yield* Effect.yieldNow()
    }
    yield* attempt("copy to", to, () => FileSystem.fsyncSync(target))
  })

const readAll = (descriptor: number, path: string, bytes: Uint8Array, position: number): void => {
  for (let done = 0; done < bytes.length;) {
    const count = FileSystem.readSync(descriptor, bytes, done, bytes.length - done, position + done)
    if (count === 0) throw errnoError("copy", path, Os.constants.errno.EIO)
    done += count
  }
}
