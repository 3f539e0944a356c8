/**
 * One open tail: writes messages at the pace of its client and no faster, shows signs of life, and ends for exactly one
 * reason. What is queued for a client that does not read is bounded; one that reads nothing for too long is cut.
 */
import * as Effect from "effect/Effect"
import { damagedPayload } from "../../src/internal/selectMessages.js"
import type { StoredMessage, TailBatch } from "../../src/EncodedPool.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import type { ErrorEnvelope } from "../api/ApiError.js"
import type { Exchange } from "../server/Exchange.js"
import * as Metrics from "../server/metrics.js"
import type { TailFormat } from "./tailFormats.js"
import type { TailRequest } from "./tailRequest.js"

export interface TailSettings {
  readonly stalledWriterMillis: number
  readonly envelope: (error: PoolError) => ErrorEnvelope
}

/** So much is handed to the connection in one piece. */
const pieceBytes = 64 * 1024

export class Tail {
  private delivered = 0
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
    return Effect.suspend(() => {
      if (batch.gap !== undefined) {
        Metrics.add(Metrics.droppedMessages, batch.gap.found - batch.gap.expected)
        if (this.request.failOnGap) return Effect.sync(() => this.fail(gapError(batch.gap!)))
      }
      return this.deliverFrom(batch, 0)
    })
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

  /** Writes messages until a piece is full; the index of the first that is left. */
  private writePiece(messages: ReadonlyArray<StoredMessage>, start: number): number {
    const texts: Array<string> = []
    const blocks: Array<Uint8Array> = []
    let bytes = 0
    let index = start
    let failure: PoolError | undefined
    while (index < messages.length && bytes < pieceBytes && this.delivered < this.request.max) {
      const message = messages[index]!
      try {
        const encoded = this.format.message(message)
        if (typeof encoded === "string") texts.push(encoded)
        else blocks.push(encoded)
        bytes += encoded.length
      } catch (error) {
        if (!isPoolError(error)) throw error
        failure = damagedPayload(error, message.seq)
        break
      }
      index++
      this.delivered++
    }
    if (bytes > 0) this.write(blocks.length === 0 ? texts.join("") : Buffer.concat(blocks))
    Metrics.add(Metrics.deliveredMessages, index - start)
    if (failure !== undefined) this.fail(failure)
    else if (this.delivered >= this.request.max) this.end()
    return index
  }

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
    const stalled = setTimeout(() => {
      Metrics.add(Metrics.tailsStalled, 1)
      response.destroy()
    }, this.settings.stalledWriterMillis)
    response.once("drain", onDrain)
    return Effect.sync(() => {
      clearTimeout(stalled)
      response.off("drain", onDrain)
    })
  })

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
