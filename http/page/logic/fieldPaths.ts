/**
 * The paths that messages were seen to have, for completing them in the filter field and for choosing columns. Only
 * the first members of the first levels are collected, and only so many paths.
 */
import { jqPath, parseExact, type ExactPath, type ExactValue } from "./exactJson.js"
import type { PageMessage } from "./message.js"

export interface Completion {
  /** To be put between `start` and `end` of the text. */
  readonly insert: string
  /** What kind of value is there, as seen last. */
  readonly detail: string
  readonly start: number
  readonly end: number
}

interface SeenPath {
  count: number
  kind: ExactValue["kind"]
}

const deepest = 5
const mostPaths = 1_000
const mostMembers = 100
const mostTextUnits = 65_536

export class FieldPaths {
  private readonly seen = new Map<string, SeenPath>()

  /** Looks at one message; a sample of them is enough. */
  add(message: PageMessage): void {
    this.count(".seq", "number")
    this.count(".time", "string")
    this.count(".meta.tags", "array")
    if (message.dataText.length <= mostTextUnits) this.collect(parseExact(message.dataText), ["data"])
  }

  clear(): void {
    this.seen.clear()
  }

  /** All paths, those seen most often first. */
  paths(): ReadonlyArray<{ readonly path: string; readonly count: number; readonly kind: ExactValue["kind"] }> {
    return [...this.seen]
      .map(([path, { count, kind }]) => ({ path, count, kind }))
      .sort((left, right) => right.count - left.count || (left.path < right.path ? -1 : 1))
  }

  /** What the path at the cursor may go on to, best first. Nothing within a string or behind something else. */
  completions(text: string, cursor: number, most = 12): ReadonlyArray<Completion> {
    const before = text.slice(0, cursor)
    if (isInString(before)) return []
    const typed = /(?:^|[^\w)\].])((?:\.(?:[A-Za-z_]\w*|\["(?:[^"\\]|\\.)*"\]))*\.[A-Za-z_]?\w*)$/.exec(before)?.[1]
    if (typed === undefined) return []
    const wanted = typed.toLowerCase()
    return this.paths()
      .filter(({ path }) => path.toLowerCase().startsWith(wanted) && path !== typed)
      .slice(0, most)
      .map(({ kind, path }) => ({ insert: path, detail: kind, start: cursor - typed.length, end: cursor }))
  }

  private collect(value: ExactValue, path: ExactPath): void {
    this.count(jqPath(path), value.kind)
    if (value.kind !== "object" || path.length > deepest) return
    for (const { key, value: inner } of value.members.slice(0, mostMembers)) this.collect(inner, [...path, key])
  }

  private count(path: string, kind: ExactValue["kind"]): void {
    const seen = this.seen.get(path)
    if (seen !== undefined) {
      seen.count++
      seen.kind = kind
    } else if (this.seen.size < mostPaths) this.seen.set(path, { count: 1, kind })
  }
}

/** Whether an odd quote is open at the end. Quotes within paths, `["a b"]`, are closed. */
const isInString = (text: string): boolean => (text.replace(/\\[^]/g, "").match(/"/g)?.length ?? 0) % 2 === 1

/** A jq condition on one value: what "filter by this" and "exclude this" add. */
export const conditionFor = (path: ExactPath, value: ExactValue, isExcluded: boolean): string | undefined => {
  const operator = isExcluded ? "!=" : "=="
  switch (value.kind) {
    case "null":
      return `${jqPath(path)} ${operator} null`
    case "boolean":
      return `${jqPath(path)} ${operator} ${value.value}`
    case "number":
      return `${jqPath(path)} ${operator} ${value.text}`
    case "string":
      return `${jqPath(path)} ${operator} ${JSON.stringify(value.value)}`
    default:
      return undefined
  }
}
