// What must not compile when pools are used wrongly. Never run: `npm run check` fails when a line that is marked compiles after
// all, or when one that is not marked does not.
import * as Effect from "effect/Effect"
import * as Match from "effect/Match"
import type * as Stream from "effect/Stream"
import type { Message } from "../../src/Message.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolErrorReason } from "../../src/PoolError.js"
import { hasReason, PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"

declare const pool: Pool
declare const text: string | undefined

export const rightTags = pool.append({ kind: "note" }, { tags: ["note"] as const })
// @ts-expect-error: tags are a list, not one text
export const oneTag = pool.append({ kind: "note" }, { tags: "note" })
// @ts-expect-error: tags are text
export const numberTags = pool.append({ kind: "note" }, { tags: [1] })
// @ts-expect-error: a tag that may be missing
export const missingTag = pool.append({ kind: "note" }, { tags: [text] })
// @ts-expect-error: the tags of each message of a batch, too
export const batchTags = pool.appendAll([{ data: { n: 1 }, tags: [Symbol("note")] }])
// @ts-expect-error: the tags that a tail selects by, too
export const tailTags = pool.tail({ tags: { note: true } })

export const rightPayload = pool.append({ n: 1, big: 1n, list: [true, null, { deep: "value" }] })
// @ts-expect-error: a payload is an object
export const listPayload = pool.append([1, 2, 3])
// @ts-expect-error: a payload is an object
export const textPayload = pool.append("text")
// @ts-expect-error: a payload is an object
export const nullPayload = pool.append(null)
// @ts-expect-error: JSON has no functions
export const functionPayload = pool.append({ run: () => 1 })
// @ts-expect-error: JSON has no dates; a schema says what becomes of one
export const datePayload = pool.append({ at: new Date() })
// @ts-expect-error: JSON has no undefined
export const undefinedPayload = pool.append({ maybe: undefined })
// @ts-expect-error: the messages of a batch have their payload in `data`
export const bareBatch = pool.appendAll([{ n: 1 }])
// @ts-expect-error: there are two durabilities
export const durability = pool.append({ n: 1 }, { durability: "fsync" })

export const rightTails = [pool.tail({ from: "oldest" }), pool.tail({ from: { last: 3 }, follow: false })]
// @ts-expect-error: a tail does not start anywhere
export const from = pool.tail({ from: "beginning" })
// @ts-expect-error: numbers of messages are numbers
export const fromText = pool.tail({ from: { seq: "1" } })
// @ts-expect-error: a replay ends, so it cannot follow
export const followingReplay = pool.replay({ follow: true })
// @ts-expect-error: whoever is told of a gap cannot fail
export const failingGap = pool.tail({ onGap: () => Effect.fail("gap") })

export const read: Stream.Stream<Message, PoolError> = pool.tail()
// @ts-expect-error: reading can fail
export const neverFails: Stream.Stream<Message> = pool.tail()
// @ts-expect-error: appending can fail
export const appendNeverFails: Effect.Effect<unknown> = pool.append({ n: 1 })
export const busyOrMissing: Effect.Effect<"Busy" | "NotFound" | Message, PoolError> = Effect.catchIf(
  pool.get(1),
  hasReason("Busy", "NotFound"),
  ({ reason }) => Effect.succeed(reason)
)
// @ts-expect-error: there is no such reason
export const noReason = hasReason("Missing")
export const opened = Effect.flatMap(Pools, (pools) => pools.open("events"))
// @ts-expect-error: what is open has to be closed, by a scope
export const unscoped: Effect.Effect<Pool, PoolError, Pools> = opened
// @ts-expect-error: nobody provides pools
export const unprovided: Promise<Pool> = Effect.runPromise(Effect.scoped(opened))

/** The whole list; a reason added to the package makes this, and programs like it, stop compiling. */
export const exitCode = (reason: PoolErrorReason): number => {
  switch (reason) {
    case "Usage":
      return 2
    case "NotFound":
      return 3
    case "AlreadyExists":
      return 4
    case "Busy":
      return 5
    case "Permission":
      return 6
    case "Corrupt":
      return 7
    case "Io":
      return 8
    case "RetentionGap":
      return 9
    case "Internal":
      return 1
  }
}

// @ts-expect-error: the other reasons are not handled, so there is not always an answer
export const unhandledSwitch = (reason: PoolErrorReason): number => {
  switch (reason) {
    case "Usage":
      return 2
    case "NotFound":
      return 3
  }
}

export const unhandledDefault = (reason: PoolErrorReason): number => {
  if (reason === "Usage") return 2
  // @ts-expect-error: many are left
  const nothing: never = reason
  return nothing
}

// @ts-expect-error: `RetentionGap` is missing
export const unhandledRecord: Record<PoolErrorReason, number> = {
  Internal: 1,
  Usage: 2,
  NotFound: 3,
  AlreadyExists: 4,
  Busy: 5,
  Permission: 6,
  Corrupt: 7,
  Io: 8
}

export const unhandledMatch = (error: PoolError): number =>
  Match.value(error.reason).pipe(
    Match.when("Busy", () => 5),
    // @ts-expect-error: Effect's own matching knows what is left, too
    Match.exhaustive
  )

export const matchesUnknownReason = (error: PoolError): boolean =>
  // @ts-expect-error: there is no such reason
  error.reason === "Timeout"

// @ts-expect-error: nor can one be made up
export const madeUp = new PoolError({ reason: "Timeout", message: "too late" })

export const caught: Effect.Effect<string> = pool.append({ n: 1 }).pipe(
  Effect.as("stored"),
  Effect.catchTag("PoolError", ({ reason }) => Effect.succeed(`not stored: ${reason}`))
)
// @ts-expect-error: there is no other tag to catch
export const caughtWrongly = Effect.catchTag(pool.append({ n: 1 }), "BusyError", () => Effect.void)
