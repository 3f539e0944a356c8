/**
 * The rows that are shown of those that are held: all of them, or those that a local filter lets through, up to an end
 * that can be held still while more come in. Rows keep their numbers as others come and go at both ends.
 */
import type { PageMessage } from "./message.js"
import { lowerBound, type BufferRow, type MessageBuffer } from "./messageBuffer.js"

export type MessageTest = (message: PageMessage) => boolean

export class RowView {
  private test: MessageTest | undefined
  /** With a test: the buffer's rows that pass, ascending. */
  private passing: Array<number> = []
  private passingFirst = 0
  /** The buffer's rows from here up to `lookedEnd` have been tested. */
  private lookedFirst: number
  private lookedEnd: number
  private frozenEnd: number | undefined
  private version: number

  constructor(private readonly buffer: MessageBuffer) {
    this.lookedFirst = this.lookedEnd = buffer.firstRow
    this.version = buffer.version
  }

  get firstRow(): number {
    return this.test === undefined ? this.buffer.firstRow : this.passingFirst
  }

  get endRow(): number {
    return Math.max(this.firstRow, Math.min(this.frozenEnd ?? Number.POSITIVE_INFINITY, this.fullEnd))
  }

  /** One behind the last row that there is, shown or not. */
  get fullEnd(): number {
    return this.test === undefined ? this.buffer.endRow : this.passingFirst + this.passing.length
  }

  get isFrozen(): boolean {
    return this.frozenEnd !== undefined
  }

  rowAt(row: number): BufferRow | undefined {
    if (row < this.firstRow || row >= this.endRow) return undefined
    return this.test === undefined ? this.buffer.rowAt(row) : this.buffer.rowAt(this.passing[row - this.passingFirst]!)
  }

  /** What comes after this row is not shown; undefined shows all. */
  freeze(end: number | undefined): void {
    this.frozenEnd = end
  }

  setTest(test: MessageTest | undefined): void {
    this.test = test
    this.passing = []
    this.passingFirst = this.lookedFirst = this.lookedEnd = this.buffer.firstRow
    this.version = this.buffer.version
    this.frozenEnd = undefined
    this.sync()
  }

  /** To be called when the buffer has changed. */
  sync(): void {
    const { test } = this
    if (test === undefined) return
    const { endRow, firstRow, version } = this.buffer
    // What fell out may have been replaced by others with the same numbers.
    const kept = this.buffer.keptSince(this.version)
    this.version = version
    if (kept.endRow < this.lookedEnd) {
      this.passing.length = lowerBound(this.passing, kept.endRow)
      this.lookedEnd = kept.endRow
      this.lookedFirst = Math.min(this.lookedFirst, kept.endRow)
    }
    if (kept.firstRow > this.lookedFirst) {
      const gone = lowerBound(this.passing, kept.firstRow)
      this.passing.splice(0, gone)
      this.passingFirst += gone
      this.lookedFirst = kept.firstRow
      this.lookedEnd = Math.max(this.lookedEnd, kept.firstRow)
    }
    if (firstRow < this.lookedFirst) {
      const older = this.passingRows(test, firstRow, this.lookedFirst)
      this.passing = [...older, ...this.passing]
      this.passingFirst -= older.length
      this.lookedFirst = firstRow
    }
    for (const row of this.passingRows(test, this.lookedEnd, endRow)) this.passing.push(row)
    this.lookedEnd = endRow
  }

  /** The shown row of a row of the buffer, or of the nearest after it. */
  rowOf(bufferRow: number): number {
    return this.test === undefined ? bufferRow : this.passingFirst + lowerBound(this.passing, bufferRow)
  }

  /** Messages that are there from a row on, shown or not. */
  messagesFrom(row: number): number {
    if (this.test === undefined) return this.buffer.messagesFrom(row)
    return Math.max(0, this.fullEnd - Math.max(row, this.firstRow))
  }

  *messages(): Generator<PageMessage> {
    for (let row = this.firstRow; row < this.endRow; row++) {
      const held = this.rowAt(row)
      if (held?.kind === "message") yield held.message
    }
  }

  private passingRows(test: MessageTest, from: number, end: number): Array<number> {
    const rows: Array<number> = []
    for (let row = from; row < end; row++) {
      const held = this.buffer.rowAt(row)
      if (held !== undefined && (held.kind !== "message" || test(held.message))) rows.push(row)
    }
    return rows
  }
}
