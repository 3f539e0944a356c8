/**
 * Mode `seq`: text between record separators (RFC 7464), and before the first one. A record is delivered at the
 * separator or the end that follows, or already at a line feed behind a complete value, so that a live feed does not
 * lag one record behind. What follows such a value before the separator is a record of its own.
 */
import { ContainerWalker } from "./containerWalker.js"
import { lineFeed, opensContainer, recordSeparator } from "./jsonBytes.js"
import { RecordBuffer } from "./recordBuffer.js"
import type { RecordFraming, RecordSink } from "./recordSink.js"

const lineFeedBytes = Uint8Array.of(lineFeed)

export class SeparatorRecords<A> implements RecordFraming {
  private readonly held: RecordBuffer
  private readonly walker = new ContainerWalker()
  /** The record failed; its rest, up to the next separator, is of no interest. */
  private discarding = false

  constructor(private readonly sink: RecordSink<A>) {
    this.held = new RecordBuffer(sink.maxRecordBytes)
  }

  push(chunk: Uint8Array): void {
    let position = 0
    let separator = indexOrEnd(chunk, recordSeparator, 0)
    let feed = indexOrEnd(chunk, lineFeed, 0)
    while (position < chunk.length && !this.sink.finished) {
      if (separator < position) separator = indexOrEnd(chunk, recordSeparator, position)
      if (feed < position) feed = indexOrEnd(chunk, lineFeed, position)
      const stop = Math.min(separator, feed)
      this.extend(chunk, position, stop)
      if (stop < feed) this.close()
      else if (stop < separator) this.endLine()
      position = stop + 1
    }
  }

  end(): void {
    this.close()
  }

  private extend(chunk: Uint8Array, start: number, end: number): void {
    if (this.discarding) return
    this.held.append(chunk, start, end)
    if (!this.held.overflowed) return
    this.sink.oversize(this.held.bytes, 0, this.held.length)
    this.forget()
    this.discarding = true
  }

  /** A separator, or the end of the input. */
  private close(): void {
    if (this.held.length > 0) this.sink.accept(this.held.bytes, 0, this.held.length)
    this.forget()
    this.discarding = false
  }

  private endLine(): void {
    if (this.held.length === 0) return
    // Only containers go on behind a line feed: anything else is complete here, or beyond repair.
    if (opensContainer(this.held.bytes[0]!)) {
      this.held.append(lineFeedBytes, 0, 1)
      this.walker.walk(this.held.bytes, this.walker.position, this.held.length)
      if (this.walker.state === "inside") return
    }
    this.discarding = !this.sink.accept(this.held.bytes, 0, this.held.length)
    this.forget()
  }

  private forget(): void {
    this.held.clear()
    this.walker.reset()
  }
}

const indexOrEnd = (bytes: Uint8Array, byte: number, from: number): number => {
  const index = bytes.indexOf(byte, from)
  return index === -1 ? bytes.length : index
}
