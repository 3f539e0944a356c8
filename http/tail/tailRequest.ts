/**
 * What a client asks of a tail, read from the query: each parameter once and strictly, unknown ones not at all. The order
 * of the checks is part of the protocol.
 */
import type { TailFrom, TailSelection } from "../../src/EncodedPool.js"
import { parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { refuse, usage } from "../server/wireError.js"

export interface TailRequest {
  readonly selection: TailSelection
  /** The number given as `since_seq`, for the check that frames need. */
  readonly sinceSeq: number | undefined
  readonly failOnGap: boolean
  readonly max: number
  readonly timeoutMillis: number
  /** 0: never. */
  readonly heartbeatMillis: number
}

export interface TailRules {
  readonly maxTimeoutMillis: number
  readonly heartbeatMillis: number
  readonly serverWhere: boolean
  /** The representation has no way to say that messages were lost. */
  readonly cannotTellGap: boolean
  readonly nowMillis: number
}

const maxTags = 64
const maxFilters = 16
const maxFilterCharacters = 4096
const shortestHeartbeatMillis = 50

/** Throws a `PoolError` or a `Refusal`. */
export const parseTailRequest = (query: string, lastEventId: string | undefined, rules: TailRules): TailRequest => {
  const parameters = new URLSearchParams(query)
  const policy = parameters.get("gap_policy") ?? "continue"
  if (policy !== "continue" && policy !== "error") {
    throw usage("invalid tail gap policy", "gap_policy is `continue` or `error`.")
  }
  if (policy === "error" && rules.cannotTellGap) {
    throw usage(
      "encoded tails do not support gap_policy=error, because the stream has no error frame",
      "Use /tail, or compare the numbers of the frames."
    )
  }
  const timeoutMillis = wholeNumber(parameters, "timeout_ms") ?? rules.maxTimeoutMillis
  if (timeoutMillis > rules.maxTimeoutMillis) {
    throw usage(
      "tail timeout exceeds server limit",
      `Ask for ${rules.maxTimeoutMillis} ms or less, or for none, and come back when the stream ends.`
    )
  }
  const tags = parameters
    .getAll("tag")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "")
  if (tags.length > maxTags) throw usage(`more than ${maxTags} tags`, "A message must carry every tag given.")
  const where = parameters.getAll("where")
  checkFilters(where, rules)
  const resumed = lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) + 1 : undefined
  const sinceSeq = resumed ?? wholeNumber(parameters, "since_seq")
  const heartbeat = wholeNumber(parameters, "heartbeat_ms") ?? rules.heartbeatMillis
  const follow = parameters.get("follow") !== "false"
  return {
    selection: { from: startOf(parameters, sinceSeq, rules.nowMillis), follow, tags, where },
    sinceSeq: sinceSeq === undefined ? undefined : Math.max(1, sinceSeq),
    failOnGap: policy === "error",
    max: wholeNumber(parameters, "max") ?? Number.POSITIVE_INFINITY,
    timeoutMillis,
    heartbeatMillis: heartbeat === 0 ? 0 : Math.max(heartbeat, shortestHeartbeatMillis)
  }
}

/** Numbering starts at 1, so 0 asks for all of it, not for a message that never was. */
const startOf = (parameters: URLSearchParams, sinceSeq: number | undefined, nowMillis: number): TailFrom => {
  const last = wholeNumber(parameters, "last")
  const since = parameters.get("since")
  if ([sinceSeq, last, since ?? undefined].filter((start) => start !== undefined).length > 1) {
    throw usage("a tail has one start", "Give one of since_seq, last and since.")
  }
  if (sinceSeq !== undefined) return { seq: Math.max(1, sinceSeq) }
  if (last !== undefined) return last === 0 ? "now" : { last }
  return since === null ? "oldest" : { time: parseSince(since, nowMillis) }
}

const unitMillis: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const parseSince = (text: string, nowMillis: number): bigint => {
  const ago = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  if (ago !== null) return BigInt(nowMillis - Number(ago[1]) * unitMillis[ago[2]!]!) * 1_000_000n
  const time = parseRfc3339Nanoseconds(text)
  if (time === undefined) throw usage(`${JSON.stringify(text)} is no time`, "Write 5m, 2h or 2026-03-01T09:15:00Z.")
  return time
}

const checkFilters = (where: ReadonlyArray<string>, { serverWhere }: TailRules): void => {
  if (where.length === 0) return
  if (!serverWhere) throw usage("this server runs no filters", "Filter on your side, for example with `jq`.")
  if (where.length > maxFilters || where.some((filter) => filter.length > maxFilterCharacters)) {
    throw refuse(400, `more than ${maxFilters} filters, or one longer than ${maxFilterCharacters} characters`)
  }
}

/** A number of up to 64 bits; what lies beyond 2^53 is as good as 2^53. */
const wholeNumber = (parameters: URLSearchParams, name: string): number | undefined => {
  const text = parameters.get(name)
  if (text === null) return undefined
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
    throw usage(`${name} is not a whole number: ${JSON.stringify(text)}`, `Give ${name} as digits.`)
  }
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}
