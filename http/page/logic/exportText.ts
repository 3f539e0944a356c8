/**
 * Messages as text to be saved or copied. JSON Lines are what `pls peek --jsonl` prints for the same messages, byte for
 * byte.
 */
import { parseExact, printExact, type ExactPath } from "./exactJson.js"
import { messageText, type PageMessage } from "./message.js"
import { columnText } from "./summary.js"

/** A line for each message, each with its line break. */
export const exportJsonLines = (messages: Iterable<PageMessage>): string => {
  let text = ""
  for (const message of messages) text += `${messageText(message)}\n`
  return text
}

/** The same for messages of several pools: each begins with the name of its pool. */
export const exportGroupLines = (messages: Iterable<readonly [pool: string, message: PageMessage]>): string => {
  let text = ""
  for (const [pool, message] of messages) text += `{"pool":${JSON.stringify(pool)},${messageText(message).slice(1)}\n`
  return text
}

/** One array, a message a line. */
export const exportJson = (messages: Iterable<PageMessage>): string => {
  const texts = Array.from(messages, messageText)
  return texts.length === 0 ? "[]\n" : `[\n${texts.map((text) => `  ${text}`).join(",\n")}\n]\n`
}

export interface CsvColumn {
  readonly name: string
  /** Within the data. */
  readonly path: ExactPath
}

/** Number, time, tags and the given columns, by RFC 4180. */
export const exportCsv = (messages: Iterable<PageMessage>, columns: ReadonlyArray<CsvColumn>): string => {
  const lines = [["seq", "time", "tags", ...columns.map(({ name }) => name)].map(csvField).join(",")]
  for (const message of messages) {
    const data = parseExact(message.dataText)
    const cells = columns.map(({ path }) => columnText(data, path, printExact))
    lines.push([String(message.seq), message.time, message.tags.join(" "), ...cells].map(csvField).join(","))
  }
  return lines.map((line) => `${line}\r\n`).join("")
}

/** A text that a spreadsheet would take for a formula is kept from being one. */
const csvField = (text: string): string => {
  const isNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A file name from a pool's name: no character that a file system or a shell minds. */
export const exportName = (pool: string, ending: "jsonl" | "json" | "csv"): string => {
  const name = pool.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "")
  return `${name === "" ? "pool" : name}.${ending}`
}

/** The message as JSON for the clipboard: its data, spread over lines. */
export const prettyData = ({ dataText }: PageMessage): string => printExact(parseExact(dataText), 2)
