/**
 * The encoded pool of another machine. Payloads travel as they are stored, so no digit is lost on the way.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Context from "effect/Context"
import type { DurabilityMode } from "../../src/Durability.js"
import type { AppendedRange, EncodedPool, StoredMessage, TailBatch, TailSelection } from "../../src/EncodedPool.js"
import { parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import { attempt } from "../../src/internal/withLock.js"
import type { MessageFilter } from "../../src/MessageFilter.js"
import { PoolError } from "../../src/PoolError.js"
import type { PoolInfo } from "../../src/PoolInfo.js"
import * as MediaTypes from "../api/mediaTypes.js"
import * as Models from "../api/models.js"
import { encodeFrame } from "../frames.js"
import { decodeAnswer } from "./decodeAnswer.js"
import { appendKeyed } from "./keyedAppend.js"
import { member, parse, perhapsTls, unexpectedAnswer } from "./peerError.js"
import { remoteCursors } from "./remoteCursors.js"
import { selectionProblem } from "../../src/internal/selectionProblem.js"
import { remoteTail } from "./remoteSelection.js"
import type { Wire, WireRequest } from "./Wire.js"

export interface RemoteServices {
  readonly wire: Wire
  readonly filters: Context.Tag.Service<MessageFilter>
  readonly reconnect: boolean
}

export const makeRemotePool = (services: RemoteServices, name: string): EncodedPool => {
  const { filters, reconnect, wire } = services
  const base = poolRoute(name)
  const about = poolUrl(wire, name)
  const info = remoteInfo(wire, name)
  const source = { wire, name, about, base, info, reconnect }
  return {
    name,
    path: about,
    info,
    cursors: remoteCursors(source, info),
    append: (payloads, durability) => append(wire, base, about, payloads, durability),
    appendKeyed: (messages, durability) => appendKeyed({ wire, base, about, repeats: reconnect }, messages, durability),
    get: (seq) => getMessage(wire, base, about, seq),
    getWith: (seq, use) => Effect.flatMap(getMessage(wire, base, about, seq), (message) => attempt(() => use(message))),
    tail: (selection) => tail(source, filters, selection)
  }
}

export const poolRoute = (name: string): string => `/v0/pools/${encodeURIComponent(name)}`

export const poolUrl = (wire: Wire, name: string): string => `${wire.url.origin}/${encodeURIComponent(name)}`

export const remoteInfo = (wire: Wire, name: string): Effect.Effect<PoolInfo, PoolError> =>
  Effect.flatMap(
    wire.json({ method: "GET", target: `${poolRoute(name)}/info`, about: poolUrl(wire, name) }),
    (answer) => Effect.map(decodeAnswer(Models.PoolAnswer, answer), ({ pool }) => toPoolInfo(wire, name, pool))
  )

/** A server that tells no metrics knows them; we then say what an empty pool would say. */
export const toPoolInfo = (wire: Wire, name: string, pool: typeof Models.PoolInfo.Type): PoolInfo => {
  const { bounds, metrics } = pool
  return {
    name,
    path: poolUrl(wire, name),
    fileSize: pool.file_size,
    indexOffset: pool.index_offset,
    indexCapacity: pool.index_capacity,
    ringOffset: pool.ring_offset,
    ringSize: pool.ring_size,
    bounds: {
      ...(bounds.oldest === undefined ? {} : { oldest: bounds.oldest }),
      ...(bounds.newest === undefined ? {} : { newest: bounds.newest })
    },
    metrics: {
      messageCount: metrics?.message_count ?? 0,
      usedBytes: metrics?.utilization.used_bytes ?? 0,
      freeBytes: metrics?.utilization.free_bytes ?? pool.ring_size,
      usedPercent: metrics?.utilization.used_percent ?? 0,
      oldestTime: metrics?.age.oldest_time ?? null,
      newestTime: metrics?.age.newest_time ?? null,
      oldestAgeMillis: metrics?.age.oldest_age_ms ?? null,
      newestAgeMillis: metrics?.age.newest_age_ms ?? null
    },
    ...(pool.cursors === undefined
      ? {}
      : {
          cursors: pool.cursors.map(({ committed_at: committedAt, lag, name: cursor, seq }) => ({
            name: cursor,
            seq,
            lag,
            committedAt
          }))
        })
  }
}

const append = (
  wire: Wire,
  base: string,
  about: string,
  payloads: ReadonlyArray<Uint8Array>,
  durability: DurabilityMode
): Effect.Effect<AppendedRange, PoolError> =>
  Effect.suspend(() => {
    const target = `${base}/append_lite3${durability === "fast" ? "" : `?durability=${durability}`}`
    const unanswered = (why: string): PoolError => unknownOutcome(wire, about, payloads.length, why)
    if (payloads.length === 1) {
      const request = {
        method: "POST",
        target,
        about,
        body: payloads[0]!,
        mediaType: MediaTypes.payload,
        unanswered
      } as const
      return Effect.flatMap(sendFitting(wire, request), (answer) => {
        const message = member(answer, "message")
        return rangeOf(member(message, "seq"), member(message, "time"), 1)
      })
    }
    if (wire.features?.has("batch") !== true) return Effect.fail(oneAtATime(wire, about))
    const frames = payloads.map((payload) => encodeFrame({ seq: 0, timestampLow: 0, timestampHigh: 0, payload }))
    const request = {
      method: "POST",
      target,
      about,
      body: Buffer.concat(frames),
      mediaType: MediaTypes.frames,
      unanswered
    } as const
    return Effect.flatMap(sendFitting(wire, request), (answer) => {
      const appended = member(answer, "appended")
      return rangeOf(member(appended, "first_seq"), member(appended, "time"), payloads.length)
    })
  })

/** What servers take unless they are told otherwise. */
const usualLimitBytes = 1024 * 1024

/**
 * The answer as JSON. A body beyond the usual limit is sent only when the server does not say that it would refuse it: one that
 * refuses may cut the connection while it is being sent to, and then its reason is lost.
 */
const sendFitting = (
  wire: Wire,
  request: WireRequest & { readonly body: Uint8Array }
): Effect.Effect<unknown, PoolError> => {
  const { about, body } = request
  if (body.length <= usualLimitBytes) return wire.json(request)
  const told = Effect.map(wire.json({ method: "GET", target: "/v0/server", about }), (answer) =>
    member(member(member(answer, "server"), "limits"), "max_body_bytes")
  )
  // A server that does not tell, or not us, will say itself what it thinks of the body.
  return Effect.flatMap(
    Effect.orElseSucceed(told, () => undefined),
    (limit) =>
      typeof limit === "number" && body.length > limit
        ? Effect.fail(tooLarge(wire, about, body.length, limit))
        : wire.json(request)
  )
}

const tooLarge = (wire: Wire, about: string, length: number, limit: number): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the body has ${length} bytes, and the server at ${wire.url.origin} takes at most ${limit}; nothing was sent`,
    hint: "Split it, or raise the server's --max-body-bytes.",
    path: about
  })

/** Nobody repeats this: what is there already would be there twice. */
const unknownOutcome = (wire: Wire, about: string, count: number, why: string): PoolError =>
  new PoolError({
    reason: "Io",
    message:
      `lost the connection to ${wire.url.origin} before it answered (${why}): ` +
      (count === 1 ? "the message may be stored, or not" : `all ${count} messages may be stored, or none`),
    hint: `See what is there with \`plasmite peek POOL --tail N\` before you send it again.${perhapsTls(wire.url)}`,
    path: about
  })

const oneAtATime = (wire: Wire, about: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the server at ${wire.url.origin} takes one message at a time`,
    hint: "Append them one by one; others may then come between them.",
    path: about
  })

const rangeOf = (seq: unknown, time: unknown, count: number): Effect.Effect<AppendedRange, PoolError> => {
  const nanoseconds = typeof time === "string" ? parseRfc3339Nanoseconds(time) : undefined
  if (typeof seq !== "number" || nanoseconds === undefined) {
    return Effect.fail(unexpectedAnswer("an append without number or time"))
  }
  const { high, low } = fromNanoseconds(nanoseconds)
  return Effect.succeed({ firstSeq: seq, count, timestampLow: low, timestampHigh: high })
}

/** The bytes do not say when; our server says so beside them, upstream's has to be asked for the message as JSON. */
const getMessage = (wire: Wire, base: string, about: string, seq: number): Effect.Effect<StoredMessage, PoolError> =>
  Effect.flatMap(
    wire.exchange({ method: "GET", target: `${base}/messages/${seq}/lite3`, about }),
    ({ body, headers }) => {
      const told = headers["plasmite-time"]
      const time =
        typeof told === "string"
          ? Effect.succeed(told as unknown)
          : Effect.map(wire.exchange({ method: "GET", target: `${base}/messages/${seq}`, about }), (answer) =>
              member(member(parse(answer.body.toString("utf8")), "message"), "time")
            )
      return Effect.flatMap(time, (text) =>
        Effect.map(rangeOf(seq, text, 1), ({ timestampHigh, timestampLow }) => ({
          seq,
          timestampLow,
          timestampHigh,
          payload: new Uint8Array(body)
        }))
      )
    }
  )

/** Filters compile before anything is asked. */
const tail = (
  source: Parameters<typeof remoteTail>[0],
  filters: Context.Tag.Service<MessageFilter>,
  selection: TailSelection
): Stream.Stream<TailBatch, PoolError> => {
  const problem = selectionProblem(selection)
  if (problem !== undefined) return Stream.fail(problem)
  const tags = selection.tags ?? []
  const where = selection.where ?? []
  return where.length === 0
    ? remoteTail(source, selection, { tags, filter: undefined })
    : Stream.unwrapScoped(
        Effect.map(filters.compile(where), (filter) => remoteTail(source, selection, { tags, filter }))
      )
}
