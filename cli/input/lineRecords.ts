/**
 * Modes `jsonl` and `auto`: one JSON value per line. With `recover` (that is `auto`), a line that is not a value but
 * starts like an object or array may go on over further lines, or hold several of them. A line is judged as a whole
 * when its end arrives: either all that it completes is delivered, or one failure.
 */
import { ContainerWalker } from "./containerWalker.js"
import type { Span } from "./containerWalker.js"
import { closesContainer, lineFeed, opensContainer, skipBlanks, trimmedEnd } from "./jsonBytes.js"
import { RecordBuffer } from "./recordBuffer.js"
import type { RecordFraming, RecordSink } from "./recordSink.js"

const lineFeedBytes = Uint8Array.of(lineFeed)

export class LineRecords<A> implements RecordFraming {
  /** What is not settled yet: the line that is arriving, behind the lines of an open record. */
  private readonly held: RecordBuffer
  private heldLine = 0
  /** How far the held text has been followed. Untouched while it is a single line that is still arriving. */
  private readonly walker = new ContainerWalker()
  /** The line that is arriving has a byte that is not blank. */
  private lineHasContent = false
  /** The record is too large: it is followed to its end, but no longer held. */
  private discarding = false

  constructor(
    private readonly sink: RecordSink<A>,
    private readonly recover: boolean,
    private line: number
  ) {
    this.held = new RecordBuffer(sink.maxRecordBytes)
  }

  push(chunk: Uint8Array): void {
    this.sink.within(chunk, () => this.cut(chunk))
  }

  private cut(chunk: Uint8Array): void {
    let position = 0
    while (position < chunk.length && !this.sink.finished) {
      const feed = chunk.indexOf(lineFeed, position)
      if (feed === -1) return this.extendLine(chunk, position, chunk.length)
      const mustHold = this.held.length > 0 || this.discarding || feed - position > this.sink.maxRecordBytes
      if (mustHold || !this.settleLine(chunk, position, feed)) {
        this.extendLine(chunk, position, feed)
        this.endLine()
      }
      this.line += 1
      position = feed + 1
    }
  }

  end(): void {
    this.endLine()
    if (this.held.length > 0) this.sink.accept(this.held.bytes, 0, this.held.length, this.heldLine)
  }

  /**
   * Delivers a line that stands alone, unless it takes recovery: then returns false. A line that ends like a
   * container is given to the parser first: mostly it is one, and needs no second look.
   */
  private settleLine(bytes: Uint8Array, start: number, end: number): boolean {
    const first = skipBlanks(bytes, start, end)
    if (first === end) return true
    const last = trimmedEnd(bytes, first, end)
    const recoverable = this.recover && opensContainer(bytes[first]!)
    if (recoverable && !closesContainer(bytes[last - 1]!)) return false
    const parsed = this.sink.judge(bytes, first, last)
    if (parsed.ok) this.sink.record(parsed.value, this.line)
    else if (recoverable) return false
    else this.sink.reject(parsed, bytes, first, last, this.line)
    return true
  }

  /** Takes in a line, or the part of it that has arrived. */
  private extendLine(bytes: Uint8Array, start: number, end: number): void {
    if (!this.lineHasContent) {
      const first = skipBlanks(bytes, start, end)
      this.lineHasContent = first < end
      if (this.lineHasContent && this.sink.resume && opensContainer(bytes[first]!)) this.giveUpOpenRecord()
    }
    if (this.discarding) return this.walkOn(bytes, start, end)
    if (this.held.length === 0) this.heldLine = this.line
    const taken = this.held.append(bytes, start, end)
    if (!this.held.overflowed) return
    this.sink.oversize(this.held.bytes, 0, this.held.length, this.heldLine)
    this.discarding = true
    if (this.walker.position < this.held.length) {
      this.walkOn(this.held.bytes, this.walker.position, this.held.length)
    }
    this.walkOn(bytes, taken, end)
    this.held.clear()
  }

  /** While bad records are skipped, a line that starts a container ends whatever was open. */
  private giveUpOpenRecord(): void {
    if (this.held.length > 0) this.sink.accept(this.held.bytes, 0, this.held.length, this.heldLine)
    this.startAfresh()
  }

  private endLine(): void {
    this.lineHasContent = false
    if (this.discarding) {
      this.walkOn(lineFeedBytes, 0, 1)
      if (!this.recover || this.walker.state !== "inside") this.startAfresh()
    } else if (this.held.length > 0) {
      if (this.walker.position === 0 && this.settleLine(this.held.bytes, 0, this.held.length)) this.startAfresh()
      else this.settleHeld()
    }
  }

  /** Delivers the containers that the held text completes, and keeps the one that is open. */
  private settleHeld(): void {
    const { held, sink, walker } = this
    held.append(lineFeedBytes, 0, 1)
    const closed: Array<Span> = []
    walker.walk(held.bytes, walker.position, held.length, closed)
    if (walker.state === "broken") {
      sink.accept(held.bytes, 0, held.length, this.heldLine)
      return this.startAfresh()
    }
    const values: Array<A> = []
    for (const { start, end } of closed) {
      const parsed = sink.judge(held.bytes, start, end)
      if (!parsed.ok) {
        const fault = closed.length === 1 ? parsed : { ok: false as const, message: parsed.message }
        sink.reject(fault, held.bytes, 0, trimmedEnd(held.bytes, 0, held.length), this.heldLine)
        return this.startAfresh()
      }
      values.push(parsed.value)
    }
    for (const value of values) {
      sink.record(value, this.heldLine)
      this.heldLine = this.line
    }
    if (walker.state === "between") return this.startAfresh()
    if (values.length > 0) {
      held.dropFirst(walker.openStart)
      walker.dropClosed()
    }
  }

  private walkOn(bytes: Uint8Array, start: number, end: number): void {
    if (this.recover) this.walker.walk(bytes, start, end)
  }

  private startAfresh(): void {
    this.held.clear()
    this.walker.reset()
    this.discarding = false
  }
}
