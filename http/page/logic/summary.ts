/**
 * A message in one line: the fields that usually say most come first, the rest in their own order. Only the first part
 * of a large message is looked at, so a row costs the same whatever it stands for.
 */
import { ExactJsonError, memberSpans, valueAt, type ExactPath, type ExactValue } from "./exactJson.js"
import type { PageMessage } from "./message.js"

export type Severity = "failure" | "warning" | "success"

export interface SummaryField {
  readonly key: string
  readonly text: string
  readonly kind: ExactValue["kind"]
}

export interface Summary {
  readonly fields: ReadonlyArray<SummaryField>
  /** There are more members than shown. */
  readonly isCut: boolean
}

const informative = [
  "service",
  "app",
  "component",
  "host",
  "level",
  "severity",
  "status",
  "event",
  "kind",
  "type",
  "name",
  "message",
  "msg",
  "error",
  "title",
  "id"
]
const rank: ReadonlyMap<string, number> = new Map(informative.map((key, index) => [key, index]))

const mostFields = 24
const mostTextUnits = 200
const mostScannedUnits = 16_384

/** The members of `data` in the order of their worth, each value as short text. */
export const summarise = (dataText: string): Summary => {
  const text = dataText.length > mostScannedUnits ? dataText.slice(0, mostScannedUnits) : dataText
  const fields: Array<SummaryField> = []
  const { isCut, members } = scanMembers(text)
  for (const [key, valueText] of members) fields.push({ key, ...shortValue(valueText) })
  if (members.length === 0 && text !== "{}") fields.push(...unfinishedMember(text))
  const order = fields.map((field, index) => [rank.get(field.key.toLowerCase()) ?? 1_000 + index, field] as const)
  order.sort(([left], [right]) => left - right)
  return { fields: order.map(([, field]) => field), isCut: isCut || text.length < dataText.length }
}

/** As many whole members as there are in a text that may be cut off. */
const scanMembers = (text: string): { members: Array<readonly [string, string]>; isCut: boolean } => {
  let wanted = mostFields + 1
  for (;;) {
    try {
      const spans = memberSpans(text, 0, wanted) ?? []
      const members = spans.slice(0, mostFields).map(({ end, key, start }) => [key, text.slice(start, end)] as const)
      return { members, isCut: spans.length > mostFields }
    } catch (error) {
      if (!(error instanceof ExactJsonError)) throw error
      if (wanted === 1) return { members: [], isCut: true }
      wanted--
    }
  }
}

/** A first member that is larger than what is looked at. */
const unfinishedMember = (text: string): ReadonlyArray<SummaryField> => {
  const match = /^\s*\{\s*("(?:[^"\\]|\\.)*")\s*:\s*(["[{])([^]*)/.exec(text)
  if (match === null) return []
  const [, key, opening, rest] = match as unknown as readonly [string, string, string, string]
  const kind = opening === '"' ? "string" : opening === "[" ? "array" : "object"
  return [{ key: JSON.parse(key) as string, kind, text: cut(oneLine(kind === "string" ? rest : opening + rest)) }]
}

const shortValue = (text: string): Pick<SummaryField, "text" | "kind"> => {
  const first = text.charCodeAt(0)
  if (first === 0x7b) return { kind: "object", text: cut(text) }
  if (first === 0x5b) return { kind: "array", text: cut(text) }
  if (first === 0x22) return { kind: "string", text: cut(oneLine(JSON.parse(text) as string)) }
  return { kind: text === "null" ? "null" : text === "true" || text === "false" ? "boolean" : "number", text }
}

/** Line breaks and other controls as one blank each: a row is one line. */
const oneLine = (text: string): string => text.slice(0, mostTextUnits + 1).replace(/[\s\p{Cc}]+/gu, " ")

const cut = (text: string): string => {
  if (text.length <= mostTextUnits) return text
  const end = text.charCodeAt(mostTextUnits - 1)
  // Not between the halves of a surrogate pair.
  return `${text.slice(0, end >= 0xd800 && end < 0xdc00 ? mostTextUnits - 1 : mostTextUnits)}…`
}

/** The text of a pinned column: a string as it is, anything else as JSON, nothing when it is not there. */
export const columnText = (data: ExactValue, path: ExactPath, print: (value: ExactValue) => string): string => {
  const value = valueAt(data, path)
  return value === undefined ? "" : value.kind === "string" ? value.value : print(value)
}

/** `.data.a.b` or `a.b` as a path within `data`; undefined when it is none. */
export const columnPath = (text: string): ExactPath | undefined => {
  let rest = text.trim()
  if (rest !== "" && !/^[.[]/.test(rest)) rest = `.${rest}`
  const path: Array<string | number> = []
  while (rest !== "") {
    const match = /^(?:\.([A-Za-z_$][\w$-]*)|\.?\[(\d+)\]|\.?\[("(?:[^"\\]|\\.)*")\])/.exec(rest)
    if (match === null) return undefined
    try {
      path.push(match[1] ?? (match[2] === undefined ? (JSON.parse(match[3]!) as string) : Number(match[2])))
    } catch {
      return undefined
    }
    rest = rest.slice(match[0].length)
  }
  if (path[0] === "data") path.shift()
  return path.length === 0 ? undefined : path
}

const severityWords: ReadonlyArray<readonly [Severity, RegExp]> = [
  [
    "failure",
    /^(?:fatal|panic|crit(?:ical)?|err(?:or|ors)?|fail(?:ed|ure|s)?|emerg(?:ency)?|alert|exception|denied|down)$/i
  ],
  ["warning", /^(?:warn(?:ing|ings)?|retry(?:ing)?|timeout|degraded|slow|deprecated|stale|throttled)$/i],
  ["success", /^(?:ok|success(?:ful)?|succeeded|done|passed|healthy|ready|completed?|recovered|up)$/i]
]

/** What a word says about how things went, if it says anything. */
export const severityOf = (text: string): Severity | undefined => {
  for (const word of text.slice(0, 100).split(/[^A-Za-z]+/)) {
    const found = severityWords.find(([, pattern]) => pattern.test(word))
    if (found !== undefined) return found[0]
  }
  return undefined
}

const severityKeys: ReadonlySet<string> = new Set(["level", "severity", "status", "outcome", "result"])

/** The gravest that tags or the usual fields say. */
export const messageSeverity = ({ tags }: Pick<PageMessage, "tags">, { fields }: Summary): Severity | undefined => {
  const said = new Set([
    ...tags.map(severityOf),
    ...fields.flatMap(({ key, kind, text }) =>
      kind === "string" && severityKeys.has(key.toLowerCase()) ? [severityOf(text)] : []
    )
  ])
  return severityWords.find(([severity]) => said.has(severity))?.[0]
}

/** A hue from 0 to 359 that belongs to this text for good: the same tag has the same colour everywhere. */
export const tagHue = (tag: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < tag.length; index++) hash = Math.imul(hash ^ tag.charCodeAt(index), 0x01000193)
  // The golden angle keeps tags apart that differ little.
  return Math.floor(((hash >>> 0) * 137.508) % 360)
}
