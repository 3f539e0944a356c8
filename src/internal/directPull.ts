/**
 * Streams that are known to be nothing but pulls. Pulling through the stream's own machinery takes, for a lone message,
 * as long as the message is under way between two processes.
 */
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

type Pull<A, E> = Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>

const starts = new WeakMap<object, Effect.Effect<Pull<unknown, unknown>, unknown>>()

/** The stream of what is pulled, until the pull fails with `None`. Each time it runs, it starts anew. */
export const pullStream = <A, E>(start: Effect.Effect<Pull<A, E>, E>): Stream.Stream<A, E> => {
  const stream = Stream.unwrap(Effect.map(start, Stream.repeatEffectChunkOption))
  starts.set(stream, start)
  return stream
}

/** As `Stream.toPull`: the stream's own pull, if it was made of one, and as long as nothing was put around it. */
export const toPull = <A, E>(stream: Stream.Stream<A, E>): Effect.Effect<Pull<A, E>, E, Scope.Scope> =>
  (starts.get(stream) as Effect.Effect<Pull<A, E>, E> | undefined) ?? Stream.toPull(stream)
