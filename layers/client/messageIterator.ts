/**
 * A stream as an async iterator that can be left at any time: by `break`, by an `AbortSignal`, or by an end of its own. Then
 * nothing of it is left, no timer, no watcher, and the process may end.
 */
import * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { PoolError } from "../../src/PoolError.js"
import { toPull } from "../../src/internal/directPull.js"
import { thrown } from "./blocking.js"

/**
 * `idleMillis`: the iterator ends when nothing came for so long. An aborted iterator ends like one that has no more, without
 * an error: whoever aborted knows.
 */
export interface IteratorOptions {
  readonly signal: AbortSignal | undefined
  readonly idleMillis: number | undefined
  /** The iterator ends after so many. */
  readonly limit: number
}

type Ended = Option.Option<PoolError>

/** `unpack` gives what is in a value of the stream, and throws what it ends with. */
export async function* messageIterator<A, B>(
  stream: Stream.Stream<A, PoolError>,
  unpack: (value: A) => Iterable<B>,
  { idleMillis, limit, signal }: IteratorOptions
): AsyncGenerator<B, void, undefined> {
  let left = limit
  if (isAborted(signal) || left <= 0) return
  const scope = Effect.runSync(Scope.make())
  try {
    const pull = await Effect.runPromise(Scope.extend(toPull(stream), scope))
    const next: Effect.Effect<Chunk.Chunk<A>, Ended> = idleMillis === undefined
      ? pull
      : Effect.timeoutFail(pull, { duration: idleMillis, onTimeout: () => Option.none() })
    while (!isAborted(signal)) {
      const exit = await Effect.runPromiseExit(next, signal === undefined ? {} : { signal })
      if (Exit.isFailure(exit)) {
        if (Cause.isInterruptedOnly(exit.cause)) return
        const error = Cause.failureOption(exit.cause)
        if (Option.isSome(error) && Option.isNone(error.value)) return
        throw thrown(Cause.map(exit.cause, Option.getOrUndefined))
      }
      for (const value of exit.value) {
        for (const one of unpack(value)) {
          if (isAborted(signal)) return
          yield one
          if (--left <= 0) return
        }
      }
    }
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** A function, since it changes while the iterator waits. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true
