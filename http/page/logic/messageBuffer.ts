/**
 * The messages that the page holds, in order, within bounds: at the cap the oldest fall out, or, while the reader looks
 * at something old, the newest, so that what is on the screen stays. Rows have numbers that never change as others come
 * and go, which is what lets a list keep its place.
 */
import { EdgeLog } from "./edgeLog.js"
import type { PageMessage } from "./message.js"
import { messageBefore, nearestRow, type FoundRow } from "./nearestRow.js"

export type BufferRow =
  | { readonly kind: "message"; readonly message: PageMessage }
  /** Messages `from` to `to` were overwritten before they were read. */
  | { readonly kind: "gap"; readonly lost: number; readonly from: number; readonly to: number }
  /** The connection was down between these moments (milliseconds since 1970); nothing was lost by that alone. */
  | { readonly kind: "interruption"; readonly from: number; readonly until: number }
  /** The pool was deleted and made anew: numbers start again below this row. */
  | { readonly kind: "recreated"; readonly at: number }

export interface BufferLimits {
  readonly messages: number
  readonly bytes: number
}

export const defaultLimits: BufferLimits = { messages: 100_000, bytes: 64 * 1024 * 1024 }

export interface AppendOutcome {
  readonly added: number
  /** Already here. */
  readonly duplicates: number
  /** Not taken, because the buffer no longer reaches the live end. */
  readonly refused: number
  /** Found to be overwritten before these. */
  readonly lost: number
}

export interface Arrival {
  /** Numbers that are missing may have been left out by a filter, so they are no gap. */
  readonly isFiltered?: boolean
}

/** What a message costs besides its text, roughly: objects, numbers, tags. */
const overheadBytes = 200

export class MessageBuffer {
  /** Rows from `head` on are held; those before it are cleared and cut off now and then. */
  private rows: Array<BufferRow | undefined> = []
  private head = 0
  private first = 0
  /** Numbers of the rows that are no messages, ascending. */
  private markers: Array<number> = []
  private bytes = 0
  private changes = 0
  private newest: number | undefined
  private isHeld = false
  private detachedSince: number | undefined
  private missed = 0
  private readonly starts = new EdgeLog((edge, other) => edge > other)
  private readonly ends = new EdgeLog((edge, other) => edge < other)

  constructor(private readonly limits: BufferLimits = defaultLimits) {}

  /** The number of the first row. Rows are numbered on from it; loading older ones makes it smaller, even negative. */
  get firstRow(): number {
    return this.first
  }

  /** One behind the last row. */
  get endRow(): number {
    return this.first + this.rowCount
  }

  get rowCount(): number {
    return this.rows.length - this.head
  }

  get messageCount(): number {
    return this.rowCount - this.markers.length
  }

  /** What the messages weigh, estimated. */
  get byteCount(): number {
    return this.bytes
  }

  /** Rises with every change. */
  get version(): number {
    return this.changes
  }

  get oldestSeq(): number | undefined {
    for (let row = this.first; row < this.endRow; row++) {
      const held = this.rowAt(row)
      if (held?.kind === "message") return held.message.seq
    }
    return undefined
  }

  /** Of the newest message that was taken, even if it has fallen out: the stream goes on behind it. */
  get newestSeq(): number | undefined {
    return this.newest
  }

  /** False when newer messages have been left out to keep the older ones on the screen. */
  get reachesLiveEnd(): boolean {
    return this.detachedSince === undefined
  }

  /** Messages that came and were left out since the buffer lost the live end. */
  get missedCount(): number {
    return this.missed
  }

  /**
   * The rows that have been there all the time since the buffer had this version. When rows fall out at an end, others
   * may come there and take their numbers.
   */
  keptSince(version: number): { readonly firstRow: number; readonly endRow: number } {
    // Where nothing is left of them, the place is still one of the rows that there are.
    const firstRow = Math.min(this.starts.farthestSince(version) ?? this.first, this.endRow)
    return { firstRow, endRow: Math.max(firstRow, this.ends.farthestSince(version) ?? this.endRow) }
  }

  rowAt(row: number): BufferRow | undefined {
    return row < this.first ? undefined : this.rows[this.head + row - this.first]
  }

  /**
   * While held, nothing falls out at the old end: the reader is paused, or has scrolled away from the newest. At the cap
   * the buffer then stops taking what comes.
   */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld
    if (isHeld || !this.exceeds()) return
    this.trimOldest()
    this.changes++
  }

  /** Takes what came from the live end, in order. */
  append(messages: ReadonlyArray<PageMessage>, { isFiltered = false }: Arrival = {}): AppendOutcome {
    let added = 0
    let duplicates = 0
    let refused = 0
    let lost = 0
    for (const message of messages) {
      const expected = this.newest === undefined ? undefined : this.newest + 1
      if (expected !== undefined && message.seq < expected) {
        duplicates++
        continue
      }
      if (this.isHeld && this.isFull()) this.detachedSince ??= message.seq
      if (this.detachedSince !== undefined) {
        refused++
        continue
      }
      if (expected !== undefined && message.seq > expected && !isFiltered) {
        lost += message.seq - expected
        this.pushMarker({ kind: "gap", lost: message.seq - expected, from: expected, to: message.seq - 1 })
      }
      this.push(message)
      added++
    }
    this.missed += refused
    this.trimOldest()
    if (added > 0 || refused > 0) this.changes++
    return { added, duplicates, refused, lost }
  }

  /** Puts an older page before what is here and answers how many of its messages were new. At the cap the newest go. */
  prepend(messages: ReadonlyArray<PageMessage>, { isFiltered = false }: Arrival = {}): number {
    const oldest = this.oldestSeq
    const older = oldest === undefined ? messages : messages.filter((message) => message.seq < oldest)
    if (older.length === 0) return 0
    const rows: Array<BufferRow> = []
    const add = (message: PageMessage): void => {
      this.bytes += weight(message)
      rows.push({ kind: "message", message })
    }
    let before: number | undefined
    for (const message of older) {
      if (!isFiltered && before !== undefined && message.seq > before + 1) rows.push(gapBetween(before, message.seq))
      add(message)
      before = message.seq
    }
    if (!isFiltered && oldest !== undefined && before! + 1 < oldest && !this.beginsWithGap()) {
      rows.push(gapBetween(before!, oldest))
    }
    this.first -= rows.length
    this.markers = [
      ...rows.flatMap((row, index) => (row.kind === "message" ? [] : [this.first + index])),
      ...this.markers
    ]
    this.rows = [...rows, ...this.rows.slice(this.head)]
    this.head = 0
    this.newest ??= older.at(-1)!.seq
    this.trimNewest()
    this.changes++
    return older.length
  }

  /** A row that says the connection was down for a while. Interruptions with nothing between them are one. */
  addInterruption(from: number, until: number): void {
    const last = this.rows.at(-1)
    if (this.rowCount > 0 && last?.kind === "interruption") {
      this.rows[this.rows.length - 1] = { kind: "interruption", from: last.from, until }
    } else this.pushMarker({ kind: "interruption", from, until })
    this.trimOldest()
    this.changes++
  }

  /** Messages are known to be overwritten, though a filter would hide the jump in the numbers. */
  addGap(from: number, to: number): void {
    this.pushMarker({ kind: "gap", lost: to - from + 1, from, to })
    this.newest = Math.max(this.newest ?? 0, to)
    this.changes++
  }

  /** Numbers begin again. What was held stays above the row that says so. */
  addRecreated(at: number): void {
    this.pushMarker({ kind: "recreated", at })
    this.newest = undefined
    this.changes++
  }

  /** Forgets all rows. The stream goes on behind the newest message, and the numbers of rows go on, too. */
  clear(): void {
    this.first = this.endRow
    this.starts.note(this.changes + 1, this.first)
    this.rows = []
    this.head = 0
    this.markers = []
    this.bytes = 0
    this.reattach()
    this.changes++
  }

  /** Forgets all, the newest number included: another pool, another filter, a jump to another time. */
  reset(): void {
    this.clear()
    this.newest = undefined
  }

  /** The caller has closed, or is about to close, the hole between the newest message here and the live end. */
  reattach(): void {
    this.detachedSince = undefined
    this.missed = 0
  }

  /** Messages from this row to the end: what "12 new" counts, with those that were left out. */
  messagesFrom(row: number): number {
    const from = Math.max(row, this.first)
    const markersBehind = this.markers.length - lowerBound(this.markers, from)
    return Math.max(0, this.endRow - from) - markersBehind + this.missed
  }

  /** The row of this message, or the nearest one's; undefined only when there are no messages. */
  findSeq(seq: number): FoundRow | undefined {
    return nearestRow(this, this.firstOfPool(), seq, (message) => message.seq)
  }

  /** The row of the message nearest to this time, in milliseconds since 1970. */
  findTime(timeMillis: number): FoundRow | undefined {
    return nearestRow(this, this.firstOfPool(), timeMillis, (message) => message.timeMillis)
  }

  /** All messages that are held, oldest first. */
  *messages(): Generator<PageMessage> {
    for (let row = this.first; row < this.endRow; row++) {
      const held = this.rowAt(row)
      if (held?.kind === "message") yield held.message
    }
  }

  /** Behind the last recreation numbers ascend; rows before it belong to another pool of the same name. */
  private firstOfPool(): number {
    const recreated = this.markers.findLast((row) => this.rowAt(row)?.kind === "recreated")
    return recreated === undefined ? this.first : recreated + 1
  }

  private beginsWithGap(): boolean {
    return this.rowAt(this.first)?.kind === "gap"
  }

  private isFull(): boolean {
    return this.rowCount >= this.limits.messages || this.bytes >= this.limits.bytes
  }

  private exceeds(): boolean {
    return this.rowCount > this.limits.messages || (this.bytes > this.limits.bytes && this.messageCount > 1)
  }

  private push(message: PageMessage): void {
    this.rows.push({ kind: "message", message })
    this.bytes += weight(message)
    this.newest = message.seq
  }

  private pushMarker(row: BufferRow): void {
    this.markers.push(this.endRow)
    this.rows.push(row)
  }

  private trimOldest(): void {
    if (this.isHeld || !this.exceeds()) return
    while (this.exceeds()) {
      const row = this.rows[this.head]!
      this.rows[this.head++] = undefined
      if (row.kind === "message") this.bytes -= weight(row.message)
      else this.markers.shift()
      this.first++
    }
    this.starts.note(this.changes + 1, this.first)
    // What has fallen out is cut off when it is half of the array, so each row is moved about once.
    if (this.head > 1_024 && this.head * 2 > this.rows.length) {
      this.rows = this.rows.slice(this.head)
      this.head = 0
    }
  }

  private trimNewest(): void {
    if (!this.exceeds()) return
    while (this.exceeds()) {
      const row = this.rows.pop()!
      if (row.kind !== "message") {
        this.markers.pop()
        continue
      }
      this.bytes -= weight(row.message)
      this.detachedSince = row.message.seq
      this.missed++
    }
    this.newest = this.newestHeld() ?? this.newest
    this.ends.note(this.changes + 1, this.endRow)
  }

  private newestHeld(): number | undefined {
    return messageBefore(this, this.endRow, this.first)?.message.seq
  }
}

const weight = (message: PageMessage): number => message.bytes + overheadBytes

const gapBetween = (before: number, after: number): BufferRow => ({
  kind: "gap",
  lost: after - before - 1,
  from: before + 1,
  to: after - 1
})

/** The first place in an ascending list whose value is at least `wanted`. */
export const lowerBound = (ascending: ReadonlyArray<number>, wanted: number): number => {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
