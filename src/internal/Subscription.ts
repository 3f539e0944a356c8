/**
 * What one subscriber has yet to take of what the shared reader passed on: chunks of messages, and, where they were more than
 * it may hold, how far the pool had come meanwhile. It forgets messages, never that there were some.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { Message } from "../Message.js"
import type { PoolError } from "../PoolError.js"

/** The next part for the subscriber: what it has to read from the file itself, both ends included, then messages. */
export interface Share {
  readonly missing: { readonly first: number; readonly last: number } | undefined
  readonly messages: ReadonlyArray<Message>
}

export class Subscription {
  private chunks: Array<ReadonlyArray<Message>> = []
  private waiting = 0
  /** Its place in the pool is fixed. */
  begun = false
  /** The newest message that there was no room for. */
  private refused: number | undefined
  private ended: Cause.Cause<Option.Option<PoolError>> | undefined
  private notify: (() => void) | undefined
  /** The number that comes next; unknown until the first message, in a pool that was empty. */
  private expected: number | undefined

  constructor(private readonly capacity: number) {}

  /** Messages below this number are none of the subscriber's business. */
  startAt(seq: number | undefined): void {
    this.expected = seq
    this.begun = true
  }

  push(messages: ReadonlyArray<Message>): void {
    const fits = this.waiting + messages.length <= this.capacity || this.waiting === 0
    // Once a chunk was refused the order demands that all are, until the file has made up for them.
    if (fits && this.refused === undefined) {
      this.chunks.push(messages)
      this.waiting += messages.length
    } else {
      this.refused = messages.at(-1)!.seq
    }
    this.wake()
  }

  /** After everything that is waiting; without an error it is the end of the stream. */
  end(cause: Cause.Cause<Option.Option<PoolError>>): void {
    this.ended = cause
    this.wake()
  }

  readonly take: Effect.Effect<Share, Option.Option<PoolError>> = Effect.suspend(() => {
    const share = this.next()
    if (share !== undefined) return Effect.succeed(share)
    if (this.ended !== undefined) return Effect.failCause(this.ended)
    return Effect.zipRight(this.wait, this.take)
  })

  private next(): Share | undefined {
    let messages = this.chunks.shift()
    if (messages === undefined) return this.makeUp()
    this.waiting -= messages.length
    const { expected } = this
    this.expected = messages.at(-1)!.seq + 1
    if (expected === undefined) return { missing: undefined, messages }
    if (messages[0]!.seq < expected) messages = messages.filter(({ seq }) => seq >= expected)
    const first = messages[0]?.seq ?? expected
    this.expected = Math.max(this.expected, expected)
    return { missing: first > expected ? { first: expected, last: first - 1 } : undefined, messages }
  }

  private makeUp(): Share | undefined {
    const { expected, refused } = this
    if (refused === undefined) return undefined
    this.refused = undefined
    this.expected = Math.max(expected ?? 0, refused + 1)
    return { missing: { first: expected ?? refused, last: refused }, messages: [] }
  }

  private readonly wait: Effect.Effect<void> = Effect.async((resume) => {
    this.notify = () => resume(Effect.void)
    return Effect.sync(() => void (this.notify = undefined))
  })

  private wake(): void {
    const { notify } = this
    this.notify = undefined
    notify?.()
  }
}
