/**
 * Mode `auto`: decides at the first line that is not blank how the input is framed, then hands everything over. The
 * decision depends on that line only (its first 8 KiB), so no complete record waits for it.
 */
import { isBlank, lineFeed, recordSeparator } from "./jsonBytes.js"
import type { RecordFraming } from "./recordSink.js"

export type DetectedMode = "seq" | "event" | "jsonl"

const windowBytes = 8192
const eventFields = ["data:", "event:", "id:", "retry:", ":"]
const longestFieldBytes = Math.max(...eventFields.map((field) => field.length))

export class DetectedFraming implements RecordFraming {
  private chosen: RecordFraming | undefined
  /** The first line, as far as it has arrived; complete blank lines are only counted. */
  private pending: Uint8Array = new Uint8Array(0)
  private line = 1

  /** `choose` is called once, with the mode and the number of the line at which its framing starts. */
  constructor(private readonly choose: (mode: DetectedMode, line: number) => RecordFraming) {}

  push(chunk: Uint8Array): void {
    if (this.chosen !== undefined) this.chosen.push(chunk)
    else this.look(this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]), false)
  }

  end(): void {
    if (this.chosen === undefined) this.look(this.pending, true)
    this.chosen?.end()
  }

  private look(bytes: Uint8Array, atEnd: boolean): void {
    let lineStart = 0
    let first = 0
    for (; first < bytes.length && isBlank(bytes[first]!); first++) {
      if (bytes[first] === lineFeed) {
        lineStart = first + 1
        this.line += 1
      }
    }
    const mode = first === bytes.length ? undefined : detect(bytes.subarray(lineStart), atEnd)
    if (mode === undefined) {
      // A copy: the chunk belongs to the caller. Of a line that is blank so far, no more than the decision looks at.
      const kept = first === bytes.length ? lineStart + windowBytes : bytes.length
      this.pending = new Uint8Array(bytes.subarray(lineStart, kept))
      return
    }
    this.pending = new Uint8Array(0)
    this.chosen = this.choose(mode, this.line)
    this.chosen.push(bytes.subarray(lineStart))
  }
}

/** The mode, if the beginning of the first line that is not blank decides it. */
const detect = (bytes: Uint8Array, atEnd: boolean): DetectedMode | undefined => {
  const feed = bytes.indexOf(lineFeed)
  const visible = bytes.subarray(0, Math.min(feed === -1 ? bytes.length : feed, windowBytes))
  if (visible.includes(recordSeparator)) return "seq"
  if (feed === -1 && visible.length < windowBytes && !atEnd) return undefined
  const start = Buffer.from(visible.subarray(0, longestFieldBytes)).toString("latin1")
  return eventFields.some((field) => start.startsWith(field)) ? "event" : "jsonl"
}
