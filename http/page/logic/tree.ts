/**
 * A JSON value as the rows of a tree that are visible: what is closed costs nothing, and a container with very many
 * children shows them a thousand at a time. Rows know their path in jq's words.
 */
import { jqPath, type ExactPath, type ExactValue } from "./exactJson.js"

export interface TreeRow {
  /** The same for the same place in the value, whatever is open. */
  readonly id: string
  readonly depth: number
  readonly path: ExactPath
  /** A member's name, an index, or undefined for the root. */
  readonly key: string | number | undefined
  readonly value: ExactValue
  readonly childCount: number
  /** Undefined for what has no children. */
  readonly isOpen: boolean | undefined
  /** Instead of a child: stands for those that are not shown yet. */
  readonly hiddenCount?: number
}

/** Children of one container shown at first, and with each wish for more. */
export const childrenPerPage = 1_000
/** Opening everything stops here: no screen shows more, and no page survives much more. */
const mostOpened = 20_000

export class JsonTree {
  private readonly open = new Set<string>()
  private readonly shown = new Map<string, number>()
  private visible: ReadonlyArray<TreeRow> | undefined

  /** Open down to `depth` levels: 1 shows the root's members. `base` is where the value lies in its message. */
  constructor(
    readonly root: ExactValue,
    private readonly base: ExactPath = ["data"],
    depth = 1
  ) {
    this.openTo(depth)
  }

  /** From top to bottom. The same array until something is opened or closed. */
  get rows(): ReadonlyArray<TreeRow> {
    if (this.visible === undefined) {
      const rows: Array<TreeRow> = []
      this.collect(this.root, this.base, undefined, 0, rows)
      this.visible = rows
    }
    return this.visible
  }

  toggle(row: TreeRow): void {
    this.setOpen(row, row.isOpen !== true)
  }

  setOpen(row: TreeRow, isOpen: boolean): void {
    if (row.isOpen === undefined || row.isOpen === isOpen) return
    if (isOpen) this.open.add(row.id)
    else this.open.delete(row.id)
    this.visible = undefined
  }

  /** Closes what is deeper, opens what is not. */
  openTo(depth: number): void {
    this.open.clear()
    this.openBelow(this.root, this.base, depth)
    this.visible = undefined
  }

  openAll(): void {
    this.openTo(Number.POSITIVE_INFINITY)
  }

  /** The next thousand children, asked for at a row with a `hiddenCount`. */
  showMore(row: TreeRow): void {
    if (row.hiddenCount === undefined) return
    const id = idOf(row.path)
    this.shown.set(id, this.shownIn(id) + childrenPerPage)
    this.visible = undefined
  }

  /** The place of the row that holds this one; -1 for the root. */
  parentIndex(index: number): number {
    const depth = this.rows[index]?.depth ?? 0
    for (let above = index - 1; above >= 0; above--) if (this.rows[above]!.depth < depth) return above
    return -1
  }

  private shownIn(id: string): number {
    return this.shown.get(id) ?? childrenPerPage
  }

  private collect(
    value: ExactValue,
    path: ExactPath,
    key: string | number | undefined,
    depth: number,
    rows: Array<TreeRow>
  ): void {
    const id = idOf(path)
    const childCount = countOf(value)
    const isOpen = childCount === 0 ? undefined : this.open.has(id)
    rows.push({ id, depth, path, key, value, childCount, isOpen })
    if (isOpen !== true) return
    const end = Math.min(childCount, this.shownIn(id))
    for (let index = 0; index < end; index++) {
      const [childKey, child] = childAt(value, index)
      this.collect(child, [...path, childKey], childKey, depth + 1, rows)
    }
    if (end < childCount) {
      const hiddenCount = childCount - end
      rows.push({
        id: `${id}+`,
        depth: depth + 1,
        path,
        key: undefined,
        value,
        childCount: 0,
        isOpen: undefined,
        hiddenCount
      })
    }
  }

  /** Level by level, so that what is opened before the limit is what lies highest. */
  private openBelow(root: ExactValue, base: ExactPath, depth: number): void {
    let level: Array<readonly [ExactValue, ExactPath]> = [[root, base]]
    let opened = 0
    for (let at = 0; at < depth && level.length > 0; at++) {
      const next: Array<readonly [ExactValue, ExactPath]> = []
      for (const [value, path] of level) {
        const childCount = Math.min(countOf(value), childrenPerPage)
        if (childCount === 0) continue
        if (opened > 0 && opened + childCount > mostOpened) return
        opened += childCount
        this.open.add(idOf(path))
        for (let index = 0; index < childCount; index++) {
          const [key, child] = childAt(value, index)
          if (countOf(child) > 0) next.push([child, [...path, key]])
        }
      }
      level = next
    }
  }
}

const countOf = (value: ExactValue): number =>
  value.kind === "array" ? value.items.length : value.kind === "object" ? value.members.length : 0

const childAt = (value: ExactValue, index: number): readonly [string | number, ExactValue] => {
  if (value.kind === "array") return [index, value.items[index]!]
  if (value.kind !== "object") throw new Error("only arrays and objects have children")
  const member = value.members[index]!
  return [member.key, member.value]
}

/** Distinct for distinct paths, other than jq's text, where `["1"]` and `[1]` could be mistaken for each other. */
const idOf = (path: ExactPath): string => JSON.stringify(path)

/** The row's path in jq's words, for copying. */
export const rowPath = (row: TreeRow): string => jqPath(row.path)

/** `3 items`, `{…} 5 members`: a closed container in a few words. */
export const countText = (value: ExactValue): string => {
  const count = countOf(value)
  if (value.kind === "array") return count === 1 ? "1 item" : `${count} items`
  if (value.kind === "object") return count === 1 ? "1 member" : `${count} members`
  return ""
}
