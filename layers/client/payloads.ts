/**
 * Between the values of the client and the bytes of pools, both ways, with the failures that its callers know.
 */
import type { AppendedRange, EncodedPool, KeyedPayload, TailBatch } from "../../src/EncodedPool.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { keyedPayload, tagsWithKey } from "../../src/internal/messageKey.js"
import { gapError } from "../../src/internal/messageTail.js"
import { isPoolError } from "../../src/PoolError.js"
import { toClientError } from "./ClientError.js"
import type { Message } from "./ClientMessage.js"
import { messageOf } from "./ClientMessage.js"

export const appendedMessages = (
  { firstSeq, timestampHigh, timestampLow }: AppendedRange,
  payloads: ReadonlyArray<Uint8Array>
): Array<Message> =>
  payloads.map((payload, index) => messageOf({ seq: firstSeq + index, timestampLow, timestampHigh, payload }))

/** Throws what the batch ends with. */
export function* messagesIn(
  encoded: EncodedPool,
  { damage, gap, messages }: TailBatch,
  errorOnGap: boolean
): Generator<Message, void, undefined> {
  if (gap !== undefined && errorOnGap) throw toClientError(gapError(encoded, gap))
  for (const message of messages) yield messageOf(message)
  if (damage !== undefined) throw toClientError(damage)
}

/** The text of a `Buffer` keeps its digits. */
export const encode = (payload: unknown, tags: ReadonlyArray<string>, key: string | undefined): KeyedPayload =>
  orThrow(() => {
    const all = key === undefined ? tags : tagsWithKey(tags, key)
    const encoded = Buffer.isBuffer(payload) ? encodeText(payload.toString("utf8"), all) : encodeValue(payload, all)
    return keyedPayload(encoded, key)
  })

export const orThrow = <A>(run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (error instanceof PayloadRefused) throw toClientError(error.toPoolError())
    throw isPoolError(error) ? toClientError(error) : error
  }
}
