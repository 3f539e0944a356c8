/**
 * What a client asks of a tail, read from the query: each parameter once and strictly, unknown ones not at all. The order
 * of the checks is part of the protocol.
 */
import type { TailFrom, TailSelection } from "../../src/EncodedPool.js"
import { usage } from "../server/wireError.js"
import { filtersOf, tagsOf, timeOf, wholeNumber } from "./queryParameters.js"

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
  const tags = tagsOf(parameters)
  const where = filtersOf(parameters, rules.serverWhere)
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
  return since === null ? "oldest" : { time: timeOf(since, nowMillis) }
}
