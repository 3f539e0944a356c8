/**
 * Filters that run where the pool is, so that what nobody wants does not travel. The stream is then one of lines, with
 * `gap_policy=error`: where the server leaves messages out, only it can tell what was lost from what was not wanted. What it
 * sends is judged again on this side.
 */
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { parseText } from "../../src/internal/lite3/encodeText.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"
import type { StoredMessage, TailSelection } from "../../src/EncodedPool.js"
import { isPoolError, type PoolError } from "../../src/PoolError.js"
import { envelopeError, member, unexpectedAnswer } from "./peerError.js"

const mostTags = 64
const mostFilters = 16
const longestFilter = 4096

/** What of a selection this server can judge, as parameters of its tails; `undefined` when that is nothing. */
export const serverFilter = (
  { tags = [], where = [] }: Pick<TailSelection, "tags" | "where">,
  features: ReadonlySet<string> | undefined
): { readonly query: string; readonly isWhole: boolean } | undefined => {
  // Servers trim tags and pass over empty ones; such a tag would be another one there.
  const sentTags = tags.filter((tag) => tag !== "" && tag === tag.trim()).slice(0, mostTags)
  const canWhere =
    features?.has("where") === true &&
    where.length <= mostFilters &&
    where.every((expression) => expression.length <= longestFilter)
  const sentWhere = canWhere ? where : []
  if (sentTags.length + sentWhere.length === 0) return undefined
  const parameters = [
    ...sentTags.map((tag) => `tag=${encodeURIComponent(tag)}`),
    ...sentWhere.map((expression) => `where=${encodeURIComponent(expression)}`)
  ]
  return {
    query: parameters.join("&"),
    isWhole: sentTags.length === tags.length && sentWhere.length === where.length
  }
}

/** Messages that have arrived, and the failure behind them with which the server ended the stream. */
export interface Received {
  readonly messages: ReadonlyArray<StoredMessage>
  readonly failure: PoolError | undefined
}

/** JSON Lines into messages as they are stored. Blank lines are signs of life. */
export class LineDecoder {
  private pending: Array<Uint8Array> = []

  constructor(private readonly about: string) {}

  push(piece: Uint8Array): Received {
    const last = piece.lastIndexOf(0x0a)
    if (last < 0) {
      this.pending.push(piece)
      return { messages: [], failure: undefined }
    }
    const text = Buffer.concat([...this.pending, piece.subarray(0, last)]).toString("utf8")
    this.pending = last + 1 < piece.length ? [piece.subarray(last + 1)] : []
    const messages: Array<StoredMessage> = []
    for (const line of text.split("\n")) {
      if (line.trim() === "") continue
      try {
        messages.push(readLine(line))
      } catch (error) {
        const failure = envelopeError(line, this.about) ?? (isPoolError(error) ? error : undefined)
        if (failure === undefined) throw error
        return { messages, failure }
      }
    }
    return { messages, failure: undefined }
  }

  /** Whether the stream ended within a message. */
  get isInside(): boolean {
    return this.pending.length > 0
  }
}

/** Throws `Internal` for what is no message. */
const readLine = (line: string): StoredMessage => {
  const unexpected = (): PoolError => unexpectedAnswer(`the line ${line.slice(0, 100)}`)
  try {
    const message = parseText(line)
    const seq = Number(member(message, "seq"))
    const time = member(message, "time")
    const nanoseconds = typeof time === "string" ? parseRfc3339Nanoseconds(time) : undefined
    const tags = member(member(message, "meta"), "tags")
    if (!Number.isSafeInteger(seq) || nanoseconds === undefined || !isTexts(tags)) throw unexpected()
    const { high, low } = fromNanoseconds(nanoseconds)
    return { seq, timestampHigh: high, timestampLow: low, payload: encodeValue(member(message, "data"), tags) }
  } catch (error) {
    throw error instanceof PayloadRefused ? unexpected() : error
  }
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((item) => typeof item === "string")
