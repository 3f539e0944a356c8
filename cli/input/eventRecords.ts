/**
 * Mode `event`: server-sent events. The `data:` lines of an event, joined by line feeds, are a record, delivered at
 * the empty line that ends the event. Comments and other fields pass by, however long they are: no line is kept.
 */
import { lineFeed } from "./jsonBytes.js"
import { RecordBuffer } from "./recordBuffer.js"
import type { RecordFraming, RecordSink } from "./recordSink.js"

const dataField = new TextEncoder().encode("data:")
const lineFeedBytes = Uint8Array.of(lineFeed)
const carriageReturn = 0x0d
const space = 0x20

export class EventRecords<A> implements RecordFraming {
  /** The data of the event so far, and the line on which it began. */
  private readonly data: RecordBuffer
  private hasData = false
  private dataLine = 0
  /** The event has failed; its rest is of no interest. */
  private discarding = false

  /** Of the line that is arriving: its bytes so far, and what they turned out to be. */
  private column = 0
  private field: "unknown" | "data" | "other" = "unknown"
  /** What is `unknown` is a carriage return and nothing else. */
  private isReturn = false

  constructor(
    private readonly sink: RecordSink<A>,
    private line: number
  ) {
    this.data = new RecordBuffer(sink.maxRecordBytes)
  }

  push(chunk: Uint8Array): void {
    let position = 0
    while (position < chunk.length && !this.sink.finished) {
      const feed = chunk.indexOf(lineFeed, position)
      this.extendLine(chunk, position, feed === -1 ? chunk.length : feed)
      if (feed === -1) return
      this.endLine()
      position = feed + 1
    }
  }

  end(): void {
    this.endLine()
    this.endEvent()
  }

  private extendLine(chunk: Uint8Array, start: number, end: number): void {
    let position = start
    while (position < end && this.field === "unknown") {
      const byte = chunk[position]!
      if (this.column === 0 && byte === carriageReturn) this.isReturn = true
      else if (this.isReturn || byte !== dataField[this.column]) this.field = "other"
      position += 1
      this.column += 1
      if (this.column === dataField.length && this.field === "unknown") this.startData()
    }
    if (position === end || this.field !== "data") return
    // One blank behind the colon belongs to the field, not to its value.
    if (this.column === dataField.length && chunk[position] === space) position += 1
    this.column += end - position + 1
    this.extendData(chunk, position, end)
  }

  private startData(): void {
    this.field = "data"
    if (this.hasData) this.extendData(lineFeedBytes, 0, 1)
    else this.dataLine = this.line
    this.hasData = true
  }

  private extendData(bytes: Uint8Array, start: number, end: number): void {
    if (this.discarding) return
    this.data.append(bytes, start, end)
    if (!this.data.overflowed) return
    this.sink.oversize(this.data.bytes, 0, this.data.length, this.dataLine)
    this.discarding = true
  }

  private endLine(): void {
    if (this.column === 0 || (this.column === 1 && this.isReturn)) this.endEvent()
    this.column = 0
    this.field = "unknown"
    this.isReturn = false
    this.line += 1
  }

  private endEvent(): void {
    if (this.hasData && !this.discarding) this.sink.accept(this.data.bytes, 0, this.data.length, this.dataLine)
    this.data.clear()
    this.hasData = false
    this.discarding = false
  }
}
