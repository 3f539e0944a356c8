/**
 * Where every framing delivers: decodes the bytes of a record, has them parsed, numbers the outcome and keeps it for
 * the next `take`. A failure is the last item unless the caller skips bad records and the mode can resume.
 */
import { isAscii, isUtf8 } from "node:buffer"
import type { FramedMode, InputItem, Parsed, Unparsed } from "./inputItem.js"
import { skipBlanks, trimmedEnd } from "./jsonBytes.js"

/** Cuts bytes into records. Nothing it is given is kept after the call: chunks may be reused. */
export interface RecordFraming {
  push(chunk: Uint8Array): void
  end(): void
}

export interface RecordSinkOptions<A> {
  readonly maxRecordBytes: number
  /** Go on behind a record that failed. */
  readonly resume: boolean
  readonly parse: (text: string) => Parsed<A>
}

const snippetBytesMax = 200
const snippetCut = "..."

export class RecordSink<A> {
  /** Records seen so far, failed ones included. */
  count = 0
  /** Nothing that follows will be looked at. */
  finished = false
  readonly maxRecordBytes: number
  /** Whether framing goes on behind a failure. */
  readonly resume: boolean
  private readonly parse: (text: string) => Parsed<A>
  private items: Array<InputItem<A>> = []
  /** The bytes being cut into records, and their text if it can be had for all of them at once. */
  private chunk: Uint8Array | undefined
  private chunkText = ""

  constructor(
    options: RecordSinkOptions<A>,
    readonly mode: FramedMode
  ) {
    this.maxRecordBytes = options.maxRecordBytes
    this.parse = options.parse
    // One document has nothing behind it, and between bare values there is no place that is surely a boundary.
    this.resume = options.resume && mode !== "json" && mode !== "jq"
  }

  /** The items since the last call. */
  take(): Array<InputItem<A>> {
    const items = this.items
    this.items = []
    return items
  }

  /** Delivers `bytes[start, end)` without the blanks at its ends. True for a record, false for a failure. */
  accept(bytes: Uint8Array, start: number, end: number, line?: number): boolean {
    const first = skipBlanks(bytes, start, end)
    const last = trimmedEnd(bytes, first, end)
    const parsed = this.judge(bytes, first, last)
    if (parsed.ok) this.record(parsed.value, line)
    else this.reject(parsed, bytes, first, last, line)
    return parsed.ok
  }

  /**
   * The records that `cut` delivers are mostly in these bytes. Where each byte is a character, decoding all of them at
   * once costs less than decoding record by record. Nobody may change the bytes meanwhile.
   */
  within(chunk: Uint8Array, cut: () => void): void {
    if (isAscii(chunk)) {
      this.chunk = chunk
      this.chunkText = asBuffer(chunk, 0, chunk.length).toString("latin1")
    }
    cut()
    this.chunk = undefined
    this.chunkText = ""
  }

  /** The verdict on the text `bytes[start, end)`, delivered to nobody. */
  judge(bytes: Uint8Array, start: number, end: number): Parsed<A> {
    if (bytes === this.chunk) return this.parse(this.chunkText.slice(start, end))
    const text = asBuffer(bytes, start, end)
    return isUtf8(text) ? this.parse(text.toString("utf8")) : { ok: false, message: "the text is not valid UTF-8" }
  }

  record(value: A, line: number | undefined): void {
    this.count += 1
    this.items.push(
      line === undefined
        ? { _tag: "Record", index: this.count, value }
        : { _tag: "Record", index: this.count, line, value }
    )
  }

  reject(fault: Unparsed, bytes: Uint8Array, start: number, end: number, line: number | undefined): void {
    const place = fault.position === undefined ? "" : ` at character ${fault.position + 1}`
    this.fail("Parse", fault.message + place, snippetOf(bytes, start, end, false), line)
  }

  /** A record that is larger than allowed, of which `bytes[start, end)` is the beginning. */
  oversize(bytes: Uint8Array, start: number, end: number, line?: number): void {
    const message = `the record is larger than ${this.maxRecordBytes} bytes`
    this.fail("Oversize", message, snippetOf(bytes, start, end, true), line)
  }

  private fail(kind: "Parse" | "Oversize", message: string, snippet: string, line: number | undefined): void {
    this.count += 1
    this.finished = !this.resume
    this.items.push({
      _tag: "Failure",
      index: this.count,
      ...(line === undefined ? {} : { line }),
      kind,
      message,
      ...(snippet === "" ? {} : { snippet }),
      mode: this.mode
    })
  }
}

const asBuffer = (bytes: Uint8Array, start: number, end: number): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)

/** The beginning of a record as text, at most 200 bytes of UTF-8; cut between characters. */
const snippetOf = (bytes: Uint8Array, start: number, end: number, always: boolean): string => {
  // Invalid bytes become replacement characters of three bytes, so the length that counts is that of the text.
  const text = Buffer.from(bytes.subarray(start, Math.min(end, start + snippetBytesMax + 4))).toString("utf8")
  if (!always && Buffer.byteLength(text) <= snippetBytesMax) return text
  let kept = ""
  let keptBytes = snippetCut.length
  for (const character of text) {
    keptBytes += Buffer.byteLength(character)
    if (keptBytes > snippetBytesMax) break
    kept += character
  }
  return kept + snippetCut
}
