/**
 * The rows of a buffer that the list shows: all of them, or those that local filters let through, up to where the view
 * was frozen. It keeps up with the buffer by looking only at what is new at either end.
 */
import { lowerBound, type BufferRow } from "./messageBuffer.js"
import type { RowSource } from "./search.js"

/** Rows that are no messages stand for what happened to the stream, and are shown whatever is filtered. */
export type RowTest = (row: BufferRow) => boolean

export class RowProjection {
  /** Ascending; undefined while everything is shown. */
  private shown: Array<number> | undefined
  private start: number
  private end: number
  private test: RowTest | undefined
  private frozenEnd: number | undefined
  private seen = ""

  constructor(private readonly source: RowSource) {
    this.start = source.firstRow
    this.end = source.firstRow
  }

  /** Which rows are shown; undefined shows all. */
  setTest(test: RowTest | undefined): void {
    this.test = test
    this.shown = test === undefined ? undefined : []
    this.start = this.source.firstRow
    this.end = this.source.firstRow
  }

  /** Shows nothing that comes from now on, until thawed. */
  freeze(): void {
    this.frozenEnd ??= this.source.endRow
  }

  thaw(): void {
    this.frozenEnd = undefined
  }

  get isFrozen(): boolean {
    return this.frozenEnd !== undefined
  }

  /** Where new rows are not shown any more, while frozen. */
  get frozenAt(): number | undefined {
    return this.frozenEnd
  }

  /** Looks at what has come since; call it once a frame. Answers whether other rows are shown than before. */
  sync(): boolean {
    this.look()
    const seen = `${this.count} ${this.rowNumber(0)} ${this.rowNumber(this.count - 1)}`
    const isOther = seen !== this.seen
    this.seen = seen
    return isOther
  }

  private look(): void {
    const { firstRow } = this.source
    const end = this.visibleEnd()
    if (this.shown === undefined || this.test === undefined) return
    if (this.start > end || this.end < firstRow) {
      this.shown = []
      this.start = firstRow
      this.end = firstRow
    }
    if (this.start > firstRow) {
      this.shown = [...this.passing(firstRow, Math.min(this.start, end)), ...this.shown]
      this.start = firstRow
    } else if (this.start < firstRow) {
      this.shown = this.shown.slice(lowerBound(this.shown, firstRow))
      this.start = firstRow
    }
    if (this.end > end) this.shown.length = lowerBound(this.shown, end)
    else for (const row of this.passing(this.end, end)) this.shown.push(row)
    this.end = end
  }

  /** Rows shown. */
  get count(): number {
    return this.shown?.length ?? Math.max(0, this.visibleEnd() - this.source.firstRow)
  }

  /** The buffer's number of the row at this place in the list. */
  rowNumber(index: number): number | undefined {
    if (index < 0 || index >= this.count) return undefined
    return this.shown === undefined ? this.source.firstRow + index : this.shown[index]
  }

  at(index: number): BufferRow | undefined {
    const row = this.rowNumber(index)
    return row === undefined ? undefined : this.source.rowAt(row)
  }

  /** The place in the list of a row, or of the next one that is shown. */
  indexOf(row: number): number {
    return this.shown === undefined
      ? Math.min(Math.max(0, row - this.source.firstRow), this.count)
      : lowerBound(this.shown, row)
  }

  private visibleEnd(): number {
    return Math.min(this.source.endRow, this.frozenEnd ?? Number.POSITIVE_INFINITY)
  }

  private passing(from: number, end: number): Array<number> {
    const rows: Array<number> = []
    for (let row = from; row < end; row++) {
      const held = this.source.rowAt(row)
      if (held !== undefined && (held.kind !== "message" || this.test!(held))) rows.push(row)
    }
    return rows
  }
}
