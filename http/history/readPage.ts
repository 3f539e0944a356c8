/**
 * One page of retained messages as JSON text, found by number or time, never by reading from the oldest on. A filter that
 * matches little is given a bounded time; the page then tells how far it came.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EncodedPool, StoredMessage } from "../../src/EncodedPool.js"
import { envelopeText } from "../../src/internal/envelope.js"
import { damagedPayload } from "../../src/internal/selectMessages.js"
import { toNanoseconds } from "../../src/internal/wallClock.js"
import { isPoolError, type PoolError } from "../../src/PoolError.js"
import { usage } from "../server/wireError.js"
import { firstNotBefore } from "./findTime.js"
import { approach, boundsOf, breathe } from "./headerSteps.js"
import type { PageRequest } from "./pageRequest.js"

/** So many messages are filtered before the time is looked at. */
const blockMessages = 1024
/** After this a page ends, full or not. */
const searchMillis = 1000
/** A filter that needs so long for one block has no hope. */
const blockMillis = 5000
/** A page ends with the message that exceeds this. Clients of upstream take no answer of 10 MiB. */
const pageCharacters = 4 * 1024 * 1024

/** The page as the text of its JSON object. Fails with `Usage` for a filter that does not compile, or takes too long. */
export const readPage = (pool: EncodedPool, request: PageRequest): Effect.Effect<string, PoolError> =>
  Effect.gen(function* () {
    const { afterSeq, beforeSeq, since, until, where } = request
    // A filter that makes no sense is refused whatever the pool holds.
    if (where.length > 0) yield* checkFilters(pool, where)
    const bounds = yield* boundsOf(pool)
    const { newest = 0, oldest = newest + 1 } = bounds
    const first = since === undefined ? oldest : yield* firstNotBefore(pool, oldest, newest, since)
    const last = until === undefined ? newest : (yield* firstNotBefore(pool, first, newest, until + 1n)) - 1
    const asked: Range = {
      first: Math.max(first, (afterSeq ?? 0) + 1),
      last: Math.min(last, (beforeSeq ?? Number.MAX_SAFE_INTEGER) - 1)
    }
    const page = new Page(pool, request)
    const isBackward = beforeSeq !== undefined && afterSeq === undefined
    const seen = yield* isBackward ? page.readBackward(asked) : page.readForward(asked)
    return page.toText({
      bounds,
      next_after_seq: seen.last < last ? seen.last : null,
      prev_before_seq: seen.first > first ? seen.first : null,
      fell_behind: afterSeq !== undefined && afterSeq < newest && afterSeq + 1 < oldest
    })
  })

/** Fails when an expression does not compile. A tail that ends before its first message does nothing but compile. */
export const checkFilters = (pool: EncodedPool, where: ReadonlyArray<string>): Effect.Effect<void, PoolError> =>
  Stream.runDrain(pool.tail({ from: "now", follow: false, where }))

/** Numbers, both included; empty when the last lies before the first. */
interface Range {
  readonly first: number
  readonly last: number
}

/** A message as JSON text, or what is wrong with it. */
interface Entry {
  readonly seq: number
  readonly text: string
  readonly isDamaged: boolean
}

class Page {
  private entries: ReadonlyArray<Entry> = []
  private characters = 0
  private readonly blockLength: number

  constructor(
    private readonly pool: EncodedPool,
    private readonly request: PageRequest
  ) {
    const { limit, tags, where } = request
    this.blockLength = tags.length + where.length > 0 ? blockMessages : limit
  }

  /** From the first on; yields what was looked at. */
  readForward({ first, last }: Range): Effect.Effect<Range, PoolError> {
    if (first > last) return Effect.succeed({ first, last: first - 1 })
    return this.inBlocks((untilMillis) => {
      const readFrom = (next: number): Effect.Effect<Range, PoolError> => {
        const through = Math.min(last, next + this.blockLength - 1)
        const found: Array<Entry> = []
        const take = (entry: Entry): boolean => {
          found.push(entry)
          this.characters += entry.text.length
          return this.entries.length + found.length < this.request.limit && this.characters < pageCharacters
        }
        return Effect.flatMap(this.readBlock({ first: next, last: through }, take), (isCut) => {
          this.entries = [...this.entries, ...found]
          if (isCut) return Effect.succeed({ first, last: found.at(-1)!.seq })
          return this.goOn(through < last, untilMillis, { first, last: through }, () => readFrom(through + 1))
        })
      }
      return Effect.zipRight(approach(this.pool, first), readFrom(first))
    })
  }

  /** From the last on, block by block; each is read forward, and of what it brings the newest is kept. */
  readBackward({ first, last }: Range): Effect.Effect<Range, PoolError> {
    if (first > last) return Effect.succeed({ first: last + 1, last })
    return this.inBlocks((untilMillis) => {
      const readBefore = (beyond: number): Effect.Effect<Range, PoolError> => {
        const start = Math.max(first, beyond - this.blockLength)
        const found: Array<Entry> = []
        let isCut = false
        const take = (entry: Entry): boolean => {
          found.push(entry)
          this.characters += entry.text.length
          while (
            this.entries.length + found.length > this.request.limit ||
            (this.characters > pageCharacters && this.entries.length + found.length > 1 && found.length > 0)
          ) {
            this.characters -= found.shift()!.text.length
            isCut = true
          }
          return true
        }
        const block = this.readBlock({ first: start, last: beyond - 1 }, take)
        return Effect.flatMap(Effect.zipRight(approach(this.pool, start), block), () => {
          this.entries = [...found, ...this.entries]
          const isFull = isCut || this.entries.length >= this.request.limit
          // What was dropped from the front comes again with the page before.
          const reached = isFull ? (this.entries[0]?.seq ?? beyond) : start
          const seen = { first: reached, last }
          return this.goOn(!isFull && start > first, untilMillis, seen, () => readBefore(start))
        })
      }
      return readBefore(last + 1)
    })
  }

  private inBlocks(read: (untilMillis: number) => Effect.Effect<Range, PoolError>): Effect.Effect<Range, PoolError> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => read(now + searchMillis))
  }

  private goOn(
    isMore: boolean,
    untilMillis: number,
    seen: Range,
    next: () => Effect.Effect<Range, PoolError>
  ): Effect.Effect<Range, PoolError> {
    if (!isMore) return Effect.succeed(seen)
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now >= untilMillis ? Effect.succeed(seen) : Effect.zipRight(breathe, Effect.suspend(next))
    )
  }

  /** Gives what passes to `take`, in order, until that has enough; says whether it had. */
  private readBlock({ first, last }: Range, take: (entry: Entry) => boolean): Effect.Effect<boolean, PoolError> {
    const { tags, where } = this.request
    let isCut = false
    const wants = (entry: Entry): boolean => {
      isCut = !take(entry)
      return !isCut
    }
    const selection = { from: { seq: first }, through: last, follow: false, tags, where }
    const reading = Stream.runForEachWhile(this.pool.tail(selection, "lent"), ({ damage, messages }) => {
      for (const message of messages) {
        if (message.seq > last) return Effect.succeed(false)
        if (this.isTimely(message) && !wants(entryOf(message))) return Effect.succeed(false)
      }
      if (damage === undefined) return Effect.succeed(true)
      if (damage.seq === undefined) return Effect.fail(damage)
      if (damage.seq > last) return Effect.succeed(false)
      return Effect.succeed(wants({ seq: damage.seq, text: damage.message, isDamaged: true }))
    })
    const tooSlow = (): PoolError =>
      usage(
        `the filter needs more than ${blockMillis / 1000} s for ${blockMessages} messages`,
        "Ask for less with `tag`, `since` or `limit`, or for something simpler."
      )
    return Effect.map(Effect.timeoutFail(reading, { duration: blockMillis, onTimeout: tooSlow }), () => isCut)
  }

  /** Where a clock was set back, the window has others between its own. */
  private isTimely({ timestampHigh, timestampLow }: StoredMessage): boolean {
    const { since, until } = this.request
    if (since === undefined && until === undefined) return true
    const time = toNanoseconds(timestampLow, timestampHigh)
    return (since === undefined || time >= since) && (until === undefined || time <= until)
  }

  toText(rest: object): string {
    const texts = this.entries.filter(({ isDamaged }) => !isDamaged).map(({ text }) => text)
    const damaged = this.entries.filter(({ isDamaged }) => isDamaged).map(({ seq, text }) => ({ seq, message: text }))
    const others = JSON.stringify(damaged.length === 0 ? rest : { ...rest, damaged })
    return `{"messages":[${texts.join(",")}],${others.slice(1)}`
  }
}

const entryOf = (message: StoredMessage): Entry => {
  const { seq } = message
  try {
    return { seq, text: envelopeText(message), isDamaged: false }
  } catch (error) {
    if (!isPoolError(error)) throw error
    return { seq, text: damagedPayload(error, seq).message, isDamaged: true }
  }
}
