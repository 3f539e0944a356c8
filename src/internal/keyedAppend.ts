/**
 * Appends messages of which some have a key: one whose key a retained message has already is not appended again. Whether
 * that is so is decided under the exclusive lock, where nobody else can append; what is to be read for it is read before, so
 * that under the lock only the last few messages are left.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Barrier } from "../Durability.js"
import type { AppendedMessage, AppendedMessages, KeyedPayload, StoredMessage } from "../EncodedPool.js"
import type { PoolError } from "../PoolError.js"
import { decodeTags } from "./lite3/decodeTags.js"
import { keysOf } from "./lite3/keyTags.js"
import type { LocalHandle } from "./localHandle.js"
import { readOnlyError } from "./localHandle.js"
import { unsafeNow } from "./wallClock.js"
import { askNow, attempt, contended } from "./withLock.js"

/** One look at the pool copies at most so much, then gives others a turn. */
const messagesPerLook = 1024
const bytesPerLook = 256 * 1024

/** More was appended between the last look and the lock than is to be read under it. */
const behind: unique symbol = Symbol("behind")

/** Where the appended message, or the first one with its key, is. */
type Place = { readonly earlier: StoredMessage } | { readonly appended: number; readonly repeats: boolean }

export const appendKeyed = (
  handle: LocalHandle,
  messages: ReadonlyArray<KeyedPayload>,
  barrier: Barrier | undefined
): Effect.Effect<AppendedMessages, PoolError> => {
  /** Each time that reading was outrun, more of it may be done under the lock: in the end all. */
  const appendFrom = (looksUnderLock: number): Effect.Effect<AppendedMessages, PoolError> =>
    Effect.flatMap(
      Effect.zipRight(readAll(handle), appendRead(handle, messages, barrier, looksUnderLock)),
      (appended) => (appended === behind ? appendFrom(looksUnderLock * 2) : Effect.succeed(appended))
    )
  return appendFrom(1)
}

/** Without the lock. What cannot be proved whole without it is left for later. */
const readAll = (handle: LocalHandle): Effect.Effect<void, PoolError> =>
  Effect.flatMap(
    attempt(() => handle.retainedKeys.readOn(messagesPerLook, bytesPerLook), handle),
    (progress) => (progress === "more" ? Effect.zipRight(Effect.yieldNow(), readAll(handle)) : Effect.void)
  )

const appendRead = (
  handle: LocalHandle,
  messages: ReadonlyArray<KeyedPayload>,
  barrier: Barrier | undefined,
  looksUnderLock: number
): Effect.Effect<AppendedMessages | typeof behind, PoolError> =>
  Effect.flatMap(Effect.clock, (clock) =>
    askNow(handle, () => appendLocked(handle, messages, barrier, looksUnderLock, clock))
  )

const appendLocked = (
  handle: LocalHandle,
  messages: ReadonlyArray<KeyedPayload>,
  barrier: Barrier | undefined,
  looksUnderLock: number,
  clock: Clock.Clock
): AppendedMessages | typeof behind | typeof contended => {
  const { high, low } = unsafeNow(clock)
  if (!handle.lock.tryAcquire("exclusive")) return contended
  let fresh: ReadonlyArray<Uint8Array>
  let places: ReadonlyArray<Place>
  let firstSeq = 0
  let repaired: string | undefined
  try {
    if (!handle.file.writable) throw readOnlyError(handle.path)
    handle.assertFlushed()
    handle.assertCurrent(clock.unsafeCurrentTimeMillis())
    const guarded = barrier && handle.guarded(barrier)
    // What a dead writer left says nothing reliable of who is there; afterwards the ring does.
    repaired = handle.writer.settle(guarded)?.message
    const decided = handle.retainedKeys.whileLocked(() => decide(handle, messages, looksUnderLock))
    if (decided === behind || decided === contended) return decided
    ;({ fresh, places } = decided)
    // The first message may be one that waits for no disk, and so may those that lead to it.
    if (places.some(isEarlier)) guarded?.(handle.file, 0, handle.file.byteLength)
    if (fresh.length > 0) firstSeq = handle.writer.appendAll(fresh, low, high, guarded).firstSeq
  } finally {
    handle.lock.release()
  }
  if (fresh.length > 0) handle.notify.announce()
  const appended = places.map((place): AppendedMessage => {
    if (isEarlier(place)) {
      const { payload, seq, timestampHigh, timestampLow } = place.earlier
      return { seq, timestampLow, timestampHigh, tags: decodeTags(payload), payload, repeated: true }
    }
    const payload = fresh[place.appended]!
    const seq = firstSeq + place.appended
    const tags = decodeTags(payload)
    return { seq, timestampLow: low, timestampHigh: high, tags, payload, repeated: place.repeats }
  })
  return repaired === undefined ? { messages: appended } : { messages: appended, repaired }
}

const isEarlier = (place: Place): place is { readonly earlier: StoredMessage } => "earlier" in place

interface Decided {
  readonly fresh: ReadonlyArray<Uint8Array>
  readonly places: ReadonlyArray<Place>
}

/** Under the lock. `contended` stands for what cannot be told now, and might be later. */
const decide = (
  { retainedKeys }: LocalHandle,
  messages: ReadonlyArray<KeyedPayload>,
  looks: number
): Decided | typeof behind | typeof contended => {
  for (let look = 1; ; look++) {
    const progress = retainedKeys.readOn(messagesPerLook, bytesPerLook)
    if (progress === "all") break
    if (progress === "contended") return contended
    if (look === looks) return behind
  }
  const fresh: Array<Uint8Array> = []
  const places: Array<Place> = []
  /** The keys that this append brings, and which of its messages did first. */
  const brought = new Map<string, number>()
  for (const { key, payload } of messages) {
    if (key !== undefined) {
      const earlier = retainedKeys.read(key)
      if (earlier === "contended") return contended
      const before = brought.get(key)
      if (earlier !== undefined || before !== undefined) {
        places.push(earlier === undefined ? { appended: before!, repeats: true } : { earlier })
        continue
      }
    }
    places.push({ appended: fresh.length, repeats: false })
    for (const own of keysOf(payload)) if (!brought.has(own)) brought.set(own, fresh.length)
    fresh.push(payload)
  }
  return { fresh, places }
}
