/**
 * A stored message as the input of a filter: `{seq, time, meta: {tags}, data}`, of which nothing is read before a
 * filter asks for it. Paths go down the bytes of the payload; comparisons with plain literals never leave them.
 */
import type { StoredMessage } from "../../EncodedPool.js"
import { ValueType } from "../lite3/layout.js"
import {
  absent,
  entryCount,
  findData,
  findElement,
  findMember,
  findTags,
  soughtKey,
  soughtText,
  unclear,
  type SoughtKey
} from "../lite3/lookPayload.js"
import { formatTimestamp } from "../timestamp.js"
import { compareAt, type PlainLiteral } from "./compareAt.js"
import { orderTest, type Access } from "./compile.js"
import { readValue } from "./readValue.js"
import type { ComparisonOperator, Step } from "./syntax.js"
import type { Work } from "./work.js"
import { failed, rankOf, unsure, type Outcome, type Value } from "./value.js"

type FromMessage = (message: StoredMessage) => Outcome

/** In place of an offset: jq cannot take this step. */
const mismatched = -3

type BytesStep =
  { readonly key: SoughtKey; readonly index?: undefined } | { readonly key?: undefined; readonly index: number }

/** Undefined when the steps go another way than into `data`, or a key is one of the few that are sought otherwise. */
const dataSteps = (steps: ReadonlyArray<Step>): ReadonlyArray<BytesStep> | undefined => {
  if (steps[0]?.key !== "data") return undefined
  const sought: Array<BytesStep> = []
  for (const { index, isOptional, key } of steps.slice(1)) {
    if (isOptional) return undefined
    if (key === undefined) {
      sought.push({ index })
      continue
    }
    const bytesKey = soughtKey(key)
    if (bytesKey === undefined) return undefined
    sought.push({ key: bytesKey })
  }
  return sought
}

/** The payload asked about last, since a filter of several conditions asks for the same `data` each time. */
let lastBytes: Uint8Array | undefined
let lastData = unclear

/** Where the value begins, or why there is none. */
const locate = (bytes: Uint8Array, steps: ReadonlyArray<BytesStep>): number => {
  if (bytes !== lastBytes) {
    lastData = findData(bytes)
    lastBytes = bytes
  }
  let offset = lastData
  for (let place = 0; place < steps.length && offset >= 0; place++) {
    const { index, key } = steps[place]!
    const type = bytes[offset]
    // Of `null`, every further step is `null`.
    if (type === ValueType.Null) return absent
    if (key !== undefined) offset = type === ValueType.Object ? findMember(bytes, offset, key) : mismatched
    else offset = type === ValueType.Array ? elementAt(bytes, offset, index) : mismatched
  }
  return offset
}

const elementAt = (bytes: Uint8Array, node: number, index: number): number => {
  if (index >= 0) return findElement(bytes, node, index)
  const count = entryCount(bytes, node)
  return count === unclear ? unclear : count + index < 0 ? absent : findElement(bytes, node, count + index)
}

const comparison = (
  steps: ReadonlyArray<Step>,
  operator: ComparisonOperator,
  literal: Value
): FromMessage | undefined => {
  if (typeof literal === "object" && literal !== null) return undefined
  const inData = dataSteps(steps)
  const text = typeof literal === "string" ? soughtText(literal) : undefined
  if (inData === undefined || (typeof literal === "string" && text === undefined)) return undefined
  const plain: PlainLiteral = { rank: rankOf(literal), number: typeof literal === "number" ? literal : 0, text }
  const test = orderTest(operator)
  return ({ payload }) => {
    const offset = locate(payload, inData)
    if (offset === mismatched) return failed
    if (offset === unclear) return unsure
    const order = compareAt(payload, offset, plain)
    return order === undefined ? unsure : test(order)
  }
}

const timeOf = ({ timestampHigh, timestampLow }: StoredMessage): string => formatTimestamp(timestampLow, timestampHigh)

/** What is read is paid for out of `work`. */
export const messageAccess = (work: Work): Access<StoredMessage> => {
  const readAt = (bytes: Uint8Array, offset: number): Outcome => {
    if (offset >= 0) return readValue(bytes, offset, work)
    return offset === absent ? null : offset === mismatched ? failed : unsure
  }

  const tagsOf: FromMessage = ({ payload }) => readAt(payload, findTags(payload))

  const metaOf: FromMessage = (message) => {
    const tags = tagsOf(message)
    return tags === failed || tags === unsure ? tags : new Map([["tags", tags]])
  }

  const dataOf: FromMessage = ({ payload }) => readAt(payload, findData(payload))

  const whole: FromMessage = (message) => {
    const meta = metaOf(message)
    if (meta === failed || meta === unsure) return meta
    const data = dataOf(message)
    if (data === failed || data === unsure) return data
    return new Map<string, Value>([
      ["seq", message.seq],
      ["time", timeOf(message)],
      ["meta", meta],
      ["data", data]
    ])
  }

  const fields = new Map<string, FromMessage>([
    ["seq", ({ seq }) => seq],
    ["time", timeOf],
    ["meta", metaOf]
  ])

  /** Into `data` as far as it goes; of the rest of the envelope, what makes up most filters. */
  const path = (steps: ReadonlyArray<Step>): FromMessage | undefined => {
    const inData = dataSteps(steps)
    if (inData !== undefined) return ({ payload }) => readAt(payload, locate(payload, inData))
    const [name, second] = steps
    if (name?.key === undefined || name.key === "data" || steps.some(({ isOptional }) => isOptional)) return undefined
    if (steps.length === 1) return fields.get(name.key) ?? (() => null)
    return name.key === "meta" && steps.length === 2 && second?.key === "tags" ? tagsOf : undefined
  }

  return { whole, path, comparison }
}
