/**
 * Which of the messages just read are wanted. Tags are looked up in the bytes first; what is left is for the filter. A
 * message in which they come upon damage is reported, not dropped in silence.
 */
import * as Effect from "effect/Effect"
import type { StoredMessage } from "../EncodedPool.js"
import type { CompiledFilter } from "../MessageFilter.js"
import { isPoolError, PoolError } from "../PoolError.js"
import { decodeTags } from "./lite3/decodeTags.js"
import { hasEveryTag, soughtText, unclear } from "./lite3/lookPayload.js"

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

/** Without a filter, which may run in a worker, nobody is waited for. */
export const isDecidedAtOnce = (selector: Selector): boolean => selector.filter === undefined

/** Those that carry the tags. */
export const selectTagged = (selector: Selector, messages: ReadonlyArray<StoredMessage>): Selected => {
  const { damage, rest, tagged } = withTags(selector, messages)
  return damage === undefined ? { messages: tagged, rest } : { messages: tagged, rest, damage }
}

export const selectMessages = (
  selector: Selector,
  messages: ReadonlyArray<StoredMessage>
): Effect.Effect<Selected, PoolError> => {
  if (selectsAll(selector)) return Effect.succeed({ messages, rest: none })
  return Effect.suspend(() => {
    const { damage, rest, tagged } = withTags(selector, messages)
    const outcome = damage === undefined ? { rest } : { rest, damage }
    if (selector.filter === undefined || tagged.length === 0) return Effect.succeed({ ...outcome, messages: tagged })
    return Effect.map(selector.filter.matches(tagged), (answer): Selected => {
      const wanted = tagged.filter((_, index) => answer.passed[index] === true)
      if (answer.error !== undefined) return { messages: wanted, filterError: answer.error, rest: none }
      if (answer.damage === undefined) return { ...outcome, messages: wanted }
      const damaged = tagged[answer.passed.length]!
      return {
        messages: wanted,
        damage: damagedPayload(answer.damage, damaged.seq),
        rest: messages.slice(messages.indexOf(damaged) + 1)
      }
    })
  })
}

interface Tagged {
  readonly tagged: ReadonlyArray<StoredMessage>
  readonly rest: ReadonlyArray<StoredMessage>
  readonly damage?: PoolError
}

/** Those that carry the tags, up to the first message whose tags cannot be read. */
const withTags = (selector: Selector, messages: ReadonlyArray<StoredMessage>): Tagged => {
  if (selector.tags.length === 0) return { tagged: messages, rest: none }
  const tagBytes = selector.tags.map(soughtText)
  const tagged: Array<StoredMessage> = []
  for (const [index, message] of messages.entries()) {
    try {
      if (hasTags(message, selector.tags, tagBytes)) tagged.push(message)
    } catch (error) {
      if (!isPoolError(error)) throw error
      return { tagged, damage: damagedPayload(error, message.seq), rest: messages.slice(index + 1) }
    }
  }
  return { tagged, rest: none }
}

const hasTags = (
  { payload }: StoredMessage,
  tags: ReadonlyArray<string>,
  tagBytes: ReadonlyArray<Uint8Array | undefined>
): boolean => {
  const answer = hasEveryTag(payload, tagBytes)
  if (answer !== unclear) return answer
  const present = decodeTags(payload)
  return tags.every((tag) => present.includes(tag))
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
