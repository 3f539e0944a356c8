/**
 * Which of the messages just read are wanted. Tags are looked up in the bytes first; only what is left becomes
 * text for the filter. A message whose payload is damaged is reported, not dropped in silence.
 */
import * as Effect from "effect/Effect"
import type { StoredMessage } from "../EncodedPool.js"
import type { CompiledFilter } from "../MessageFilter.js"
import { isPoolError, PoolError } from "../PoolError.js"
import { envelopeText } from "./envelope.js"
import { decodeTags } from "./lite3/decodeTags.js"

export interface Selector {
  readonly tags: ReadonlyArray<string>
  readonly filter: CompiledFilter | undefined
}

/**
 * The wanted ones among the first messages. `rest` is set when the judgement stopped early: the damage or filter error,
 * and the messages behind it, which are not judged yet.
 */
export interface Selected {
  readonly messages: ReadonlyArray<StoredMessage>
  readonly damage?: PoolError
  readonly filterError?: PoolError
  readonly rest: ReadonlyArray<StoredMessage>
}

const none: ReadonlyArray<StoredMessage> = []

export const selectsAll = (selector: Selector): boolean => selector.tags.length === 0 && selector.filter === undefined

export const selectMessages = (
  selector: Selector,
  messages: ReadonlyArray<StoredMessage>
): Effect.Effect<Selected, PoolError> => {
  if (selectsAll(selector)) return Effect.succeed({ messages, rest: none })
  return Effect.suspend(() => {
    const candidates: Array<StoredMessage> = []
    const texts: Array<string> = []
    let damage: PoolError | undefined
    let judged = 0
    for (; judged < messages.length && damage === undefined; judged++) {
      const message = messages[judged]!
      try {
        if (selector.tags.length > 0 && !hasTags(message, selector.tags)) continue
        if (selector.filter !== undefined) texts.push(envelopeText(message))
        candidates.push(message)
      } catch (error) {
        if (!isPoolError(error)) throw error
        damage = damagedPayload(error, message.seq)
      }
    }
    const rest = judged < messages.length ? messages.slice(judged) : none
    const outcome = damage === undefined ? { rest } : { rest, damage }
    if (selector.filter === undefined || candidates.length === 0) {
      return Effect.succeed({ ...outcome, messages: candidates })
    }
    return Effect.map(selector.filter.matches(texts), ({ error, passed }): Selected => {
      const wanted = candidates.filter((_, index) => passed[index] === true)
      return error === undefined
        ? { ...outcome, messages: wanted }
        : { messages: wanted, filterError: error, rest: none }
    })
  })
}

const hasTags = (message: StoredMessage, wanted: ReadonlyArray<string>): boolean => {
  const present = decodeTags(message.payload)
  return wanted.every((tag) => present.includes(tag))
}

/** The codec knows what is wrong with the bytes, not whose they are. */
export const damagedPayload = (error: PoolError, seq: number, path?: string): PoolError =>
  new PoolError({
    reason: error.reason,
    message: `message ${seq} is damaged: ${error.message}`,
    hint: error.hint ?? "The other messages of the pool are not affected. `pls doctor` shows the extent of the damage.",
    seq,
    ...(path === undefined ? {} : { path })
  })
