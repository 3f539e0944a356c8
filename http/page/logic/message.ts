/**
 * A message as the page keeps it: what the list needs is taken out, the data stays the text that came over the wire,
 * so that no digit is lost and nothing is parsed before somebody looks at it.
 */
import { ExactJsonError, memberSpans, parseExact, type ExactValue } from "./exactJson.js"

export interface PageMessage {
  readonly seq: number
  /** RFC 3339 in UTC, up to nanoseconds. */
  readonly time: string
  /** Milliseconds since 1970; the finer digits are in `time`. */
  readonly timeMillis: number
  readonly tags: ReadonlyArray<string>
  /** Exactly as sent. */
  readonly dataText: string
  /** Of the data, in UTF-8. */
  readonly bytes: number
}

/** Reads one envelope. Throws `ExactJsonError` when the text is none. */
export const parseMessage = (text: string): PageMessage => {
  const fast = readUsual(text)
  return fast ?? readAny(text)
}

/** The envelope that the message came in. */
export const messageText = (message: PageMessage): string =>
  `{"seq":${message.seq},"time":"${message.time}","meta":{"tags":${JSON.stringify(message.tags)}},"data":${message.dataText}}`

const usualHead =
  /\{"seq":(\d+),"time":"([0-9TZ:.-]+)","meta":\{"tags":(\[\]|\["(?:[^"\\]|\\.)*"(?:,"(?:[^"\\]|\\.)*")*\])\},"data":/y
const noTags: ReadonlyArray<string> = []

/** The order of members that our server writes, and upstream's: one look, and the rest of the text is the data. */
const readUsual = (text: string): PageMessage | undefined => {
  usualHead.lastIndex = 0
  const match = usualHead.exec(text)
  if (match === null || text.charCodeAt(text.length - 1) !== 0x7d) return undefined
  const [head, seq, time, tags] = match as unknown as readonly [string, string, string, string]
  const dataText = text.slice(head.length, -1)
  if (objectEnd(dataText) !== dataText.length) return undefined
  return makeMessage(Number(seq), time, tags === "[]" ? noTags : (JSON.parse(tags) as Array<string>), dataText)
}

/** Where the object that begins the text ends; -1 when there is none. Strings are stepped over, the rest is not judged. */
const objectEnd = (text: string): number => {
  if (text.charCodeAt(0) !== 0x7b) return -1
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit === 0x22) {
      for (index++; index < text.length; index++) {
        const inside = text.charCodeAt(index)
        if (inside === 0x22) break
        if (inside === 0x5c) index++
      }
    } else if (unit === 0x7b) depth++
    else if (unit === 0x7d && --depth === 0) return index + 1
  }
  return -1
}

/** Any order, any spacing, members that are not known. */
const readAny = (text: string): PageMessage => {
  const members = new Map((memberSpans(text) ?? []).map((span) => [span.key, span]))
  const partOf = (key: string): ExactValue | undefined => {
    const span = members.get(key)
    return span === undefined ? undefined : parseExact(text.slice(span.start, span.end))
  }
  const seq = partOf("seq")
  const time = partOf("time")
  const data = members.get("data")
  if (seq?.kind !== "number" || time?.kind !== "string" || data === undefined) {
    throw new ExactJsonError("not a message: it needs seq, time and data", text, 0)
  }
  return makeMessage(Number(seq.text), time.value, tagsOf(partOf("meta")), text.slice(data.start, data.end))
}

const tagsOf = (meta: ExactValue | undefined): ReadonlyArray<string> => {
  if (meta?.kind !== "object") return noTags
  const tags = meta.members.find((member) => member.key === "tags")?.value
  if (tags?.kind !== "array") return noTags
  return tags.items.flatMap((item) => (item.kind === "string" ? [item.value] : []))
}

const makeMessage = (seq: number, time: string, tags: ReadonlyArray<string>, dataText: string): PageMessage => ({
  seq,
  time,
  timeMillis: Date.parse(time),
  tags,
  dataText,
  bytes: utf8Length(dataText)
})

/** Bytes of a text in UTF-8. */
export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes++
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 2
      index++
    } else bytes += 2
  }
  return bytes
}
