/**
 * A consumer that resumes: a cursor, the tail that starts behind it, and the moments at which it moves. It moves
 * forwards only, but for one case, which is told and never silent: the pool is not the one it was.
 */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DurabilityMode } from "../Durability.js"
import type { EncodedPool, Gap, TailFrom } from "../EncodedPool.js"
import type { Message } from "../Message.js"
import type { TailOptions } from "../Pool.js"
import type { CommitLag, CursorPosition, OpenCursor } from "../PoolCursors.js"
import type { PoolError } from "../PoolError.js"
import { checkPolicies } from "./policyProblem.js"
import { aheadMessage, gapHandler, type Handler, messageTail } from "./messageTail.js"

export interface CursorOptions {
  /** Where a new cursor starts. */
  readonly from?: TailFrom
  readonly durability?: DurabilityMode
}

export class CursorConsumer {
  private constructor(
    private readonly encoded: EncodedPool,
    private readonly cursor: OpenCursor,
    private readonly durability: DurabilityMode
  ) {}

  /** Holds the cursor until the scope closes. The start of a new one is kept at once, so that it stays what it was. */
  static open(
    encoded: EncodedPool,
    name: string,
    { durability = "fast", from = "oldest" }: CursorOptions
  ): Effect.Effect<CursorConsumer, PoolError, Scope.Scope> {
    return Effect.gen(function* () {
      const cursor = yield* encoded.cursors.open(name)
      const consumer = new CursorConsumer(encoded, cursor, durability)
      if (cursor.state().generation === 0) {
        yield* cursor.commit(yield* positionAt(encoded, yield* seqBefore(encoded, from)), durability)
      }
      return consumer
    })
  }

  get name(): string {
    return this.cursor.name
  }

  get lag(): CommitLag | undefined {
    return this.cursor.lag
  }

  /** The last message that was handled. */
  get seq(): number {
    return this.cursor.state().seq
  }

  /** Everything up to this message is handled. A message before the last commit changes nothing. */
  commit(position: CursorPosition): Effect.Effect<void, PoolError> {
    return Effect.suspend(() =>
      position.seq <= this.seq ? Effect.void : this.cursor.commit(position, this.durability)
    )
  }

  /** What is gone needs no handling: told once, it is behind the cursor. */
  committing(onGap: Handler<Gap>): Handler<Gap> {
    return (gap) => Effect.zipRight(onGap(gap), this.commit({ seq: gap.found - 1, timestampLow: 0, timestampHigh: 0 }))
  }

  /**
   * The message to go on with. When the pool does not hold the message that was handled last, but older ones or another
   * of its number, it was made anew, or a power cut took messages back whose numbers were given out again: then it is read
   * from its oldest message on, once `onGap` was told, which must not be silent.
   */
  next<R>(onGap: (gap: Gap) => Effect.Effect<void, PoolError, R>): Effect.Effect<number, PoolError, R> {
    return Effect.gen(this, function* () {
      const { seq, timestampHigh, timestampLow } = this.cursor.state()
      if (seq === 0) return 1
      const { newest = 0, oldest = 1 } = (yield* this.encoded.info).bounds
      const isTimed = timestampLow !== 0 || timestampHigh !== 0
      if (seq <= newest && (seq < oldest || !isTimed)) return seq + 1
      const found = seq > newest ? undefined : yield* positionAt(this.encoded, seq)
      const isSame =
        found !== undefined &&
        (!isKnown(found) || (found.timestampLow === timestampLow && found.timestampHigh === timestampHigh))
      if (isSame) return seq + 1
      const gap = { expected: seq + 1, found: oldest }
      yield* onGap(gap)
      yield* this.cursor.commit({ seq: oldest - 1, timestampLow: 0, timestampHigh: 0 }, this.durability)
      return oldest
    })
  }
}

/** From the message behind the cursor on. With `commitsGaps`, for a consumer that has committed all it was given. */
export const consumerTail = (
  encoded: EncodedPool,
  consumer: CursorConsumer,
  options: TailOptions,
  commitsGaps: boolean
): Stream.Stream<Message, PoolError> => {
  const told = gapHandler(encoded, options.onGap ?? "continue")
  const logged: Handler<Gap> = (gap) =>
    Effect.zipRight(
      Effect.logWarning(`cursor ${consumer.name}: ${aheadMessage(encoded, gap)}; going on with its oldest message`),
      told(gap)
    )
  const onGap = commitsGaps ? consumer.committing(told) : told
  return Stream.unwrap(
    Effect.map(Effect.zipRight(checkPolicies(options), consumer.next(logged)), (seq) =>
      messageTail(encoded, { ...options, from: { seq } }, onGap)
    )
  )
}

/**
 * The stream that takes a message for handled when the next one is asked for, or when it ends well. What was handled is
 * committed at once, or, where the cursor allows a lag, within it; in any case before it waits for more, and when it ends.
 */
export const committingTail = (
  encoded: EncodedPool,
  name: string,
  options: TailOptions
): Stream.Stream<Message, PoolError> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      // Before a cursor is made.
      yield* checkPolicies(options)
      const consumer = yield* CursorConsumer.open(encoded, name, options)
      const pull = yield* Stream.toPull(consumerTail(encoded, consumer, options, true))
      const single = new SinglePull(consumer, pull)
      yield* Effect.addFinalizer((exit) => commitAtEnd(name, single.end(Exit.isSuccess(exit))))
      return Stream.repeatEffectChunkOption(single.next)
    })
  )

/**
 * The commit of a consumer that ends. What it cannot do soon it leaves: messages then come again, and a program that is
 * asked to stop does.
 */
export const commitAtEnd = (name: string, commit: Effect.Effect<void, PoolError>): Effect.Effect<void> =>
  Effect.interruptible(commit).pipe(
    Effect.timeoutFail({ duration: endPatience, onTimeout: () => new Error("no answer in time") }),
    Effect.catchAll(({ message }) =>
      Effect.logWarning(`cursor ${name} could not be moved, messages will come again: ${message}`)
    )
  )

const endPatience = "3 seconds"

/** One message at a time: a chunk of several would be asked for, and handled, as one. */
class SinglePull {
  private messages: ReadonlyArray<Message> = []
  private index = 0
  /** With the consumer, or handled since. */
  private given: Message | undefined
  private handled: Message | undefined
  private handledCount = 0
  private handledMillis = 0

  constructor(
    private readonly consumer: CursorConsumer,
    private readonly pull: Effect.Effect<Chunk.Chunk<Message>, Option.Option<PoolError>>
  ) {}

  readonly next: Effect.Effect<Chunk.Chunk<Message>, Option.Option<PoolError>> = Effect.suspend(() => {
    const { given } = this
    if (given === undefined) return this.give
    const { lag } = this.consumer
    const committed = Effect.zipRight(Effect.mapError(this.commit, Option.some), this.give)
    if (lag === undefined) {
      this.take(given, 0)
      return committed
    }
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      this.take(given, now)
      return this.isDue(lag, now) ? committed : this.give
    })
  })

  /** What is still to be committed, for the last time. */
  end(isGivenHandled: boolean): Effect.Effect<void, PoolError> {
    return Effect.suspend(() => {
      if (isGivenHandled && this.given !== undefined) this.take(this.given, 0)
      return this.commit
    })
  }

  private take(given: Message, now: number): void {
    this.given = undefined
    this.handled = given
    if (this.handledCount++ === 0) this.handledMillis = now
  }

  private isDue(lag: CommitLag, now: number): boolean {
    return (
      this.handledCount >= lag.messages ||
      // Also when a clock was set back.
      Math.abs(now - this.handledMillis) >= lag.millis ||
      this.index === this.messages.length
    )
  }

  /** One that was interrupted is made again: its repeat is known to whoever keeps the cursor. */
  private readonly commit: Effect.Effect<void, PoolError> = Effect.suspend(() => {
    const { handled } = this
    if (handled === undefined) return Effect.void
    const done = Effect.sync(() => {
      this.handled = undefined
      this.handledCount = 0
    })
    return Effect.tapBoth(this.consumer.commit(handled), { onSuccess: () => done, onFailure: () => done })
  })

  private readonly give: Effect.Effect<Chunk.Chunk<Message>, Option.Option<PoolError>> = Effect.suspend(() => {
    const message = this.messages[this.index++]
    if (message === undefined) {
      return Effect.flatMap(this.pull, (messages) => {
        this.messages = Chunk.toReadonlyArray(messages)
        this.index = 0
        return this.give
      })
    }
    this.given = message
    return Effect.succeed(Chunk.of(message))
  })
}

/** The place of this message, with its time if it can be read. */
export const positionAt = (encoded: EncodedPool, seq: number): Effect.Effect<CursorPosition, PoolError> =>
  seq < 1
    ? Effect.succeed(unknownAt(seq))
    : Effect.catchIf(
        Effect.map(encoded.get(seq), ({ timestampHigh, timestampLow }) => ({ seq, timestampLow, timestampHigh })),
        ({ reason }) => reason === "NotFound" || reason === "Corrupt",
        () => Effect.succeed(unknownAt(seq))
      )

const unknownAt = (seq: number): CursorPosition => ({ seq, timestampLow: 0, timestampHigh: 0 })

const isKnown = ({ timestampHigh, timestampLow }: CursorPosition): boolean => timestampLow !== 0 || timestampHigh !== 0

/** The number of the message before the first one to be read. */
const seqBefore = (encoded: EncodedPool, from: TailFrom): Effect.Effect<number, PoolError> => {
  if (typeof from === "object" && "seq" in from) return Effect.succeed(Math.max(from.seq, 1) - 1)
  return Effect.flatMap(encoded.info, ({ bounds: { newest = 0, oldest = 1 } }) => {
    if (from === "oldest") return Effect.succeed(oldest - 1)
    if (from === "now") return Effect.succeed(newest)
    return Effect.map(
      Stream.runHead(
        Stream.filter(encoded.tail({ from, follow: false }, "lent"), ({ messages }) => messages.length > 0)
      ),
      Option.match({ onNone: () => newest, onSome: ({ messages }) => messages[0]!.seq - 1 })
    )
  })
}
