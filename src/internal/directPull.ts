/**
 * Streams that are known to be nothing but pulls. Pulling through the stream's own machinery takes, for a lone message,
 * as long as the message is under way between two processes.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
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

/**
 * Gives each value of the stream to `take`, one after the other, as long as `take` says so; ends when the stream does. Other
 * than a stream that is run, it keeps nothing of the value before, which for a batch is all of its messages.
 */
export const forEachPulled = <A, E, E2, R>(
  stream: Stream.Stream<A, E>,
  take: (value: A) => Effect.Effect<boolean, E2, R>
): Effect.Effect<void, E | E2, R> =>
  Effect.scoped(
    Effect.flatMap(toPull(stream), (pull) => {
      const next: Effect.Effect<void, E | E2, R> = Effect.matchEffect(pull, {
        onFailure: (end) => (Option.isNone(end) ? Effect.void : Effect.fail(end.value)),
        onSuccess: (chunk) => takeFrom(Chunk.toReadonlyArray(chunk), 0)
      })
      const takeFrom = (values: ReadonlyArray<A>, index: number): Effect.Effect<void, E | E2, R> =>
        index === values.length
          ? next
          : Effect.flatMap(take(values[index]!), (goesOn) => (goesOn ? takeFrom(values, index + 1) : Effect.void))
      return next
    })
  )
