/**
 * The encoded pool over a local file: each operation is synchronous ring code, wrapped in Effect once.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Barrier, DurabilityMode } from "../Durability.js"
import type { AppendedRange, EncodedPool, StoredMessage, TailSelection } from "../EncodedPool.js"
import type { CompiledFilter } from "../MessageFilter.js"
import type { PoolCursors } from "../PoolCursors.js"
import { PoolError } from "../PoolError.js"
import * as Clock from "effect/Clock"
import type * as Scope from "effect/Scope"
import { declareImmediate } from "./immediate.js"
import { appendKeyed } from "./keyedAppend.js"
import { type LocalHandle, readOnlyError } from "./localHandle.js"
import { poolFill, poolInfo, withCursors } from "./poolInfo.js"
import type { CopyBuffer } from "./ring/copyBuffer.js"
import { readFrame } from "./ring/readFrame.js"
import type { Appended } from "./ring/RingWriter.js"
import { selectionProblem } from "./selectionProblem.js"
import { visitHeaders } from "./ring/visitHeaders.js"
import type { Selector } from "./selectMessages.js"
import { tailStream, takeBatches } from "./tailStream.js"
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
): EncodedPool => {
  const pool: EncodedPool = {
    name: handle.name,
    path: handle.path,
    isCurrent: () => handle.file.isCurrent(),
    headers: {
      fill: () => poolFill(handle.ring),
      visit: (from, most, visit) => visitHeaders(handle.ring, from, most, visit)
    },
    append: (payloads, durability) =>
      durability === "fast"
        ? append(handle, payloads, fastBarrier)
        : Effect.flatMap(services.barrier(durability), (barrier) => append(handle, payloads, barrier)),
    appendKeyed: (messages, durability) =>
      Effect.flatMap(durability === "fast" ? Effect.succeed(fastBarrier) : services.barrier(durability), (barrier) =>
        appendKeyed(handle, messages, barrier)
      ),
    get: (seq) => untilFree(handle, () => getMessage(handle, seq, handle.ring.copies)),
    getWith: (seq, use) =>
      untilFree(handle, () => {
        const found = getMessage(handle, seq, handle.lentCopies)
        return found === contended ? contended : use(found)
      }),
    tail: (selection, payloads = "kept") => {
      const start = (selector: Selector) => tailStream(handle, selection, selector, payloads)
      return (selection.where ?? []).length === 0 && selectionProblem(selection) === undefined
        ? start(selectorOf(selection, undefined))
        : Stream.unwrapScoped(Effect.map(compiledSelector(services, selection), start))
    },
    forEachBatch: (selection, take) =>
      Effect.scoped(
        Effect.flatMap(compiledSelector(services, selection), (selector) =>
          takeBatches(handle, selection, selector, take)
        )
      ),
    info: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.zipWith(poolInfo(handle, now), cursors.list, withCursors)
    ),
    cursors
  }
  return declareImmediate(pool, {
    append: (payloads, clock) => appendMessages(handle, payloads, fastBarrier, clock, unsafeNow(clock)),
    get: (seq) => getMessage(handle, seq, handle.ring.copies),
    explain: handle.explain
  })
}

const append = (
  handle: LocalHandle,
  payloads: ReadonlyArray<Uint8Array>,
  barrier: Barrier | undefined
): Effect.Effect<AppendedRange, PoolError> =>
  // One step of the fiber, and few closures: what Effect costs here is a part of every append that can be felt.
  Effect.withFiberRuntime((fiber) => {
    const clock = Context.unsafeGet(fiber.currentDefaultServices, Clock.Clock)
    const time = unsafeNow(clock)
    return askNow(handle, () => appendMessages(handle, payloads, barrier, clock, time))
  })

const appendMessages = (
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

const getMessage = (handle: LocalHandle, seq: number, copies: CopyBuffer): StoredMessage | typeof contended => {
  const found = readFrame(handle.ring, handle.lock, seq, copies)
  if (found === "missing") throw missingMessage(handle, seq)
  return found === "contended" ? contended : found
}

const missingMessage = (handle: LocalHandle, seq: number): PoolError =>
  new PoolError({
    reason: "NotFound",
    message: `message ${seq} is not in pool ${handle.name}`,
    hint: `It was overwritten or never written. See what is retained with \`pls pool info ${handle.name}\`.`,
    seq,
    path: handle.path
  })

const selectorOf = ({ tags = [] }: TailSelection, filter: Selector["filter"]): Selector => ({ tags, filter })

/** Filters compile before anything else happens; the position is fixed right after. */
const compiledSelector = (
  services: LocalPoolServices,
  selection: TailSelection
): Effect.Effect<Selector, PoolError, Scope.Scope> => {
  const problem = selectionProblem(selection)
  if (problem !== undefined) return Effect.fail(problem)
  const { where = [] } = selection
  return where.length === 0
    ? Effect.succeed(selectorOf(selection, undefined))
    : Effect.map(services.compile(where), (filter) => selectorOf(selection, filter))
}
