/**
 * Mode `jq`: JSON values one after the other, apart by blanks or by nothing. A value is delivered when its last byte
 * arrives; numbers and words, whose end shows only in what follows, with the next byte. There is no resuming: what
 * looks like a boundary behind a broken value may lie within it.
 */
import { isBlank, opensContainer, quotationMark, skipBlanks } from "./jsonBytes.js"
import { NestingScanner } from "./nestingScanner.js"
import { RecordBuffer } from "./recordBuffer.js"
import type { RecordFraming, RecordSink } from "./recordSink.js"

export class ValueRecords<A> implements RecordFraming {
  private readonly held: RecordBuffer
  private readonly scanner = new NestingScanner()
  /** What is being read: nothing yet, a value with an end of its own, or a bare word. */
  private reading: "nothing" | "delimited" | "bare" = "nothing"

  constructor(private readonly sink: RecordSink<A>) {
    this.held = new RecordBuffer(sink.maxRecordBytes)
  }

  push(chunk: Uint8Array): void {
    let position = 0
    while (position < chunk.length && !this.sink.finished) {
      if (this.reading === "nothing") {
        position = skipBlanks(chunk, position, chunk.length)
        if (position === chunk.length) return
        this.reading = startsDelimited(chunk[position]!) ? "delimited" : "bare"
        this.scanner.reset()
      }
      const stop =
        this.reading === "delimited"
          ? this.scanner.scan(chunk, position, chunk.length)
          : bareEnd(chunk, position, chunk.length)
      this.held.append(chunk, position, stop)
      position = stop
      if (this.held.overflowed) this.sink.oversize(this.held.bytes, 0, this.held.length)
      else if (this.reading === "delimited" ? this.scanner.outcome !== "open" : stop < chunk.length) this.deliver()
    }
  }

  end(): void {
    if (this.reading !== "nothing") this.deliver()
  }

  private deliver(): void {
    this.sink.accept(this.held.bytes, 0, this.held.length)
    this.held.clear()
    this.reading = "nothing"
  }
}

const startsDelimited = (byte: number): boolean => opensContainer(byte) || byte === quotationMark

const bareEnd = (bytes: Uint8Array, start: number, end: number): number => {
  let position = start
  while (position < end && !isBlank(bytes[position]!) && !startsDelimited(bytes[position]!)) position += 1
  return position
}
