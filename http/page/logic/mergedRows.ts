/**
 * The rows of several pools as one list, by the time of the messages; of the same time, by pool, then by number. Shown is
 * only what is known of all pools: where one of them has more that is not loaded, the list ends. A message that comes when
 * newer ones have been shown is put where its time belongs, however far up, and marked.
 */
import { EdgeLog } from "./edgeLog.js"
import type { PageMessage } from "./message.js"
import type { BufferRow } from "./messageBuffer.js"
import type { MessageTest } from "./rowView.js"
import type { RowSource } from "./search.js"

/** What is held of one pool, and what is known of the rest. */
export interface MergeSource {
  readonly rows: RowSource
  /** Undefined lets all messages through. */
  readonly test: MessageTest | undefined
  /** There are older messages than those that are held, or there may be. */
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  /** What comes now is news: what was retained at the start has come. */
  readonly isLive: boolean
  /** Rows from here on are not taken yet: the view is paused. Undefined takes all. */
  readonly until: number | undefined
}

export interface MergedRow {
  /** Which of the sources. */
  readonly source: number
  /** Its number there. */
  readonly sourceRow: number
  readonly row: BufferRow
  readonly timeMillis: number
  /** RFC 3339, of the same form for all; tells apart what happened within a millisecond. */
  readonly time: string
  /** How much older it was than the newest that was shown when it came; undefined unless that is worth a word. */
  readonly lateMillis: number | undefined
}

/** Who comes this much after what is newer is late. Below, nobody would notice, and streams do not run in step. */
export const lateFromMillis = 2_000

interface Taken {
  first: number
  end: number
  version: number
  test: MessageTest | undefined
}

export const compareRows = (left: MergedRow, right: MergedRow): number =>
  left.timeMillis - right.timeMillis ||
  (left.time < right.time ? -1 : left.time > right.time ? 1 : 0) ||
  left.source - right.source ||
  left.sourceRow - right.sourceRow

export class MergedRows implements RowSource {
  /** All that is held, in order; shown are those from `low` up to `high`. */
  private all: Array<MergedRow> = []
  private low = 0
  private high = 0
  private first = 0
  private taken: ReadonlyArray<Taken> = []
  private changes = 0
  private late: MergedRow | undefined
  private lateTotal = 0
  private readonly starts = new EdgeLog((edge, other) => edge > other)
  private readonly ends = new EdgeLog((edge, other) => edge < other)

  get firstRow(): number {
    return this.first
  }

  get endRow(): number {
    return this.first + this.high - this.low
  }

  get version(): number {
    return this.changes
  }

  /** How many came late, and the last of them. */
  get lateCount(): number {
    return this.lateTotal
  }

  get lastLate(): MergedRow | undefined {
    return this.late
  }

  keptSince(version: number): { readonly firstRow: number; readonly endRow: number } {
    // Where nothing is left of them, the place is still one of the rows that there are.
    const firstRow = Math.min(this.starts.farthestSince(version) ?? this.first, this.endRow)
    return { firstRow, endRow: Math.max(firstRow, this.ends.farthestSince(version) ?? this.endRow) }
  }

  mergedAt(row: number): MergedRow | undefined {
    return row < this.first || row >= this.endRow ? undefined : this.all[this.low + row - this.first]
  }

  rowAt(row: number): BufferRow | undefined {
    return this.mergedAt(row)?.row
  }

  /** Where a message of a source stands; undefined when it is not shown. */
  rowOf(source: number, message: PageMessage): number | undefined {
    let index = lowerBound(this.all, {
      timeMillis: message.timeMillis,
      time: sortable(message.time),
      source,
      sourceRow: -Infinity
    })
    for (; index < this.high; index++) {
      const held = this.all[index]!
      if (held.timeMillis > message.timeMillis) break
      const isIt = held.source === source && held.row.kind === "message" && held.row.message.seq === message.seq
      if (isIt) return index < this.low ? undefined : this.first + index - this.low
    }
    return undefined
  }

  *messages(): Generator<readonly [source: number, message: PageMessage]> {
    for (let index = this.low; index < this.high; index++) {
      const { row, source } = this.all[index]!
      if (row.kind === "message") yield [source, row.message]
    }
  }

  forgetLate(): void {
    this.late = undefined
    this.lateTotal = 0
  }

  /**
   * Takes what has changed in the sources. The row `keep`, or what is now nearest to it, keeps its number: rows that come
   * before it make the first number smaller.
   */
  sync(sources: ReadonlyArray<MergeSource>, keep: number): void {
    const before = { first: this.first, low: this.low, high: this.high, all: this.all }
    const keptRow = Math.min(Math.max(keep, this.first), this.endRow - 1)
    const kept = this.mergedAt(keptRow)
    const news = this.takeNews(sources, this.all[this.high - 1]?.timeMillis)
    const unchanged =
      this.all === before.all ? (news[0] === undefined ? before.all.length : lowerBound(before.all, news[0])) : 0
    this.all = merged(this.all, news)
    this.bound(sources)
    if (kept !== undefined) {
      const at = Math.min(Math.max(lowerBound(this.all, kept), this.low), Math.max(this.low, this.high - 1))
      this.first = keptRow - (at - this.low)
    }
    this.note(before, unchanged)
  }

  /** Drops what has gone from the sources and answers what has come, in order. */
  private takeNews(sources: ReadonlyArray<MergeSource>, newestShown: number | undefined): Array<MergedRow> {
    const news: Array<MergedRow> = []
    const gone: Array<((row: number) => boolean) | undefined> = []
    const nextTaken = sources.map(({ isLive, hasNewer, rows, test, until = rows.endRow }, source): Taken => {
      const held = this.taken[source]
      const isAnew = held === undefined || held.test !== test
      const kept = isAnew ? { firstRow: rows.firstRow, endRow: rows.firstRow } : rows.keptSince(held.version)
      const first = isAnew ? kept.firstRow : Math.min(Math.max(held.first, kept.firstRow), kept.endRow)
      const end = isAnew ? kept.firstRow : Math.max(first, Math.min(held.end, kept.endRow))
      if (held !== undefined && (isAnew || first > held.first || end < held.end)) {
        gone[source] = (row) => isAnew || row < first || row >= end
      }
      const take = (from: number, to: number, isNews: boolean): void => {
        for (let row = from; row < to; row++) {
          const found = rows.rowAt(row)
          if (found === undefined || (found.kind === "message" && test?.(found.message) === false)) continue
          const place = placeOf(rows, row, found)
          const behind =
            isNews && newestShown !== undefined && found.kind === "message" ? newestShown - place.timeMillis : 0
          const isLate = behind >= lateFromMillis
          const merged = { source, sourceRow: row, row: found, ...place, lateMillis: isLate ? behind : undefined }
          news.push(merged)
          if (!isLate) continue
          this.late = merged
          this.lateTotal++
        }
      }
      const placed = Math.min(until, placedEnd(rows, Math.max(end, rows.firstRow)))
      take(rows.firstRow, Math.min(first, until), false)
      take(Math.max(end, rows.firstRow), placed, !isAnew && isLive && !hasNewer)
      return { first: rows.firstRow, end: placed, version: rows.version, test }
    })
    this.taken = nextTaken
    if (gone.some((isGone) => isGone !== undefined)) {
      this.all = this.all.filter(({ source, sourceRow }) => gone[source]?.(sourceRow) !== true)
    }
    return news.sort(compareRows)
  }

  /** What is shown: from where all pools are known up to where they are. */
  private bound(sources: ReadonlyArray<MergeSource>): void {
    let low = 0
    let high = this.all.length
    sources.forEach(({ hasNewer, hasOlder, rows }, source) => {
      const oldest = hasOlder ? messageFrom(rows, rows.firstRow, 1) : undefined
      const newest = hasNewer ? messageFrom(rows, rows.endRow - 1, -1) : undefined
      if (oldest !== undefined) low = Math.max(low, lowerBound(this.all, edgeOf(oldest, source, -Infinity)))
      if (newest !== undefined) high = Math.min(high, lowerBound(this.all, edgeOf(newest, source, Infinity)))
    })
    this.low = low
    this.high = Math.max(low, high)
  }

  /** Which rows are still what they were; of those that were held, so many from the first on are known to be. */
  private note(
    before: {
      readonly first: number
      readonly low: number
      readonly high: number
      readonly all: ReadonlyArray<MergedRow>
    },
    unchanged: number
  ): void {
    const was = (row: number): MergedRow | undefined => {
      const index = before.low + row - before.first
      return index < before.low || index >= before.high ? undefined : before.all[index]
    }
    const wasEnd = before.first + before.high - before.low
    const isSame = (row: number): boolean => this.mergedAt(row) === was(row)
    const start = Math.max(before.first, this.first)
    const end = Math.max(start, Math.min(wasEnd, this.endRow))
    // What has changed lies at an end, or parts the rows in two of which the larger is remembered.
    const isInPlace = before.first === this.first && before.low === this.low
    let upper = isInPlace ? Math.max(start, Math.min(end, this.first + unchanged - this.low)) : start
    while (upper < end && isSame(upper)) upper++
    let lower = end
    while (lower > upper && isSame(lower - 1)) lower--
    const [keptFirst, keptEnd] = upper - start >= end - lower ? [start, upper] : [lower, end]
    this.changes++
    if (keptFirst > before.first) this.starts.note(this.changes, keptFirst)
    if (keptEnd < wasEnd) this.ends.note(this.changes, keptEnd)
  }

  /** The source whose unloaded part ends the list at this end; undefined when it ends because there is nothing. */
  edgeSource(sources: ReadonlyArray<MergeSource>, end: "older" | "newer"): number | undefined {
    let found: number | undefined
    let edge: number | undefined
    sources.forEach(({ hasNewer, hasOlder, rows }, source) => {
      const isOpen = end === "older" ? hasOlder : hasNewer
      const message = isOpen
        ? messageFrom(rows, end === "older" ? rows.firstRow : rows.endRow - 1, end === "older" ? 1 : -1)
        : undefined
      if (message === undefined) return
      const isFarther = edge === undefined || (end === "older" ? message.timeMillis > edge : message.timeMillis < edge)
      if (!isFarther) return
      edge = message.timeMillis
      found = source
    })
    return found
  }
}

type Place = Pick<MergedRow, "source" | "sourceRow" | "time" | "timeMillis">

/** The first place in a list whose row is not before `wanted`. */
const lowerBound = (rows: ReadonlyArray<MergedRow>, wanted: Place): number => {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareRows(rows[middle]!, wanted as MergedRow) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A new list, so that who holds the old one can compare; the same when nothing came. */
const merged = (held: Array<MergedRow>, news: ReadonlyArray<MergedRow>): Array<MergedRow> => {
  if (news.length === 0) return held
  let at = lowerBound(held, news[0]!)
  const rows = held.slice(0, at)
  for (const row of news) {
    while (at < held.length && compareRows(held[at]!, row) <= 0) rows.push(held[at++]!)
    rows.push(row)
  }
  while (at < held.length) rows.push(held[at++]!)
  return rows
}

const edgeOf = ({ time, timeMillis }: PageMessage, source: number, sourceRow: number): Place => ({
  timeMillis,
  time: sortable(time),
  source,
  sourceRow
})

/** Of two times in the same millisecond the one with further digits is later; the letter at the end would be in the way. */
const sortable = (time: string): string => time.replace(/Z$/, "")

const messageFrom = (rows: RowSource, from: number, by: 1 | -1): PageMessage | undefined => {
  for (let row = from; row >= rows.firstRow && row < rows.endRow; row += by) {
    const held = rows.rowAt(row)
    if (held?.kind === "message") return held.message
  }
  return undefined
}

/** Where a pool began anew is known when its first message is there: the page notices later than that. */
const placedEnd = (rows: RowSource, from: number): number => {
  let end = rows.endRow
  for (let row = end - 1; row >= from && rows.rowAt(row)?.kind !== "message"; row--) {
    if (rows.rowAt(row)?.kind === "recreated") end = row
  }
  return end
}

/** A row that is no message stands between its pool's messages, where they leave a choice at the time it tells of. */
const placeOf = (rows: RowSource, at: number, row: BufferRow): Pick<MergedRow, "time" | "timeMillis"> => {
  if (row.kind === "message") return { timeMillis: row.message.timeMillis, time: sortable(row.message.time) }
  const before = messageFrom(rows, at - 1, -1)
  const after = messageFrom(rows, at + 1, 1)
  const told = row.kind === "interruption" ? row.from : row.kind === "recreated" ? row.at : undefined
  if (after !== undefined && (told === undefined || told >= after.timeMillis)) {
    return { timeMillis: after.timeMillis, time: sortable(after.time) }
  }
  if (before !== undefined && (told === undefined || told <= before.timeMillis)) {
    return { timeMillis: before.timeMillis, time: sortable(before.time) }
  }
  const timeMillis = told ?? 0
  return { timeMillis, time: sortable(new Date(timeMillis).toISOString()) }
}
