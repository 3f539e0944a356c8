/**
 * Server-sent events from pieces of text, cut anywhere. The rules are those of the HTML standard; what differs is that
 * a comment is told, too, because it is the server's sign of life.
 */

export interface ServerEvent {
  readonly event: string
  /** The last id that the server named, or the empty text. */
  readonly id: string
  readonly data: string
}

export interface EventStreamPiece {
  readonly events: ReadonlyArray<ServerEvent>
  /** Comments in this piece. */
  readonly comments: number
}

const lineFeed = 0x0a

export class EventStreamParser {
  private rest = ""
  private isFirst = true
  /** A carriage return ended the last piece: a line feed that comes first belongs to it. */
  private afterReturn = false
  private event = ""
  private lines: Array<string> = []
  private lastId = ""
  private waitMillis: number | undefined

  /** What the server asks to wait before coming back, in milliseconds, once it has said so. */
  get retryMillis(): number | undefined {
    return this.waitMillis
  }

  get lastEventId(): string {
    return this.lastId
  }

  /** The events that this piece completes. An event that is cut off at the end of the stream is never told. */
  push(piece: string): EventStreamPiece {
    const events: Array<ServerEvent> = []
    let comments = 0
    let text = piece
    if (text === "") return { events, comments }
    if (this.isFirst) {
      this.isFirst = false
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    }
    if (this.afterReturn && text.charCodeAt(0) === lineFeed) text = text.slice(1)
    this.afterReturn = text.endsWith("\r")
    const lines = (this.rest + text).split(/\r\n|\n|\r/)
    this.rest = lines.pop()!
    for (const line of lines) {
      if (line === "") this.dispatch(events)
      else if (line.startsWith(":")) comments++
      else this.field(line)
    }
    return { events, comments }
  }

  private dispatch(events: Array<ServerEvent>): void {
    if (this.lines.length > 0) {
      const data = this.lines.length === 1 ? this.lines[0]! : this.lines.join("\n")
      events.push({ event: this.event === "" ? "message" : this.event, id: this.lastId, data })
      this.lines = []
    }
    this.event = ""
  }

  private field(line: string): void {
    const colon = line.indexOf(":")
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? "" : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1)
    switch (name) {
      case "data":
        this.lines.push(value)
        return
      case "event":
        this.event = value
        return
      case "id":
        if (!value.includes("\0")) this.lastId = value
        return
      case "retry":
        if (/^[0-9]+$/.test(value)) this.waitMillis = Number(value)
    }
  }
}
