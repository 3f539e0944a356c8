/**
 * The encoded pool over a local file: each operation is synchronous ring code, wrapped in Effect once.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Barrier, DurabilityMode } from "../Durability.js"
import type { AppendedRange, EncodedPool, PayloadMemory, StoredMessage, TailSelection } from "../EncodedPool.js"
import type { CompiledFilter } from "../MessageFilter.js"
import type { PoolCursors } from "../PoolCursors.js"
import { PoolError } from "../PoolError.js"
import * as Clock from "effect/Clock"
import type * as Scope from "effect/Scope"
import { withAppendNow } from "./appendNow.js"
import { appendKeyed } from "./keyedAppend.js"
import { type LocalHandle, readOnlyError } from "./localHandle.js"
import { poolFill, poolInfo, withCursors } from "./poolInfo.js"
import type { CopyBuffer } from "./ring/copyBuffer.js"
import { readFrame } from "./ring/readFrame.js"
import type { Appended } from "./ring/RingWriter.js"
import { visitHeaders } from "./ring/visitHeaders.js"
import { tailStream } from "./tailStream.js"
import { type Timestamp, unsafeNow } from "./wallClock.js"
import { askNow, contended, untilFree } from "./withLock.js"

export interface LocalPoolServices {
  readonly barrier: (mode: DurabilityMode) => Effect.Effect<Barrier | undefined, PoolError>
  readonly compile: (expressions: ReadonlyArray<string>) => Effect.Effect<CompiledFilter, PoolError, Scope.Scope>
}

export const makeLocalPool = (
  handle: LocalHandle,
  services: LocalPoolServices,
  fastBarrier: Barrier | undefined,
  cursors: PoolCursors
): EncodedPool => ({
  name: handle.name,
  path: handle.path,
  isCurrent: () => handle.file.isCurrent(),
  headers: {
    fill: () => poolFill(handle.ring),
    visit: (from, most, visit) => visitHeaders(handle.ring, from, most, visit)
  },
  append: withAppendNow(
    (payloads, durability) =>
      durability === "fast"
        ? append(handle, payloads, fastBarrier)
        : Effect.flatMap(services.barrier(durability), (barrier) => append(handle, payloads, barrier)),
    (payloads, clock) => appendOnce(handle, payloads, fastBarrier, clock, unsafeNow(clock))
  ),
  appendKeyed: (messages, durability) =>
    Effect.flatMap(durability === "fast" ? Effect.succeed(fastBarrier) : services.barrier(durability), (barrier) =>
      appendKeyed(handle, messages, barrier)
    ),
  get: (seq) => getMessage(handle, seq, handle.ring.copies, (message) => message),
  getWith: (seq, use) => getMessage(handle, seq, handle.lentCopies, use),
  tail: (selection, payloads) => tail(handle, services, selection, payloads),
  info: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.zipWith(poolInfo(handle, now), cursors.list, withCursors)
  ),
  cursors
})

const append = (
  handle: LocalHandle,
  payloads: ReadonlyArray<Uint8Array>,
  barrier: Barrier | undefined
): Effect.Effect<AppendedRange, PoolError> =>
  // One step of the fiber, and few closures: what Effect costs here is a part of every append that can be felt.
  Effect.withFiberRuntime((fiber) => {
    const clock = Context.unsafeGet(fiber.currentDefaultServices, Clock.Clock)
    const now = unsafeNow(clock)
    return askNow(handle, () => appendOnce(handle, payloads, barrier, clock, now))
  })

const appendOnce = (
  handle: LocalHandle,
  payloads: ReadonlyArray<Uint8Array>,
  barrier: Barrier | undefined,
  clock: Clock.Clock,
  { high, low }: Timestamp
): AppendedRange | typeof contended => {
  if (!handle.lock.tryAcquire("exclusive")) return contended
  let appended: Appended
  try {
    if (!handle.file.writable) throw readOnlyError(handle.path)
    handle.assertFlushed()
    appended = handle.writer.appendAll(payloads, low, high, barrier && handle.guarded(barrier))
  } finally {
    handle.lock.release()
  }
  handle.notify.announce()
  // Last, for it takes longer than the append. A message in a file that is no longer the pool's has no reader.
  handle.assertCurrent(clock.unsafeCurrentTimeMillis())
  const { firstSeq, repaired } = appended
  const range = { firstSeq, count: payloads.length, timestampLow: low, timestampHigh: high }
  return repaired === undefined ? range : { ...range, repaired: repaired.message }
}

const getMessage = <A>(
  handle: LocalHandle,
  seq: number,
  copies: CopyBuffer,
  use: (message: StoredMessage) => A
): Effect.Effect<A, PoolError> =>
  untilFree(handle, () => {
    const found = readFrame(handle.ring, handle.lock, seq, copies)
    if (found === "missing") throw missingMessage(handle, seq)
    return found === "contended" ? contended : use(found)
  })

const missingMessage = (handle: LocalHandle, seq: number): PoolError =>
  new PoolError({
    reason: "NotFound",
    message: `message ${seq} is not in pool ${handle.name}`,
    hint: `It was overwritten or never written. See what is retained with \`pls pool info ${handle.name}\`.`,
    seq,
    path: handle.path
  })

/** Filters compile before anything else happens; the position is fixed right after. */
const tail = (
  handle: LocalHandle,
  services: LocalPoolServices,
  selection: TailSelection,
  payloads: PayloadMemory = "kept"
) => {
  const tags = selection.tags ?? []
  const where = selection.where ?? []
  return where.length === 0
    ? tailStream(handle, selection, { tags, filter: undefined }, payloads)
    : Stream.unwrapScoped(
        Effect.map(services.compile(where), (filter) => tailStream(handle, selection, { tags, filter }, payloads))
      )
}
