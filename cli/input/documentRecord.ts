/**
 * Mode `json`: the whole input is one record, in any layout, known to be complete only when the input ends.
 */
import { RecordBuffer } from "./recordBuffer.js"
import type { RecordFraming, RecordSink } from "./recordSink.js"

export class DocumentRecord<A> implements RecordFraming {
  private readonly held: RecordBuffer

  constructor(private readonly sink: RecordSink<A>) {
    this.held = new RecordBuffer(sink.maxRecordBytes)
  }

  push(chunk: Uint8Array): void {
    this.held.append(chunk, 0, chunk.length)
    if (this.held.overflowed) this.sink.oversize(this.held.bytes, 0, this.held.length)
  }

  end(): void {
    if (this.held.length > 0) this.sink.accept(this.held.bytes, 0, this.held.length)
  }
}
