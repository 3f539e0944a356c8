/**
 * The read path of a pool: drain what is there, judge it, wait for a hint, look again. The position is a message
 * number, fixed once at the start; nothing appended after that moment can be missed, and what the ring
 * overwrote is reported as a gap before any filter could hide it. Batches are pulled as a stream, or handed on as soon as
 * they are there.
 */
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type {
  BatchTaker,
  Gap,
  PayloadMemory,
  StoredMessage,
  TailBatch,
  TailFrom,
  TailSelection
} from "../EncodedPool.js"
import { isPoolError, type PoolError } from "../PoolError.js"
import type { Selected, Selector } from "./selectMessages.js"
import { isDecidedAtOnce, selectMessages, selectsAll, selectTagged } from "./selectMessages.js"
import { pullStream } from "./directPull.js"
import { freshArray } from "./freshArray.js"
import type { LocalHandle } from "./localHandle.js"
import { deletedError } from "./localHandle.js"
import { messageChunk } from "./messageChunk.js"
import { LentCopyBuffer } from "./ring/copyBuffer.js"
import { type CursorBatch, RingCursor } from "./ring/cursor.js"
import { fromNanoseconds } from "./wallClock.js"
import { attempt, contended, untilFree } from "./withLock.js"

/** One look at the pool copies at most so much, then gives others a turn. */
const batchMessages = 1024
const batchBytes = 256 * 1024

/** Everything a tail decides at its start. */
interface TailPlan {
  /** The first message to read. */
  readonly start: number
  /** Whether messages from `start` on that are gone when the first one is read count as a gap. */
  readonly reportFirstGap: boolean
  /** Read up to this message, then end; `undefined` follows for ever. */
  readonly end: number | undefined
  /** Leave out messages up to `newestAtStart` that are older than this. */
  readonly notBefore: { readonly low: number; readonly high: number } | undefined
  readonly newestAtStart: number
}

export const tailStream = (
  handle: LocalHandle,
  selection: TailSelection,
  selector: Selector,
  payloads: PayloadMemory
): Stream.Stream<TailBatch, PoolError> =>
  pullStream(
    Effect.map(planTail(handle, selection, selector), (plan) => new TailReader(handle, selector, plan, payloads).pull)
  )

/** The same for somebody who takes batches where they are found; see `EncodedPool.forEachBatch`. */
export const takeBatches = (
  handle: LocalHandle,
  selection: TailSelection,
  selector: Selector,
  take: BatchTaker
): Effect.Effect<void, PoolError> =>
  Effect.flatMap(planTail(handle, selection, selector), (plan) =>
    Effect.matchEffect(new TailReader(handle, selector, plan, "lent", take).pull, {
      onFailure: Option.match({ onNone: () => Effect.void, onSome: (error: PoolError) => Effect.fail(error) }),
      onSuccess: () => Effect.void
    })
  )

const planTail = (
  handle: LocalHandle,
  selection: TailSelection,
  selector: Selector
): Effect.Effect<TailPlan, PoolError> =>
  Effect.flatMap(
    attempt(() => handle.ring.readGroup(), handle),
    ({ newest, oldest }) => {
      const from = selection.from ?? "now"
      const first = oldest === 0 ? newest + 1 : oldest
      const shared = {
        end: (selection.follow ?? true) ? undefined : Math.min(newest, selection.through ?? newest),
        newestAtStart: newest,
        notBefore: notBefore(from),
        reportFirstGap: from === "now" || (typeof from === "object" && "seq" in from && from.seq > 0)
      }
      if (typeof from === "object" && "last" in from && from.last > 0 && !selectsAll(selector)) {
        const scan = { ...shared, start: first, end: newest }
        return Effect.map(lastMatching(handle, selector, scan, from.last), (start) => ({ ...shared, start }))
      }
      return Effect.succeed({ ...shared, start: startOf(from, first, newest) })
    }
  )

const startOf = (from: TailFrom, first: number, newest: number): number => {
  if (from === "now") return newest + 1
  if (from === "oldest" || "time" in from) return first
  if ("seq" in from) return Math.max(from.seq, 1)
  return Math.max(first, newest + 1 - from.last)
}

const notBefore = (from: TailFrom): TailPlan["notBefore"] => {
  if (typeof from !== "object" || !("time" in from)) return undefined
  const nanoseconds = typeof from.time === "bigint" ? from.time : BigInt(from.time.getTime()) * 1_000_000n
  return nanoseconds <= 0n ? undefined : fromNanoseconds(nanoseconds)
}

/** The number of the `count`-th last message that passes, among those there now; keeps numbers only. */
const lastMatching = (
  handle: LocalHandle,
  selector: Selector,
  scan: TailPlan,
  count: number
): Effect.Effect<number, PoolError> => {
  const seqs: Array<number> = []
  const kept = Math.min(count, scan.newestAtStart)
  let next = 0
  return Effect.map(
    Stream.runForEach(Stream.repeatEffectChunkOption(new TailReader(handle, selector, scan, "lent").pull), (batch) =>
      Effect.sync(() => {
        for (const message of batch.messages) {
          seqs[next % kept] = message.seq
          next++
        }
      })
    ),
    () => (next === 0 ? scan.newestAtStart + 1 : seqs[next > kept ? next % kept : 0]!)
  )
}

type Pulled = Effect.Effect<Chunk.Chunk<TailBatch>, Option.Option<PoolError>>

/**
 * A class, and not a literal, which may be made among what lives long and then keeps its messages until the collector's
 * slow pass: see `freshArray`.
 */
class FoundBatch implements TailBatch {
  constructor(
    readonly gap: TailBatch["gap"],
    readonly messages: ReadonlyArray<StoredMessage>,
    readonly damage: PoolError | undefined
  ) {}
}

const chunkOf = (batch: TailBatch): Chunk.Chunk<TailBatch> => {
  const batches = freshArray<TailBatch>()
  batches.push(batch)
  return messageChunk(batches)
}

/**
 * The state of one running tail. `pull` gives the next batch that is not empty, and waits for it if need be. With `take` it
 * gives none: batches are taken where they are found, until the tail ends.
 */
class TailReader {
  private readonly cursor: RingCursor
  /** Read already, but not judged: what stood behind a damaged message. */
  private unjudged: ReadonlyArray<StoredMessage> = []
  private damageBehindUnjudged: PoolError | undefined
  /** A gap behind which nothing was read yet. */
  private openGap: Gap | undefined
  private failure: PoolError | undefined
  private isLooking = false
  /** How the fiber goes on after a look that somebody else's event made. */
  private upNext: Pulled | undefined

  constructor(
    private readonly handle: LocalHandle,
    private readonly selector: Selector,
    private readonly plan: TailPlan,
    payloads: PayloadMemory,
    private readonly take?: BatchTaker
  ) {
    this.cursor = new RingCursor(handle.ring, handle.lock, plan.start, {
      reportFirstGap: plan.reportFirstGap,
      ...(payloads === "lent" && { copies: new LentCopyBuffer() })
    })
  }

  readonly pull: Pulled = Effect.suspend(() => {
    if (this.failure !== undefined) return Effect.fail(Option.some(this.failure))
    if (this.unjudged.length > 0 || this.damageBehindUnjudged !== undefined)
      return this.judge(undefined, this.unjudged, this.damageBehindUnjudged)
    if (this.ended()) return Effect.fail(Option.none())
    return this.look()
  })

  /** Synchronous as long as nothing has to be waited for: each step in between would delay the message that came. */
  private look(): Pulled {
    let read: CursorBatch | typeof contended
    try {
      read = this.read()
    } catch (thrown) {
      const error = this.handle.explain(thrown)
      return isPoolError(error) ? Effect.fail(Option.some(error)) : Effect.die(error)
    }
    return read === contended ? this.lookWhenFree : this.received(read)
  }

  private readonly lookAgain: Pulled = Effect.suspend(() => this.look())

  private readonly lookWhenFree: Pulled = Effect.suspend(() =>
    Effect.matchEffect(
      untilFree(this.handle, () => this.read()),
      {
        onFailure: (error) => Effect.fail(Option.some(error)),
        onSuccess: (read) => this.received(read)
      }
    )
  )

  /** A frame without a checksum needs a quiet moment of the pool to be proved whole; so does a foreign publish. */
  private read(): CursorBatch | typeof contended {
    const read = this.cursor.read(batchMessages, batchBytes)
    if (read.gap !== undefined || read.frames.length > 0 || read.damaged !== undefined) return read
    return read.contended || this.handle.ring.newestSeq() >= this.cursor.nextSeq ? contended : read
  }

  private received({ damaged, frames, gap }: CursorBatch): Pulled {
    const arrived = frames.length > 0 || damaged !== undefined
    if (!arrived && gap !== undefined) {
      // Overtaken again before anything could be copied: still one gap.
      this.openGap = { expected: (this.openGap ?? gap).expected, found: gap.found }
      return this.lookAgain
    }
    const wholeGap = this.openGap === undefined ? gap : { ...this.openGap, ...(gap && { found: gap.found }) }
    this.openGap = undefined
    if (!arrived && wholeGap === undefined) return this.plan.end === undefined ? this.waitForMore : this.cutBack
    const damage = damaged === undefined ? undefined : this.handle.damagedFrame(damaged)
    return this.judge(wholeGap, this.timely(frames), damage)
  }

  private judge(
    gap: TailBatch["gap"],
    frames: ReadonlyArray<StoredMessage>,
    frameDamage: PoolError | undefined
  ): Pulled {
    if (selectsAll(this.selector)) return this.deliver(new FoundBatch(gap, frames, frameDamage))
    const { selector } = this
    return isDecidedAtOnce(selector)
      ? this.judged(gap, selectTagged(selector, frames), frameDamage)
      : Effect.flatMap(Effect.mapError(selectMessages(selector, frames), Option.some), (selected) =>
          this.judged(gap, selected, frameDamage)
        )
  }

  private judged(
    gap: TailBatch["gap"],
    { damage, filterError, messages, rest }: Selected,
    frameDamage: PoolError | undefined
  ): Pulled {
    this.unjudged = rest
    this.damageBehindUnjudged = damage === undefined ? undefined : frameDamage
    this.failure = filterError
    return this.deliver(new FoundBatch(gap, messages, damage ?? (filterError === undefined ? frameDamage : undefined)))
  }

  /** What is empty is nothing to the consumer. */
  private deliver(batch: TailBatch): Pulled {
    if (batch.gap === undefined && batch.messages.length === 0 && batch.damage === undefined) return this.pull
    if (this.take === undefined) return Effect.succeed(chunkOf(batch))
    const rest = this.take(batch)
    return rest === undefined ? this.nextInTurn : Effect.zipRight(Effect.mapError(rest, Option.some), this.pull)
  }

  /** Nothing else in a loop of taking would let other fibers run. */
  private readonly nextInTurn: Pulled = Effect.suspend(() => Effect.zipRight(Effect.yieldNow(), this.pull))

  /** Messages of the past that are older than asked for are passed over; later ones are new, whatever their time. */
  private timely(frames: ReadonlyArray<StoredMessage>): ReadonlyArray<StoredMessage> {
    const { end, newestAtStart, notBefore } = this.plan
    const wanted =
      notBefore === undefined
        ? frames
        : frames.filter(
            (frame) =>
              frame.seq > newestAtStart ||
              frame.timestampHigh > notBefore.high ||
              (frame.timestampHigh === notBefore.high && frame.timestampLow >= notBefore.low)
          )
    return end === undefined || wanted.length === 0 || wanted[wanted.length - 1]!.seq <= end
      ? wanted
      : wanted.filter((frame) => frame.seq <= end)
  }

  private ended(): boolean {
    return this.plan.end !== undefined && this.cursor.nextSeq > this.plan.end
  }

  /** All that was to come was there at the start, and is not any more: after a power cut, a repair took numbers back. */
  private readonly cutBack: Pulled = Effect.fail(Option.none())

  private readonly waitForMore: Pulled = Effect.suspend(() =>
    Effect.flatMap(
      this.handle.waitUntil(() => this.hasMore()),
      (deleted) => this.goOn() ?? (deleted ? Effect.fail(Option.some(deletedError(this.handle))) : this.pull)
    )
  )

  /** Asked within the events that tell of messages, which is the earliest that these can be taken. */
  private hasMore(): boolean {
    if (this.upNext !== undefined) return true
    // What `take` does may lead here again.
    if (this.isLooking || this.handle.ring.newestSeq() < this.cursor.nextSeq) return false
    if (this.take === undefined) return true
    this.isLooking = true
    try {
      this.upNext = this.look()
    } catch (exception) {
      this.upNext = Effect.die(exception)
    } finally {
      this.isLooking = false
    }
    return true
  }

  private goOn(): Pulled | undefined {
    const { upNext } = this
    this.upNext = undefined
    return upNext
  }
}
