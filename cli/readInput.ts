// The bytes of a command's input: a file, or standard input. Chunks arrive as the producer writes them.
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import { PoolError } from "../src/PoolError.js"

const chunkBytes = 256 * 1024

/**
 * Hands each chunk to `take` and goes on when that is done, until the input or the wish for more ends. The chunk is only
 * valid until then. `undefined` and `-` mean standard input; with `watching`, waiting for it holds nothing else up. Fails
 * with `Io` when the file cannot be read.
 */
export const readInput = <E, R>(
  file: string | undefined,
  wantsMore: () => boolean,
  take: (chunk: Uint8Array) => Effect.Effect<void, E, R>,
  watching = false
): Effect.Effect<void, E | PoolError, R> =>
  file === undefined || file === "-"
    ? watching
      ? readStandardStream(wantsMore, take)
      : readDescriptor(0, undefined, wantsMore, take)
    : Effect.scoped(Effect.flatMap(opened(file), (descriptor) => readDescriptor(descriptor, file, wantsMore, take)))

const opened = (file: string): Effect.Effect<number, PoolError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({ try: () => fs.openSync(file, "r"), catch: (error) => unreadable(error, file) }),
    (descriptor) => Effect.sync(() => fs.closeSync(descriptor))
  )

/**
 * Waits for input in the read itself, into one buffer: there is nothing else to do meanwhile, and Node's streams take
 * longer to load than most inputs to read. Only a descriptor that somebody made non-blocking is left to them.
 */
const readDescriptor = <E, R>(
  descriptor: number,
  file: string | undefined,
  wantsMore: () => boolean,
  take: (chunk: Uint8Array) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | PoolError, R> =>
  Effect.gen(function* () {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes)
    while (wantsMore()) {
      const read = yield* Effect.suspend((): Effect.Effect<number | "wouldBlock", PoolError> => {
        try {
          return Effect.succeed(fs.readSync(descriptor, buffer, 0, chunkBytes, null))
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException
          if (code === "EAGAIN" && file === undefined) return Effect.succeed("wouldBlock")
          // A terminal or pipe whose other end is gone may say so instead of ending.
          return code === "EOF" ? Effect.succeed(0) : Effect.fail(unreadable(error, file))
        }
      })
      if (read === 0) return
      if (read === "wouldBlock") return yield* readStandardStream(wantsMore, take)
      yield* take(buffer.subarray(0, read))
    }
  })

const readStandardStream = <E, R>(
  wantsMore: () => boolean,
  take: (chunk: Uint8Array) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | PoolError, R> =>
  Stream.fromAsyncIterable(process.stdin as AsyncIterable<Uint8Array>, (error) => unreadable(error, undefined)).pipe(
    Stream.takeWhile(wantsMore),
    Stream.runForEach(take)
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
