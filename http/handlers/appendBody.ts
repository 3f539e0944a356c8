/**
 * Bodies of appends into payloads. Numbers pass from text to bytes as they are spelled; nothing is stored of a body of which
 * any part is refused.
 */
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { encodeAlike, parseText } from "../../src/internal/lite3/encodeText.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { assertKey, tagsWithKey } from "../../src/internal/messageKey.js"
import type { DurabilityMode } from "../../src/Durability.js"
import type { KeyedPayload } from "../../src/EncodedPool.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import { FrameDecoder } from "../frames.js"
import { Refusal, usage } from "../server/wireError.js"

export interface AppendRequest {
  readonly messages: ReadonlyArray<KeyedPayload>
  readonly durability: DurabilityMode
}

const noTags: ReadonlyArray<string> = []
const exampleHint = 'Send {"data": {"text": "hello"}, "tags": ["greeting"]}; data is a JSON object.'

/** `{"data": {…}, "tags": […], "key": "…", "durability": "…"}`. Throws `Usage`. */
export const parseAppendJson = (text: string): KeyedPayload & { readonly durability: DurabilityMode } => {
  const alike = encodeDataOnly(text)
  if (alike !== undefined) return { payload: alike, durability: "fast" }
  const body = parseObject(text)
  const { key, payload } = encodeMember(body)
  const durability = durabilityOf(body["durability"])
  return key === undefined ? { payload, durability } : { payload, key, durability }
}

/** A line each: `{"data": {…}, "tags": […], "key": "…"}`; blank lines are skipped. Throws `Usage`, naming the line. */
export const parseAppendLines = (text: string): ReadonlyArray<KeyedPayload> => {
  const payloads: Array<KeyedPayload> = []
  let line = 0
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start)
    const end = newline < 0 ? text.length : newline
    const content = text.slice(start, end)
    start = end + 1
    line++
    if (content === "" || content.trim() === "") continue
    try {
      payloads.push(encodeMember(parseObject(content)))
    } catch (error) {
      throw isPoolError(error) ? atLine(error, line) : error
    }
  }
  if (payloads.length === 0) throw usage("the body holds no message", exampleHint)
  return payloads
}

const atLine = (error: PoolError, line: number): PoolError =>
  new PoolError({
    reason: error.reason,
    message: `line ${line}: ${error.message}; nothing was appended`,
    ...(error.hint === undefined ? {} : { hint: error.hint })
  })

/** One payload, proved whole. Throws `Usage` when there is none, a 400 with kind `Corrupt` when it does not decode. */
export const checkPayload = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length === 0) throw usage("lite3 payload is required", "Send the bytes that /messages/{seq}/lite3 gives.")
  try {
    validatePayload(bytes)
    return bytes
  } catch (error) {
    throw isPoolError(error) ? new Refusal(error, 400) : error
  }
}

/** Several payloads as frames, each proved whole. */
export const parseFrames = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const decoder = new FrameDecoder(bytes.length)
  let payloads: ReadonlyArray<Uint8Array>
  try {
    payloads = decoder.push(bytes).map(({ payload }) => checkPayload(payload))
  } catch (error) {
    throw isPoolError(error) && error.reason === "Io" ? usage(error.message) : error
  }
  if (decoder.isInsideFrame) throw usage("the body ends within a frame")
  if (payloads.length === 0) throw usage("the body holds no frame")
  return payloads
}

/** Absent and null mean `fast`. Throws `Usage` for words that are no promise. */
export const durabilityOf = (value: unknown): DurabilityMode => {
  if (value === undefined || value === null || value === "fast") return "fast"
  if (value === "flush") return "flush"
  throw usage(`durability ${JSON.stringify(value)} is not known`, "It is `fast` or `flush`.")
}

const dataOnly = '{"data":'

/** Most bodies have no member beside the data, and data like that of the one before: they need not become an object first. */
const encodeDataOnly = (text: string): Uint8Array | undefined =>
  text.startsWith(dataOnly) && text.endsWith("}") ? encodeAlike(text.slice(dataOnly.length, -1)) : undefined

const parseObject = (text: string): { readonly [key: string]: unknown } => {
  const value = refusing(() => parseText(text))
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage("the body must be a JSON object", exampleHint)
  }
  return value as { readonly [key: string]: unknown }
}

const encodeMember = (body: { readonly [key: string]: unknown }): KeyedPayload => {
  const { data, key } = body
  if (data === undefined) throw usage("data is missing", exampleHint)
  const tags = tagsOf(body["tags"])
  if (key === undefined || key === null) return { payload: refusing(() => encodeValue(data, tags)) }
  assertKey(key)
  return { payload: refusing(() => encodeValue(data, tagsWithKey(tags, key))), key }
}

const tagsOf = (value: unknown): ReadonlyArray<string> => {
  if (value === undefined || value === null) return noTags
  if (!Array.isArray(value) || !value.every((tag) => typeof tag === "string")) {
    throw usage("tags must be an array of strings", exampleHint)
  }
  return value
}

const refusing = <A>(body: () => A): A => {
  try {
    return body()
  } catch (error) {
    throw error instanceof PayloadRefused ? error.toPoolError() : error
  }
}
