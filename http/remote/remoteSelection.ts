/**
 * Where a remote tail starts and ends, told in numbers: all that a server must know is one number, so upstream's will do.
 * Tags and filters are judged on this side, where they cannot hide a gap.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { StoredMessage, TailBatch, TailFrom, TailSelection } from "../../src/EncodedPool.js"
import type { Selector } from "../../src/internal/selectMessages.js"
import { selectsAll } from "../../src/internal/selectMessages.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import type { PoolError } from "../../src/PoolError.js"
import type { RemoteSource, RemoteTailPlan } from "./RemoteTail.js"
import { RemoteTail } from "./RemoteTail.js"

export const remoteTail = (
  source: RemoteSource,
  selection: TailSelection,
  selector: Selector
): Stream.Stream<TailBatch, PoolError> =>
  Stream.unwrap(
    Effect.map(source.info, ({ bounds }) => {
      const newest = bounds.newest ?? 0
      const oldest = bounds.oldest ?? newest + 1
      const from = selection.from ?? "now"
      const end = (selection.follow ?? true) ? undefined : newest
      if (typeof from === "object" && "last" in from && from.last > 0 && !selectsAll(selector)) {
        return lastMatching(source, selector, { oldest, newest, count: from.last, end })
      }
      return streamOf(source, selector, {
        start: startOf(from, oldest, newest),
        reportFirstGap: from === "now" || (typeof from === "object" && "seq" in from && from.seq > 0),
        end,
        wanted: notBefore(from, newest)
      })
    })
  )

const streamOf = (
  source: RemoteSource,
  selector: Selector,
  plan: RemoteTailPlan
): Stream.Stream<TailBatch, PoolError> =>
  Stream.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => new RemoteTail(source, plan, selector)),
        (tail) => tail.close
      ),
      (tail) => Stream.repeatEffectChunkOption(tail.pull)
    )
  )

const startOf = (from: TailFrom, oldest: number, newest: number): number => {
  if (from === "now") return newest + 1
  if (from === "oldest" || "time" in from) return oldest
  if ("seq" in from) return Math.max(from.seq, 1)
  return Math.max(oldest, newest + 1 - from.last)
}

const everything = (): boolean => true

/** Messages of the past that are older than asked for; later ones are new, whatever their time. */
const notBefore = (from: TailFrom, newestAtStart: number): ((message: StoredMessage) => boolean) => {
  if (typeof from !== "object" || !("time" in from)) return everything
  const nanoseconds = typeof from.time === "bigint" ? from.time : BigInt(from.time.getTime()) * 1_000_000n
  if (nanoseconds <= 0n) return everything
  const { high, low } = fromNanoseconds(nanoseconds)
  return ({ seq, timestampHigh, timestampLow }) =>
    seq > newestAtStart || timestampHigh > high || (timestampHigh === high && timestampLow >= low)
}

/** Reads what is there, keeps the last matches, then goes on behind it. */
const lastMatching = (
  source: RemoteSource,
  selector: Selector,
  range: { readonly oldest: number; readonly newest: number; readonly count: number; readonly end: number | undefined }
): Stream.Stream<TailBatch, PoolError> => {
  const past = streamOf(source, selector, {
    start: range.oldest,
    reportFirstGap: false,
    end: range.newest,
    wanted: everything
  })
  const kept = Stream.runFold(past, [] as ReadonlyArray<StoredMessage>, (messages, batch) =>
    [...messages, ...batch.messages].slice(-range.count)
  )
  const matches = Stream.filter(
    Stream.fromEffect(Effect.map(kept, (messages): TailBatch => ({ gap: undefined, messages, damage: undefined }))),
    ({ messages }) => messages.length > 0
  )
  if (range.end !== undefined) return matches
  return Stream.concat(
    matches,
    streamOf(source, selector, {
      start: range.newest + 1,
      reportFirstGap: true,
      end: undefined,
      wanted: everything
    })
  )
}
