/**
 * The structural difference of two JSON values: by member and by index, in the order of the first value, with what only
 * the second has behind it. The order of members makes no difference; the spelling of a number does.
 */
import { memberOf, printExact, type ExactPath, type ExactValue } from "./exactJson.js"

export interface DiffRow {
  readonly kind: "same" | "added" | "removed" | "changed"
  readonly path: ExactPath
  /** Undefined where only the second value has something. */
  readonly before: ExactValue | undefined
  readonly after: ExactValue | undefined
}

export interface Diff {
  /** `same` rows stand for whole values that are equal; containers that differ inside have rows for their parts only. */
  readonly rows: ReadonlyArray<DiffRow>
  readonly added: number
  readonly removed: number
  readonly changed: number
}

export const diffValues = (before: ExactValue, after: ExactValue, path: ExactPath = ["data"]): Diff => {
  const rows: Array<DiffRow> = []
  compare(before, after, path, rows)
  const count = (kind: DiffRow["kind"]): number => rows.filter((row) => row.kind === kind).length
  return { rows, added: count("added"), removed: count("removed"), changed: count("changed") }
}

const compare = (before: ExactValue, after: ExactValue, path: ExactPath, rows: Array<DiffRow>): void => {
  if (equalExact(before, after)) rows.push({ kind: "same", path, before, after })
  else if (before.kind === "object" && after.kind === "object") compareObjects(before, after, path, rows)
  else if (before.kind === "array" && after.kind === "array") compareArrays(before.items, after.items, path, rows)
  else rows.push({ kind: "changed", path, before, after })
}

type ExactObject = Extract<ExactValue, { readonly kind: "object" }>

const compareObjects = (before: ExactObject, after: ExactObject, path: ExactPath, rows: Array<DiffRow>): void => {
  for (const key of keysOf(before)) {
    const left = memberOf(before, key)!
    const right = memberOf(after, key)
    if (right === undefined) rows.push({ kind: "removed", path: [...path, key], before: left, after: undefined })
    else compare(left, right, [...path, key], rows)
  }
  const known = keysOf(before)
  for (const key of keysOf(after)) {
    if (!known.has(key))
      rows.push({ kind: "added", path: [...path, key], before: undefined, after: memberOf(after, key) })
  }
}

/**
 * What both begin and end with is paired, so that an item put in between is one row. What is left is compared by place,
 * which is what readers expect of lists of unlike things.
 */
const compareArrays = (
  before: ReadonlyArray<ExactValue>,
  after: ReadonlyArray<ExactValue>,
  path: ExactPath,
  rows: Array<DiffRow>
): void => {
  const shared = Math.min(before.length, after.length)
  let head = 0
  while (head < shared && equalExact(before[head]!, after[head]!)) head++
  let tail = 0
  while (tail < shared - head && equalExact(before.at(-1 - tail)!, after.at(-1 - tail)!)) tail++
  const [beforeEnd, afterEnd] = [before.length - tail, after.length - tail]
  for (let index = 0; index < Math.max(before.length, after.length - tail); index++) {
    const [left, right] = [before[index], after[index]]
    if (index < head) rows.push({ kind: "same", path: [...path, index], before: left, after: right })
    else if (index < beforeEnd && index < afterEnd) compare(left!, right!, [...path, index], rows)
    else if (index < beforeEnd) rows.push({ kind: "removed", path: [...path, index], before: left, after: undefined })
    else if (index < afterEnd) rows.push({ kind: "added", path: [...path, index], before: undefined, after: right })
    else break
  }
  for (let index = 0; index < tail; index++) {
    const place = afterEnd + index
    rows.push({ kind: "same", path: [...path, place], before: before[beforeEnd + index], after: after[place] })
  }
}

const keysOf = (value: ExactObject): ReadonlySet<string> => new Set(value.members.map(({ key }) => key))

/** The same value, whatever the order of members. */
export const equalExact = (left: ExactValue, right: ExactValue): boolean => {
  if (left.kind === "array" && right.kind === "array") {
    return (
      left.items.length === right.items.length && left.items.every((item, at) => equalExact(item, right.items[at]!))
    )
  }
  if (left.kind === "object" && right.kind === "object") {
    const keys = keysOf(left)
    if (keys.size !== keysOf(right).size) return false
    for (const key of keys) {
      const other = memberOf(right, key)
      if (other === undefined || !equalExact(memberOf(left, key)!, other)) return false
    }
    return true
  }
  return left.kind === right.kind && printExact(left) === printExact(right)
}
