/**
 * Splits text that may hold several JSON objects or arrays, back to back or apart by blanks, and may end within one.
 * Each byte is looked at once, however many times the text grows.
 */
import { opensContainer, skipBlanks } from "./jsonBytes.js"
import { NestingScanner } from "./nestingScanner.js"

/** Where a value lies, in bytes from the start of the text. */
export interface Span {
  readonly start: number
  readonly end: number
}

export class ContainerWalker {
  /** `inside` a container, `between` two, or `broken` for text that no continuation makes good. */
  state: "between" | "inside" | "broken" = "between"
  /** Bytes of the text seen so far. */
  position = 0
  /** Where the container starts that is open. */
  openStart = 0
  private readonly scanner = new NestingScanner()

  reset(): void {
    this.state = "between"
    this.position = 0
  }

  /** Goes on with `bytes[start, end)`, which follow what was seen, and notes the containers that they close. */
  walk(bytes: Uint8Array, start: number, end: number, closed?: Array<Span>): void {
    const textOffset = this.position - start
    let at = start
    while (at < end && this.state !== "broken") {
      if (this.state === "between") {
        at = skipBlanks(bytes, at, end)
        if (at === end) break
        this.state = opensContainer(bytes[at]!) ? "inside" : "broken"
        this.openStart = textOffset + at
        this.scanner.reset()
        continue
      }
      at = this.scanner.scan(bytes, at, end)
      if (this.scanner.outcome === "broken") this.state = "broken"
      if (this.scanner.outcome === "closed") {
        this.state = "between"
        closed?.push({ start: this.openStart, end: textOffset + at })
      }
    }
    this.position = textOffset + end
  }

  /** What was closed has been dealt with: the text now starts with the open container. */
  dropClosed(): void {
    this.position -= this.openStart
    this.openStart = 0
  }
}
