/**
 * Text search over the rows that are held: in slices, so that typing never waits, and going on as messages arrive. What
 * is searched is a message's data as JSON text, its tags and its number.
 */
import type { BufferRow } from "./messageBuffer.js"
import type { PageMessage } from "./message.js"

export interface SearchQuery {
  readonly text: string
  readonly caseSensitive: boolean
  readonly regex: boolean
}

export interface TextSpan {
  readonly start: number
  readonly end: number
}

export interface Matcher {
  readonly matches: (message: PageMessage) => boolean
  /** Where the sought text is in `text`, in order, without overlap; at most 1,000. */
  readonly spansIn: (text: string) => ReadonlyArray<TextSpan>
}

export type CompiledSearch =
  | { readonly matcher: Matcher; readonly problem?: undefined }
  /** Why the expression cannot be used. */
  | { readonly problem: string; readonly matcher?: undefined }
  /** Nothing is sought. */
  | { readonly matcher?: undefined; readonly problem?: undefined }

const mostSpans = 1_000
/** A regular expression sees this much of a message, so that none can stop the page for long. */
const mostRegexUnits = 100_000

export const compileSearch = (query: SearchQuery): CompiledSearch => {
  if (query.text === "") return {}
  return query.regex ? compileRegex(query) : { matcher: textMatcher(query) }
}

const compileRegex = ({ caseSensitive, text }: SearchQuery): CompiledSearch => {
  if (repeatsRepetition(text)) {
    return {
      problem: "A repetition of a repetition, such as (a+)+, can take for ever. Write it without the inner one."
    }
  }
  let pattern: RegExp
  try {
    pattern = new RegExp(text, caseSensitive ? "gu" : "giu")
  } catch (error) {
    return { problem: (error as Error).message.replace(/^Invalid regular expression: /, "") }
  }
  const found = (searched: string): boolean => {
    pattern.lastIndex = 0
    return pattern.test(searched.slice(0, mostRegexUnits))
  }
  return {
    matcher: {
      matches: ({ dataText, seq, tags }) => found(dataText) || tags.some(found) || found(String(seq)),
      spansIn: (searched) => {
        const spans: Array<TextSpan> = []
        for (const match of searched.slice(0, mostRegexUnits).matchAll(pattern)) {
          if (match[0] !== "") spans.push({ start: match.index, end: match.index + match[0].length })
          if (spans.length === mostSpans) break
        }
        return spans
      }
    }
  }
}

/** A group that ends in an open repetition, or holds one, and is itself repeated without end. Classes and escapes aside. */
const repeatsRepetition = (pattern: string): boolean => {
  const plain = pattern.replace(/\\[^]/g, "x").replace(/\[[^\]]*\]/g, "x")
  const groups: Array<boolean> = []
  for (let index = 0; index < plain.length; index++) {
    const character = plain[index]!
    if (character === "(") groups.push(false)
    else if (character === ")") {
      const repeats = groups.pop() === true
      const isRepeated = /^(?:[*+]|\{\d+,\d*\})/.test(plain.slice(index + 1))
      if (repeats && isRepeated) return true
      if ((repeats || isRepeated) && groups.length > 0) groups[groups.length - 1] = true
    } else if (groups.length > 0 && /^(?:[*+]|\{\d+,\})/.test(plain.slice(index))) groups[groups.length - 1] = true
  }
  return false
}

const textMatcher = ({ caseSensitive, text }: SearchQuery): Matcher => {
  const fold = caseSensitive ? (searched: string) => searched : foldCase
  const sought = fold(text)
  // A quote or a line break within a string is written as an escape in the data's text.
  const escaped = JSON.stringify(sought).slice(1, -1)
  const found = (searched: string): boolean => {
    const folded = fold(searched)
    return folded.includes(sought) || (escaped !== sought && folded.includes(escaped))
  }
  return {
    matches: ({ dataText, seq, tags }) => found(dataText) || tags.some(found) || String(seq).includes(sought),
    spansIn: (searched) => {
      const folded = fold(searched)
      const spans = occurrences(folded, sought)
      return spans.length > 0 || escaped === sought ? spans : occurrences(folded, escaped)
    }
  }
}

/** Lower case, character by character where the whole would change its length and so shift every place behind it. */
const foldCase = (text: string): string => {
  const folded = text.toLowerCase()
  if (folded.length === text.length) return folded
  return Array.from(text, (character) => {
    const lower = character.toLowerCase()
    return lower.length === character.length ? lower : character
  }).join("")
}

const occurrences = (text: string, sought: string): Array<TextSpan> => {
  const spans: Array<TextSpan> = []
  for (
    let at = text.indexOf(sought);
    at >= 0 && spans.length < mostSpans;
    at = text.indexOf(sought, at + sought.length)
  ) {
    spans.push({ start: at, end: at + sought.length })
  }
  return spans
}

/** A text cut into what is sought and what is around it, for highlighting. */
export const highlighted = (
  text: string,
  spans: ReadonlyArray<TextSpan>
): ReadonlyArray<{ readonly text: string; readonly isHit: boolean }> => {
  const pieces: Array<{ text: string; isHit: boolean }> = []
  let from = 0
  for (const { end, start } of spans) {
    if (start > from) pieces.push({ text: text.slice(from, start), isHit: false })
    pieces.push({ text: text.slice(start, end), isHit: true })
    from = end
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isHit: false })
  return pieces
}

/** Where rows are looked up, by numbers that stay the same. */
export interface RowSource {
  readonly firstRow: number
  readonly endRow: number
  /** Rises with every change. */
  readonly version: number
  /** The rows that have been there all the time since the version was this. */
  readonly keptSince: (version: number) => { readonly firstRow: number; readonly endRow: number }
  readonly rowAt: (row: number) => BufferRow | undefined
}

const rowsPerLook = 64

/** The hits of one matcher over rows that come and go at both ends. */
export class Searcher {
  /** Ascending. */
  private hits: Array<number> = []
  /** Rows from here up to `end` have been looked at. */
  private start: number
  private end: number
  private version: number

  constructor(
    private readonly source: RowSource,
    private readonly matcher: Matcher
  ) {
    this.start = source.endRow
    this.end = source.endRow
    this.version = source.version
  }

  /**
   * Looks at rows, newest first, until all are done or the time is up; `now` is any clock in milliseconds. True when
   * there is nothing left to look at.
   */
  work(budgetMillis: number, now: () => number): boolean {
    const until = now() + budgetMillis
    this.forget()
    const { endRow, firstRow } = this.source
    while (this.end < endRow || this.start > firstRow) {
      if (this.end < endRow) this.lookForward(Math.min(endRow, this.end + rowsPerLook))
      else this.lookBack(Math.max(firstRow, this.start - rowsPerLook))
      if (now() >= until) break
    }
    return this.isDone
  }

  get isDone(): boolean {
    return this.end >= this.source.endRow && this.start <= this.source.firstRow
  }

  /** Rows with hits, ascending. The list is the searcher's own and grows. */
  get hitRows(): ReadonlyArray<number> {
    this.forget()
    return this.hits
  }

  /** The next hit behind `row`, or the first one when there is none. */
  next(row: number): number | undefined {
    const hits = this.hitRows
    return hits[firstAbove(hits, row)] ?? hits[0]
  }

  /** The last hit before `row`, or the last of all when there is none. */
  previous(row: number): number | undefined {
    const hits = this.hitRows
    return hits[firstAbove(hits, row - 1) - 1] ?? hits.at(-1)
  }

  /** Which hit this row is, counted from 1; 0 when it is none. */
  placeOf(row: number): number {
    const hits = this.hitRows
    const place = firstAbove(hits, row - 1)
    return hits[place] === row ? place + 1 : 0
  }

  private lookForward(end: number): void {
    for (let row = this.end; row < end; row++) if (this.isHit(row)) this.hits.push(row)
    this.end = end
  }

  private lookBack(start: number): void {
    const found: Array<number> = []
    for (let row = start; row < this.start; row++) if (this.isHit(row)) found.push(row)
    if (found.length > 0) this.hits = [...found, ...this.hits]
    this.start = start
  }

  private isHit(row: number): boolean {
    const held = this.source.rowAt(row)
    return held?.kind === "message" && this.matcher.matches(held.message)
  }

  /** What has fallen out at either end is no hit any more. */
  private forget(): void {
    const { version } = this.source
    if (version === this.version) return
    const { endRow, firstRow } = this.source.keptSince(this.version)
    this.version = version
    this.start = Math.min(Math.max(this.start, firstRow), endRow)
    this.end = Math.max(this.start, Math.min(this.end, endRow))
    const { hits } = this
    if (hits.length > 0 && (hits[0]! < this.start || hits.at(-1)! >= this.end)) {
      this.hits = hits.slice(firstAbove(hits, this.start - 1), firstAbove(hits, this.end - 1))
    }
  }
}

const firstAbove = (ascending: ReadonlyArray<number>, value: number): number => {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}
