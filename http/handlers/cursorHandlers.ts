/**
 * The endpoints of cursors. A commit takes the cursor for a moment, as a consumer of this machine takes it for long, and
 * moves it only from where its client believes it to be.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { isHolder, neverCommitted } from "../../src/internal/cursorFile.js"
import { positionAt } from "../../src/internal/consumer.js"
import { lagOf } from "../../src/internal/lag.js"
import { formatTimestamp, parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import type { Pool } from "../../src/Pool.js"
import type { CursorPosition, CursorState, ListedCursor } from "../../src/PoolCursors.js"
import { PoolError } from "../../src/PoolError.js"
import type { PoolBounds } from "../../src/PoolInfo.js"
import * as Models from "../api/models.js"
import type { Exchange } from "../server/Exchange.js"
import { cursorName } from "../server/poolName.js"
import type { ServerState } from "../server/ServerState.js"
import { Refusal, usage } from "../server/wireError.js"
import type { Handler } from "./Handler.js"
import { attempt, poolFileOf } from "./Handler.js"
import { readJson } from "./jsonBody.js"

/** Whoever may commit can make new ones; so many of them, and not more. */
const mostCursors = 1000

type Request = typeof Models.CommitCursor.Type
type Answer = typeof Models.CursorAnswer | typeof Models.CursorsAnswer

const answer = (exchange: Exchange, body: Answer["Encoded"]): void => exchange.json(200, JSON.stringify(body))

const nameOf = (parameters: ReadonlyArray<string>): string => cursorName(parameters[1])

export const list =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    Effect.gen(function* () {
      const file = yield* attempt(() => poolFileOf(parameters))
      const cursors = yield* state.withPool(file, (pool) =>
        Effect.flatMap(boundsOf(pool), (bounds) =>
          Effect.map(pool.encoded.cursors.list, (found) => found.map((cursor) => described(cursor, bounds)))
        )
      )
      answer(exchange, { cursors })
    })

export const get =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    Effect.gen(function* () {
      const file = yield* attempt(() => poolFileOf(parameters))
      const name = yield* attempt(() => nameOf(parameters))
      const cursor = yield* state.withPool(file, (pool) =>
        Effect.flatMap(boundsOf(pool), (bounds) =>
          Effect.map(pool.encoded.cursors.get(name), (found) => described({ name, ...found }, bounds))
        )
      )
      answer(exchange, { cursor })
    })

export const commit =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    Effect.gen(function* () {
      const file = yield* attempt(() => poolFileOf(parameters))
      const name = yield* attempt(() => nameOf(parameters))
      const request = yield* readJson(exchange, Models.CommitCursor)
      if (typeof request.holder === "string" && !isHolder(request.holder)) {
        return yield* usage("holder is not 32 hexadecimal digits", "Choose them at random, once for each consumer.")
      }
      const cursor = yield* state.withPool(file, (pool) => Effect.scoped(move(pool, name, request)))
      answer(exchange, { cursor })
    })

export const remove =
  (state: ServerState): Handler =>
  (exchange, parameters) =>
    Effect.gen(function* () {
      const file = yield* attempt(() => poolFileOf(parameters))
      const name = yield* attempt(() => nameOf(parameters))
      yield* state.withPool(file, (pool) => pool.encoded.cursors.remove(name))
      exchange.json(200, '{"ok":true}')
    })

/** Nothing is made before everything is known to be right; then the cursor is taken, and looked at again. */
const move = (
  pool: Pool,
  name: string,
  request: Request
): Effect.Effect<WireCursor, PoolError | Refusal, Scope.Scope> =>
  Effect.gen(function* () {
    const bounds = yield* boundsOf(pool)
    const seen = yield* stateOf(pool, name)
    if (judge(seen, request) === "moved") return yield* moved(pool, name)
    if (seen.generation === 0) yield* assertRoom(pool)
    if (request.seq > (bounds.newest ?? 0)) {
      return yield* usage(
        `cursor ${name} cannot be moved to ${request.seq}: pool ${pool.name} has no such message yet`,
        "Commit messages that were read."
      )
    }
    const position = yield* positionOf(pool, request)
    const cursor = yield* pool.encoded.cursors.open(name)
    const verdict = judge(cursor.state(), request)
    if (verdict === "moved") return yield* moved(pool, name)
    if (verdict === "move") yield* cursor.commit(position, request.durability ?? "fast", request.holder ?? "")
    return described({ name, ...cursor.state() }, bounds)
  })

/**
 * What becomes of a commit. One that is a generation late may be its holder's own: the answer to the one before was lost,
 * and this is the repeat, or goes further; an older one that was long on its way changes nothing.
 */
export const judge = (
  { generation, holder, seq }: CursorState,
  request: Pick<Request, "generation" | "holder" | "seq">
): "move" | "stay" | "moved" => {
  if (generation === request.generation) return "move"
  const isOwn = generation === request.generation + 1 && holder !== "" && holder === request.holder
  if (!isOwn) return "moved"
  return request.seq > seq ? "move" : "stay"
}

const moved = (pool: Pool, name: string): Effect.Effect<never, Refusal> => {
  const error = new PoolError({
    reason: "Busy",
    message: `cursor ${name} of pool ${pool.name} was moved or removed by another`,
    hint: "One consumer of a name runs at a time: end the other one, or choose another name."
  })
  return Effect.fail(new Refusal(error, 409))
}

const stateOf = (pool: Pool, name: string): Effect.Effect<CursorState, PoolError> =>
  Effect.catchIf(
    pool.encoded.cursors.get(name),
    (error) => error.reason === "NotFound",
    () => Effect.succeed(neverCommitted)
  )

const assertRoom = (pool: Pool): Effect.Effect<void, PoolError> =>
  Effect.flatMap(pool.encoded.cursors.list, ({ length }) =>
    length < mostCursors
      ? Effect.void
      : usage(
          `pool ${pool.name} has ${length} cursors, as many as the server allows`,
          "Forget those that nobody uses, with `pls pool forget`."
        )
  )

/** Given no time, the message itself is asked for it. */
const positionOf = (pool: Pool, { seq, time }: Request): Effect.Effect<CursorPosition, PoolError> => {
  if (time === undefined || time === null) return positionAt(pool.encoded, seq)
  const nanoseconds = parseRfc3339Nanoseconds(time)
  if (nanoseconds === undefined || nanoseconds < 0n) {
    return usage(`time ${JSON.stringify(time)} is not a time`, "Give the `time` of the message as it was read.")
  }
  const { high, low } = fromNanoseconds(nanoseconds)
  return Effect.succeed({ seq, timestampLow: low, timestampHigh: high })
}

const boundsOf = ({ encoded }: Pool): Effect.Effect<PoolBounds, PoolError | Refusal> => {
  const { headers } = encoded
  return headers === undefined ? Effect.map(encoded.info, ({ bounds }) => bounds) : attempt(() => headers.fill().bounds)
}

type WireCursor = (typeof Models.Cursor)["Encoded"]

const described = (cursor: ListedCursor, bounds: PoolBounds): WireCursor => {
  const { committedMillis, generation, name, problem, seq, timestampHigh, timestampLow } = cursor
  const lag = lagOf(seq, bounds)
  if (problem !== undefined) return { name, seq: null, time: null, generation, committed_at: null, lag, problem }
  const isTimed = timestampLow !== 0 || timestampHigh !== 0
  return {
    name,
    seq,
    time: isTimed ? formatTimestamp(timestampLow, timestampHigh) : null,
    generation,
    committed_at: new Date(committedMillis).toISOString(),
    lag
  }
}
