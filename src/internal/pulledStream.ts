/**
 * A stream that is one pull, called again and again, and that gives this pull back to whoever would pull it. A lone
 * message passes the fewest steps that way: each layer of `Stream` costs it more than its way between two processes.
 */
import * as Channel from "effect/Channel"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { PoolError } from "../PoolError.js"

/** The next elements; fails with `None` at the end. */
export type Pull<A> = Effect.Effect<Chunk.Chunk<A>, Option.Option<PoolError>>

/** Begins a stream: what its pull holds on to is let go with the scope. */
export type OpenPull<A> = Effect.Effect<Pull<A>, PoolError, Scope.Scope>

const openPulls = new WeakMap<object, OpenPull<unknown>>()

/** Like `Stream.fromPull`, with less around each pull. */
export const pulledStream = <A>(open: OpenPull<A>): Stream.Stream<A, PoolError> => {
  const stream = Stream.fromChannel(
    Channel.acquireUseRelease(
      Scope.make(),
      (scope) => Channel.unwrap(Effect.map(Scope.extend(open, scope), repeated)),
      (scope, exit) => Scope.close(scope, exit)
    )
  )
  openPulls.set(stream, open)
  return stream
}

/** Like `Stream.toPull`; of a pulled stream, its own pull. */
export const pullOf = <A>(stream: Stream.Stream<A, PoolError>): OpenPull<A> => {
  // What was put in with a stream of `A` pulls `A`.
  const open = openPulls.get(stream) as OpenPull<A> | undefined
  return open ?? Stream.toPull(stream)
}

type Emitting<A> = Channel.Channel<Chunk.Chunk<A>, unknown, PoolError, unknown, unknown, unknown>

const repeated = <A>(pull: Pull<A>): Emitting<A> => {
  const next = Effect.matchEffect(pull, {
    onFailure: Option.match({
      onNone: () => Effect.succeed(undefined),
      onSome: (error: PoolError) => Effect.fail(error)
    }),
    onSuccess: Effect.succeed
  })
  const emitted = (chunk: Chunk.Chunk<A> | undefined): Emitting<A> =>
    chunk === undefined ? Channel.void : Channel.flatMap(Channel.write(chunk), again)
  const loop: Emitting<A> = Channel.flatMap(Channel.fromEffect(next), emitted)
  const again = (): Emitting<A> => loop
  return loop
}
