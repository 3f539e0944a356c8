/**
 * Streams that are asked for one message after another and block while they wait, as upstream's binding has them. They look at
 * the pool every few milliseconds: whoever can wait without blocking uses `tail`.
 */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as EffectStream from "effect/Stream"
import type { StoredMessage, TailFrom } from "../../src/EncodedPool.js"
import { gapHandler } from "../../src/internal/messageTail.js"
import type { Pool } from "../../src/Pool.js"
import { blockMillis, runBlocking } from "./blocking.js"
import type { Lite3Frame } from "./ClientMessage.js"
import { frameOf, messageOf } from "./ClientMessage.js"

type Count = number | bigint | null | undefined

const pauseMillis = 2
const batches = 4

class StoredStream {
  private waiting: Array<StoredMessage> = []
  private from: TailFrom
  private left: number
  private readonly timeoutMillis: number
  private closed = false

  constructor(
    private readonly pool: Pool,
    sinceSeq: Count,
    maxMessages: Count,
    timeoutMs: Count,
    private readonly errorOnGap: boolean
  ) {
    this.from = sinceSeq === undefined || sinceSeq === null ? "oldest" : { seq: Math.max(1, Number(sinceSeq)) }
    this.left = Number(maxMessages ?? Number.POSITIVE_INFINITY)
    this.timeoutMillis = Number(timeoutMs ?? Number.POSITIVE_INFINITY)
  }

  /** `null` when the last was given, nothing came in time, or the stream is closed. */
  nextStored(): StoredMessage | null {
    if (this.closed || this.left <= 0) return null
    const deadline = this.timeoutMillis + now()
    while (this.waiting.length === 0 && !this.look()) {
      const leftMillis = deadline - now()
      if (leftMillis <= 0) return null
      blockMillis(Math.min(pauseMillis, leftMillis))
    }
    this.left--
    return this.waiting.shift()!
  }

  close(): void {
    this.closed = true
    this.waiting = []
  }

  private look(): boolean {
    const looked = this.pool.encoded
      .tail({ from: this.from, follow: false })
      .pipe(EffectStream.take(batches), EffectStream.runCollect)
    for (const { damage, gap, messages } of Chunk.toReadonlyArray(runBlocking(looked))) {
      if (gap !== undefined && this.errorOnGap) {
        // What came before it goes first; the next look finds it again.
        if (this.waiting.length === 0) runBlocking(gapHandler(this.pool.encoded, "fail")(gap))
        break
      }
      this.waiting.push(...messages)
      if (damage !== undefined && this.waiting.length === 0) runBlocking(Effect.fail(damage))
    }
    const last = this.waiting.at(-1)
    if (last !== undefined) this.from = { seq: last.seq + 1 }
    return last !== undefined
  }
}

const now = (): number => runBlocking(Clock.currentTimeMillis)

/**
 * @since 0.1.0
 * @category models
 */
export class Stream extends StoredStream {
  nextJson(): Buffer | null {
    const stored = this.nextStored()
    return stored === null ? null : messageOf(stored).raw
  }

  *[Symbol.iterator](): Generator<Buffer, void, undefined> {
    for (let next = this.nextJson(); next !== null; next = this.nextJson()) yield next
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export class Lite3Stream extends StoredStream {
  next(): Lite3Frame | null {
    const stored = this.nextStored()
    return stored === null ? null : frameOf(stored)
  }

  *[Symbol.iterator](): Generator<Lite3Frame, void, undefined> {
    for (let next = this.next(); next !== null; next = this.next()) yield next
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
