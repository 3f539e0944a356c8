// The bytes of a command's input: a file, or standard input. Chunks arrive as the producer writes them.
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import type { Readable } from "node:stream"
import { PoolError } from "../src/PoolError.js"

const fileChunkBytes = 256 * 1024

/** `undefined` and `-` mean standard input. Fails with `Io` when the file cannot be read. */
export const readInput = (file: string | undefined): Stream.Stream<Uint8Array, PoolError> =>
  file === undefined || file === "-" ? chunksOf(() => process.stdin, undefined) : chunksOf(() => open(file), file)

const open = (file: string): Readable => fs.createReadStream(file, { highWaterMark: fileChunkBytes })

const chunksOf = (readable: () => Readable, file: string | undefined): Stream.Stream<Uint8Array, PoolError> =>
  Stream.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(Effect.sync(readable), (stream) => Effect.sync(() => stream.destroy())),
      (stream) => Stream.fromAsyncIterable(stream as AsyncIterable<Uint8Array>, (error) => unreadable(error, file))
    )
  )

const unreadable = (error: unknown, file: string | undefined): PoolError => {
  const { code, message } = error as NodeJS.ErrnoException
  const what = file === undefined ? "standard input" : file
  return new PoolError({
    reason: "Io",
    message: code === "ENOENT" ? `input file ${what} not found` : `cannot read ${what}: ${code ?? message}`,
    hint: code === "EISDIR" ? "It is a directory; name a file." : "Check that the file exists and can be read.",
    ...(file === undefined ? {} : { path: file })
  })
}
