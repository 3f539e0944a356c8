/**
 * Where a remote tail starts and ends, told in numbers: all that a server must know is one number, so upstream's will do.
 * Filters run on the server where it has them, and once more on this side.
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
import { member } from "./peerError.js"
import { LineDecoder, serverFilter } from "./serverFilter.js"

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
        return lastMatching(source, selection, selector, { oldest, newest, count: from.last, end })
      }
      return streamOf(source, selector, {
        start: startOf(from, oldest, newest),
        reportFirstGap: from === "now" || (typeof from === "object" && "seq" in from && from.seq > 0),
        end,
        wanted: notBefore(from, newest),
        serverFilter: end === undefined ? serverFilter(selection, source.wire.features)?.query : undefined
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

interface LastRange {
  readonly oldest: number
  readonly newest: number
  readonly count: number
  readonly end: number | undefined
}

/** The last matches, then what follows them. */
const lastMatching = (
  source: RemoteSource,
  selection: TailSelection,
  selector: Selector,
  range: LastRange
): Stream.Stream<TailBatch, PoolError> =>
  Stream.unwrap(
    Effect.map(
      Effect.flatMap(askForLast(source, selection, range), (asked) =>
        asked === undefined ? readLast(source, selector, range) : Effect.succeed(asked)
      ),
      (messages) => {
        const matches =
          messages.length === 0 ? Stream.empty : Stream.make({ gap: undefined, messages, damage: undefined })
        if (range.end !== undefined) return matches
        // The server may have looked later than the bounds were taken, and then its last match is later, too.
        const last = messages.at(-1)?.seq ?? 0
        return Stream.concat(
          matches,
          streamOf(source, selector, {
            start: Math.max(range.newest, last) + 1,
            reportFirstGap: true,
            end: undefined,
            wanted: everything,
            serverFilter: serverFilter(selection, source.wire.features)?.query
          })
        )
      }
    )
  )

/** Reads what is there, and keeps the last matches. */
const readLast = (
  source: RemoteSource,
  selector: Selector,
  { count, newest, oldest }: LastRange
): Effect.Effect<ReadonlyArray<StoredMessage>, PoolError> => {
  const past = streamOf(source, selector, {
    start: oldest,
    reportFirstGap: false,
    end: newest,
    wanted: everything,
    serverFilter: undefined
  })
  return Stream.runFold(past, [] as ReadonlyArray<StoredMessage>, (messages, batch) =>
    [...messages, ...batch.messages].slice(-count)
  )
}

/**
 * Has the server look for the last matches. `undefined` when it cannot, or did not surely come to an end: a tail that its
 * server's time limit ended ends like any other.
 */
const askForLast = (
  source: RemoteSource,
  selection: TailSelection,
  range: LastRange
): Effect.Effect<ReadonlyArray<StoredMessage> | undefined> => {
  const { about, base, wire } = source
  const filter = serverFilter(selection, wire.features)
  const canLast = wire.features?.has("last") === true && wire.features.has("server-info")
  // With an end, what came after it must not push out what came before.
  if (!canLast || filter?.isWhole !== true || range.end !== undefined) return Effect.succeed(undefined)
  const asked = Effect.gen(function* () {
    const server = member(yield* wire.json({ method: "GET", target: "/v0/server", about }), "server")
    const limitMillis = member(member(server, "limits"), "max_tail_timeout_ms")
    if (typeof limitMillis !== "number") return undefined
    const startMillis = performance.now()
    const incoming = yield* wire.stream(`${base}/tail?last=${range.count}&follow=false&${filter.query}`, about)
    const decoder = new LineDecoder(about)
    const messages: Array<StoredMessage> = []
    const pieces = Stream.fromAsyncIterable(incoming as AsyncIterable<Buffer>, () => undefined)
    const isWhole = yield* Stream.runFoldWhile(
      pieces,
      true,
      (whole) => whole,
      (_, piece) => {
        const received = decoder.push(piece)
        messages.push(...received.messages)
        return received.failure === undefined
      }
    )
    const tookMillis = performance.now() - startMillis
    return isWhole && !decoder.isInside && tookMillis < limitMillis ? messages.slice(-range.count) : undefined
  })
  // Whatever went wrong, reading it all will tell.
  return Effect.orElseSucceed(Effect.scoped(asked), () => undefined)
}
