/**
 * From batches of stored messages to a stream of decoded ones. One pull of the stream is one pull of the engine and one
 * loop: a stream operator between the two would keep every batch alive until the collector's slow pass, and would
 * delay each lone message by more than its way between two processes takes.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EncodedPool, Gap, StoredMessage, TailBatch } from "../EncodedPool.js"
import { Message } from "../Message.js"
import type { DecodeOptions, TailOptions } from "../Pool.js"
import { isPoolError, PoolError } from "../PoolError.js"
import { toPull } from "./directPull.js"
import { freshArray } from "./freshArray.js"
import { decodeSpan } from "./lite3/decodeValue.js"
import { messageChunk } from "./messageChunk.js"
import { checkPolicies } from "./policyProblem.js"
import { payloadSpan } from "./ring/copyFrames.js"
import { damagedPayload } from "./selectMessages.js"

/** What the ring overwrote and what is damaged goes to the handlers, in its place between the messages. */
export const messageTail = (
  encoded: EncodedPool,
  options: TailOptions,
  onGap: Handler<Gap> = gapHandler(encoded, options.onGap ?? "continue")
): Stream.Stream<Message, PoolError> =>
  Stream.unwrapScoped(
    Effect.map(Effect.zipRight(checkPolicies(options), toPull(encoded.tail(options, "lent"))), (pull) =>
      Stream.repeatEffectChunkOption(new MessagePull(encoded, options, pull, onGap).next)
    )
  )

/** The message, or why it cannot be had. */
export const decodeMessage = (
  stored: StoredMessage,
  options: DecodeOptions | undefined,
  path: string
): Message | PoolError => {
  try {
    const { data, tags } = decodeSpan(payloadSpan(stored), { integers: options?.integers ?? "number" })
    return new Message(stored.seq, stored.timestampLow, stored.timestampHigh, tags, data)
  } catch (error) {
    if (isPoolError(error)) return damagedPayload(error, stored.seq, path)
    throw error
  }
}

const none: ReadonlyArray<TailBatch> = []

type Pull<A> = Effect.Effect<Chunk.Chunk<A>, Option.Option<PoolError>>
export type Handler<A> = (value: A) => Effect.Effect<void, PoolError>

/** The state of one running stream. What has been pulled, but not passed on yet, comes before anything new. */
class MessagePull {
  private batches = none
  /** The next message, as the number of its batch and its place there. */
  private batch = 0
  private index = 0
  private isGapTold = false
  /** To be told before anything else: the messages before it have been passed on. */
  private damage: PoolError | undefined
  private readonly onDamage: Handler<PoolError>

  constructor(
    private readonly encoded: EncodedPool,
    private readonly options: TailOptions,
    private readonly pull: Pull<TailBatch>,
    private readonly onGap: Handler<Gap>
  ) {
    this.onDamage = damageHandler(options.onDamage ?? "fail")
  }

  readonly next: Pull<Message> = Effect.suspend(() => {
    const { batches, damage } = this
    if (damage !== undefined) {
      this.damage = undefined
      return this.tell(this.onDamage(damage))
    }
    return this.batch < batches.length ? this.passOn(batches[this.batch]!) : this.ask
  })

  private readonly ask: Pull<Message> = Effect.suspend(() => {
    // What was passed on is not kept while waiting for more.
    this.batches = none
    return Effect.flatMap(this.pull, (batches) => {
      this.batches = Chunk.toReadonlyArray(batches)
      this.batch = 0
      return this.next
    })
  })

  private tell(told: Effect.Effect<void, PoolError>): Pull<Message> {
    return Effect.matchEffect(told, {
      onFailure: (error) => Effect.fail(Option.some(error)),
      onSuccess: () => this.next
    })
  }

  private passOn({ damage, gap, messages }: TailBatch): Pull<Message> {
    if (gap !== undefined && !this.isGapTold) {
      this.isGapTold = true
      return this.tell(this.onGap(gap))
    }
    const decoded = this.decode(messages)
    if (this.index === messages.length && this.damage === undefined) {
      this.damage = damage
      this.batch++
      this.index = 0
      this.isGapTold = false
    }
    return decoded.length === 0 ? this.next : Effect.succeed(messageChunk(decoded))
  }

  /** Up to the next message that cannot be decoded. */
  private decode(messages: ReadonlyArray<StoredMessage>): Array<Message> {
    const decoded = freshArray<Message>()
    while (this.index < messages.length) {
      const message = decodeMessage(messages[this.index++]!, this.options, this.encoded.path)
      if (message instanceof Message) decoded.push(message)
      else {
        this.damage = message
        break
      }
    }
    return decoded
  }
}

export const gapHandler = (encoded: EncodedPool, policy: NonNullable<TailOptions["onGap"]>): Handler<Gap> => {
  if (policy === "continue") return () => Effect.void
  if (policy === "fail") return (gap) => Effect.fail(gapError(encoded, gap))
  return policy
}

/** A consumer is ahead of its pool. */
export const aheadMessage = ({ name }: EncodedPool, { expected }: Gap): string =>
  `pool ${name} is not the one in which message ${expected - 1} was handled: it was made anew, or has lost messages`

export const damageHandler = (policy: NonNullable<TailOptions["onDamage"]>): Handler<PoolError> => {
  if (policy === "skip") return () => Effect.void
  return policy === "fail" ? Effect.fail : policy
}

export const gapError = (encoded: EncodedPool, gap: Gap): PoolError =>
  new PoolError({
    reason: "RetentionGap",
    message:
      gap.found < gap.expected
        ? aheadMessage(encoded, gap)
        : `messages ${gap.expected} to ${gap.found - 1} of pool ${encoded.name} are gone`,
    hint: `Go on from message ${gap.found}, read faster, or create the pool with a larger size.`,
    path: encoded.path,
    seq: gap.expected
  })
