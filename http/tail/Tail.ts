/**
 * One open tail: writes messages at the pace of its client and no faster, shows signs of life, and ends for exactly one
 * reason. What is queued for a client that does not read is bounded; one that reads nothing for too long is cut.
 */
import * as Effect from "effect/Effect"
import type { StoredMessage, TailBatch } from "../../src/EncodedPool.js"
import { PoolError } from "../../src/PoolError.js"
import type { ErrorEnvelope } from "../api/ApiError.js"
import type { Exchange } from "../server/Exchange.js"
import * as Metrics from "../server/metrics.js"
import { encodePiece } from "./encodePiece.js"
import type { Follower } from "./PoolFeed.js"
import type { SharedBatch } from "./SharedBatch.js"
import type { TailFormat } from "./tailFormats.js"
import type { TailRequest } from "./tailRequest.js"

export interface TailSettings {
  readonly stalledWriterMillis: number
  readonly envelope: (error: PoolError) => ErrorEnvelope
}

/** So many batches of a feed wait for a client; they are shared, and each holds 256 KiB of payloads at most. */
const mostWaiting = 4

interface Waiting {
  readonly shared: SharedBatch
  /** The piece to be written next. */
  at: number
}

export class Tail implements Follower {
  /** Messages from this number on are still to be written. */
  nextSeq = 0
  private delivered = 0
  private readonly waiting: Array<Waiting> = []
  private stalled: NodeJS.Timeout | undefined
  private isLeft = false
  private notifyLeft: () => void = () => undefined
  private lastWriteMillis = Date.now()
  private over = false
  private notifyOver: () => void = () => undefined
  private lifetime: NodeJS.Timeout | undefined
  private heartbeat: NodeJS.Timeout | undefined

  constructor(
    private readonly exchange: Exchange,
    private readonly format: TailFormat,
    private readonly request: TailRequest,
    private readonly settings: TailSettings
  ) {}

  /** The response's head is on its way, whether there are messages or not. With `headOnly` that is all there is. */
  begin(headOnly: boolean): void {
    const { format, request } = this
    this.exchange.begin(200, ["content-type", format.mediaType, ...format.headers], format.cacheControl)
    this.exchange.response.flushHeaders()
    if (headOnly) return this.end()
    if (format.opening !== "") this.write(format.opening)
    if (request.max === 0 || request.timeoutMillis === 0) return this.end()
    this.lifetime = setTimeout(() => this.end(), request.timeoutMillis)
    if (format.heartbeat !== undefined && request.heartbeatMillis > 0) this.beat(format.heartbeat)
  }

  /** Ends when the tail is over for a reason of its own: its time, its last message, its client, the server's end. */
  readonly awaitOver: Effect.Effect<void> = Effect.async((resume) => {
    if (this.over) return resume(Effect.void)
    this.notifyOver = () => resume(Effect.void)
  })

  /** Writes the batch; ends when the client has taken enough of it for more. */
  deliver(batch: TailBatch): Effect.Effect<void> {
    return Effect.suspend(() => (this.passGap(batch) ? this.deliverFrom(batch, 0) : Effect.void))
  }

  private deliverFrom(batch: TailBatch, start: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      let index = start
      while (index < batch.messages.length && !this.over) {
        index = this.writePiece(batch.messages, index)
        if (this.exchange.response.writableNeedDrain) {
          return Effect.zipRight(this.awaitDrain, this.deliverFrom(batch, index))
        }
      }
      if (batch.damage !== undefined) this.fail(batch.damage)
      return Effect.void
    })
  }

  /** What was lost is counted, or ends the tail: then `false`. */
  private passGap({ gap }: TailBatch): boolean {
    if (gap === undefined || gap.found <= this.nextSeq) return true
    const missed = { expected: Math.max(gap.expected, this.nextSeq), found: gap.found }
    Metrics.add(Metrics.droppedMessages, missed.found - missed.expected)
    this.nextSeq = missed.found
    if (this.request.failOnGap) this.fail(gapError(missed))
    return !this.over
  }

  /** Writes messages until a piece is full; the index of the first that is left. */
  private writePiece(messages: ReadonlyArray<StoredMessage>, start: number): number {
    const { content, failure, next } = encodePiece(this.format, messages, start, this.request.max - this.delivered)
    if (next > start) this.writeMessages(content, next - start, messages[next - 1]!.seq)
    if (failure !== undefined) this.fail(failure)
    return next
  }

  private writeMessages(content: string | Uint8Array, count: number, lastSeq: number): void {
    this.write(content)
    this.nextSeq = lastSeq + 1
    this.delivered += count
    Metrics.add(Metrics.deliveredMessages, count)
    if (this.delivered >= this.request.max) this.end()
  }

  /** From a feed: what the client does not take at once waits, as far as that is bounded; `false` is beyond. */
  offer(shared: SharedBatch): boolean {
    if (this.over) return true
    if (this.waiting.length >= mostWaiting) {
      this.waiting.length = 0
      return false
    }
    this.waiting.push({ shared, at: 0 })
    this.writeWaiting()
    return true
  }

  private readonly writeWaiting = (): void => {
    const { response } = this.exchange
    while (this.waiting.length > 0 && !this.over) {
      if (response.writableNeedDrain) return this.resumeWhenDrained()
      if (this.writeShared(this.waiting[0]!)) this.waiting.shift()
    }
  }

  /** Writes the next piece; `true` when there is no other. */
  private writeShared(entry: Waiting): boolean {
    const { at, shared } = entry
    if (at === 0 && !this.passGap(shared.batch)) return true
    const { failure, pieces } = shared.in(this.format)
    const piece = pieces[entry.at++]
    if (piece === undefined) {
      if (failure !== undefined) this.fail(failure)
      return true
    }
    const { content, firstSeq, lastSeq, messages } = piece
    if (lastSeq < this.nextSeq) return false
    if (firstSeq >= this.nextSeq && this.delivered + messages.length <= this.request.max) {
      this.writeMessages(content, messages.length, lastSeq)
    } else {
      const wanted = messages.filter(({ seq }) => seq >= this.nextSeq)
      for (let index = 0; index < wanted.length && !this.over;) index = this.writePiece(wanted, index)
    }
    return false
  }

  private resumeWhenDrained(): void {
    if (this.stalled !== undefined) return
    this.stalled = setTimeout(() => this.cut(), this.settings.stalledWriterMillis)
    this.exchange.response.once("drain", this.onDrain)
  }

  private readonly onDrain = (): void => {
    clearTimeout(this.stalled)
    this.stalled = undefined
    this.writeWaiting()
  }

  /** The feed goes on without it: what waited is read again, from the pool. */
  leftBehind(): void {
    this.waiting.length = 0
    this.isLeft = true
    this.notifyLeft()
  }

  /** Ends when the feed has left it behind, with all that was written taken by the client. */
  readonly awaitLeft: Effect.Effect<void> = Effect.suspend(() =>
    Effect.zipRight(
      Effect.async<void>((resume) => {
        if (this.isLeft) return resume(Effect.void)
        this.notifyLeft = () => resume(Effect.void)
      }),
      Effect.suspend(() => {
        this.isLeft = false
        return this.exchange.response.writableNeedDrain ? this.awaitDrain : Effect.void
      })
    )
  )

  private write(content: string | Uint8Array): void {
    this.exchange.responseBytes += content.length
    this.lastWriteMillis = Date.now()
    this.exchange.response.write(content)
  }

  private readonly awaitDrain: Effect.Effect<void> = Effect.async((resume) => {
    const { response } = this.exchange
    const onDrain = (): void => {
      clearTimeout(stalled)
      resume(Effect.void)
    }
    const stalled = setTimeout(() => this.cut(), this.settings.stalledWriterMillis)
    response.once("drain", onDrain)
    return Effect.sync(() => {
      clearTimeout(stalled)
      response.off("drain", onDrain)
    })
  })

  /** The client takes nothing. */
  private cut(): void {
    Metrics.add(Metrics.tailsStalled, 1)
    this.exchange.response.destroy()
  }

  private beat(sign: string): void {
    const { heartbeatMillis } = this.request
    this.heartbeat = setTimeout(
      () => {
        const idleMillis = Date.now() - this.lastWriteMillis
        if (idleMillis >= heartbeatMillis && !this.exchange.response.writableNeedDrain) this.write(sign)
        this.beat(sign)
      },
      Math.max(1, heartbeatMillis - (Date.now() - this.lastWriteMillis))
    )
  }

  /** A clean end. */
  end(): void {
    if (this.over) return
    this.close()
    this.exchange.finish("")
  }

  /** The client learns why, in the words that the format has. */
  fail(error: PoolError): void {
    if (this.over) return
    this.close()
    const words = this.format.failure(this.settings.envelope(error))
    // After what is written already, but without the final chunk: no reader takes that for an end.
    if (words === undefined) this.exchange.response.socket?.destroySoon()
    else this.exchange.finish(words)
  }

  /** No timer is left, and nothing is written any more. */
  close(): void {
    this.over = true
    clearTimeout(this.lifetime)
    clearTimeout(this.heartbeat)
    clearTimeout(this.stalled)
    this.exchange.response.off("drain", this.onDrain)
    this.waiting.length = 0
    this.notifyOver()
  }
}

const gapError = (gap: NonNullable<TailBatch["gap"]>): PoolError =>
  new PoolError({
    reason: "RetentionGap",
    message: `messages ${gap.expected} to ${gap.found - 1} are no longer retained; the next one is ${gap.found}`,
    hint: `Go on with since_seq=${gap.found}, or use a larger pool.`,
    seq: gap.expected
  })
