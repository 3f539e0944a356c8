/**
 * Cursors kept by a server. Nobody holds one over a connection: a commit names the generation that it follows, and comes through
 * only if the cursor is still there. It names this consumer too, so that a commit whose answer was lost can be sent again
 * without being taken for another's.
 */
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import type { DurabilityMode } from "../../src/Durability.js"
import { neverCommitted } from "../../src/internal/cursorFile.js"
import { formatTimestamp, parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import type {
  CommitLag,
  CursorPosition,
  CursorState,
  ListedCursor,
  OpenCursor,
  PoolCursors
} from "../../src/PoolCursors.js"
import { PoolError } from "../../src/PoolError.js"
import * as Models from "../api/models.js"
import { decodeAnswer } from "./decodeAnswer.js"
import { isPassing, Pauses } from "./passing.js"
import { conflict, member } from "./peerError.js"
import type { RemoteSource } from "./RemoteTail.js"

/** A commit is a request: one for each message would take longer than most messages do. */
const lag: CommitLag = { messages: 100, millis: 1000 }

/** Somebody on the server's machine has the cursor, or all hands are full; asked for about 15 s. */
const busyAttempts = 7

export const remoteCursors = (source: Omit<RemoteSource, "info">, assertPool: Effect.Effect<unknown, PoolError>) => {
  const { about, base, reconnect, wire } = source
  const routeOf = (name: string): string => `${base}/cursors/${encodeURIComponent(name)}`
  const isKept = (): boolean => wire.features?.has("cursors") === true

  /** A server that knows nothing of cursors has no such path. */
  const kept = <A>(effect: Effect.Effect<A, PoolError>): Effect.Effect<A, PoolError> =>
    Effect.mapError(effect, (error) =>
      error.reason === "NotFound" && !isKept() ? keepsNone(wire.url.origin, about) : error
    )

  const get = (name: string): Effect.Effect<CursorState, PoolError> =>
    kept(
      Effect.flatMap(wire.json({ method: "GET", target: routeOf(name), about }), (answer) =>
        Effect.map(decodeAnswer(Models.CursorAnswer, answer), ({ cursor }) => stateOf(cursor))
      )
    )

  const send = (body: string, name: string): Effect.Effect<CursorState, PoolError> => {
    const once = Effect.flatMap(wire.json({ method: "PUT", target: routeOf(name), about, body }), (answer) =>
      Effect.map(decodeAnswer(Models.CursorAnswer, answer), ({ cursor }) => stateOf(cursor))
    )
    if (!reconnect) return once
    return Effect.suspend(() => {
      const pauses = new Pauses()
      let refusals = 0
      const again: Effect.Effect<CursorState, PoolError> = Effect.catchAll(once, (error) => {
        const isWorthIt =
          isPassing(error) && !isConflict(error) && (error.reason !== "Busy" || ++refusals < busyAttempts)
        return isWorthIt ? Effect.zipRight(pauses.next, again) : Effect.fail(error)
      })
      return again
    })
  }

  const open = (name: string): Effect.Effect<OpenCursor, PoolError> =>
    Effect.gen(function* () {
      let state = yield* Effect.catchIf(
        get(name),
        (error) => error.reason === "NotFound",
        () => Effect.as(assertPool, neverCommitted)
      )
      if (wire.features?.has("server-info") === true) yield* assertWritable(source, name)
      const holder = randomBytes(16).toString("hex")
      return {
        name,
        lag,
        state: () => state,
        commit: (position, durability) =>
          Effect.suspend(() =>
            Effect.map(send(bodyOf(state, position, durability, holder), name), (moved) => {
              state = moved
            })
          )
      }
    })

  const list: PoolCursors["list"] = Effect.catchIf(
    Effect.flatMap(wire.json({ method: "GET", target: `${base}/cursors`, about }), (answer) =>
      Effect.map(decodeAnswer(Models.CursorsAnswer, answer), ({ cursors }) => cursors.map(listedOf))
    ),
    (error) => error.reason === "NotFound" && !isKept(),
    () => Effect.as(assertPool, [])
  )

  const remove = (name: string): Effect.Effect<void, PoolError> =>
    kept(Effect.asVoid(wire.json({ method: "DELETE", target: routeOf(name), about })))

  return { open, get, list, remove } satisfies PoolCursors
}

const bodyOf = (
  { generation }: CursorState,
  { seq, timestampHigh, timestampLow }: CursorPosition,
  durability: DurabilityMode,
  holder: string
): string => {
  const isTimed = timestampLow !== 0 || timestampHigh !== 0
  const request: (typeof Models.CommitCursor)["Encoded"] = {
    generation,
    seq,
    ...(isTimed ? { time: formatTimestamp(timestampLow, timestampHigh) } : {}),
    holder,
    ...(durability === "fast" ? {} : { durability })
  }
  return JSON.stringify(request)
}

type WireCursor = typeof Models.Cursor.Type

const stateOf = ({ committed_at: committedAt, generation, seq, time }: WireCursor): CursorState => {
  const nanoseconds = time === null ? undefined : parseRfc3339Nanoseconds(time)
  const { high, low } = fromNanoseconds(nanoseconds ?? 0n)
  return {
    generation,
    // Whose it is, a server does not tell.
    holder: "",
    seq: seq ?? 0,
    timestampLow: low,
    timestampHigh: high,
    committedMillis: committedAt === null ? 0 : Date.parse(committedAt)
  }
}

const listedOf = (cursor: WireCursor): ListedCursor => ({
  name: cursor.name,
  ...stateOf(cursor),
  ...(cursor.problem === undefined ? {} : { problem: cursor.problem })
})

const isConflict = ({ causes = [] }: PoolError): boolean => causes.includes(conflict)

/** Better known before anything is handled than after. */
const assertWritable = (
  { about, wire }: Pick<RemoteSource, "about" | "wire">,
  name: string
): Effect.Effect<void, PoolError> =>
  Effect.flatMap(wire.json({ method: "GET", target: "/v0/server", about }), (answer) =>
    member(member(answer, "server"), "access") === "read-only"
      ? Effect.fail(
          new PoolError({
            reason: "Permission",
            message: `forbidden: the server at ${wire.url.origin} does not allow writes: cursor ${name} cannot be moved`,
            hint: "It was started with --access read-only. Keep the number of the last message, and tail from { seq }.",
            path: about
          })
        )
      : Effect.void
  )

const keepsNone = (origin: string, about: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the server at ${origin} keeps no cursors`,
    hint: "Run the consumer on the machine of the pool, or keep the number of the last message and tail from { seq }.",
    path: about
  })
