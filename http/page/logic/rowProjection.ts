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
  private version: number
  /** What was shown when it was last looked at. */
  private seen = ""
  private last = -Infinity

  constructor(private readonly source: RowSource) {
    this.start = source.firstRow
    this.end = source.firstRow
    this.version = source.version
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
    const { version } = this.source
    const lowestEnd = this.source.lowestEndSince(this.version)
    const isReplaced = lowestEnd <= this.last
    this.version = version
    if (this.frozenEnd !== undefined) this.frozenEnd = Math.min(this.frozenEnd, lowestEnd)
    this.look(lowestEnd)
    this.last = this.rowNumber(this.count - 1) ?? -Infinity
    const seen = `${this.count} ${this.rowNumber(0)} ${this.last}`
    const isOther = isReplaced || seen !== this.seen
    this.seen = seen
    return isOther
  }

  private look(lowestEnd: number): void {
    if (this.shown === undefined || this.test === undefined) return
    const { firstRow } = this.source
    this.keep(firstRow, lowestEnd)
    const end = this.visibleEnd()
    const older = this.passing(firstRow, Math.min(this.start, end))
    if (older.length > 0) this.shown = [...older, ...this.shown]
    for (const row of this.passing(Math.max(this.end, firstRow), end)) this.shown.push(row)
    this.start = firstRow
    this.end = Math.max(end, firstRow)
  }

  /** Forgets what was looked at outside of these rows. */
  private keep(firstRow: number, lowestEnd: number): void {
    const end = Math.min(lowestEnd, this.visibleEnd())
    this.start = Math.max(this.start, firstRow)
    if (this.start >= end) {
      this.shown = []
      this.start = firstRow
      this.end = firstRow
      return
    }
    this.end = Math.max(this.start, Math.min(this.end, end))
    const shown = this.shown!
    if (shown.length > 0 && (shown[0]! < this.start || shown.at(-1)! >= this.end)) {
      this.shown = shown.slice(lowerBound(shown, this.start), lowerBound(shown, this.end))
    }
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
