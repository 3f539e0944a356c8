/**
 * The key that makes an append idempotent, and the tag that keeps it: in the file, so that it outlives every process, and
 * as a tag, so that every program of the format shows it and can filter by it.
 */
import type { KeyedPayload } from "../EncodedPool.js"
import { PoolError } from "../PoolError.js"
import { keyPrefix } from "./lite3/keyTags.js"

export const tagOfKey = (key: string): string => `${keyPrefix}${key}`

/** The tags of a message with this key. Throws `Usage` for what is no key. */
export const tagsWithKey = (tags: ReadonlyArray<string>, key: string): ReadonlyArray<string> => {
  assertKey(key)
  const tag = tagOfKey(key)
  return tags.includes(tag) ? tags : [...tags, tag]
}

export const keyedPayload = (payload: Uint8Array, key: string | undefined): KeyedPayload =>
  key === undefined ? { payload } : { payload, key }

/** Whatever else a tag cannot hold, its encoder refuses. */
export const assertKey: (key: unknown) => asserts key is string = (key) => {
  if (typeof key !== "string") throw noKey("the key of a message must be a string")
  if (key === "") throw noKey("the key of a message is empty")
}

const noKey = (message: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message,
    hint: "Give what names this one message, such as the number of an order, or leave the key out."
  })
