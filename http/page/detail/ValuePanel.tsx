/**
 * The value that is chosen in the tree: its path, its text with line breaks as such, what it may mean, and filters made
 * of it.
 */
import { usePage, useZone } from "../data/Page.js"
import { useDerived } from "../data/Signal.js"
import { printExact } from "../logic/exactJson.js"
import { conditionFor } from "../logic/fieldPaths.js"
import { recognise, type Recognised } from "../logic/recognise.js"
import { rowPath, type TreeRow } from "../logic/tree.js"
import { copyText } from "../shell/Clipboard.js"
import { Icon } from "../shell/Icon.js"

/** A longer text is copied whole, but not drawn whole. */
const mostShown = 20_000

export const ValuePanel = ({ row }: { readonly row: TreeRow }) => {
  const page = usePage()
  const zone = useZone()
  const where = useDerived(page.router, ({ where }) => where)
  const columns = useDerived(page.router, ({ columns }) => columns)
  const { value } = row
  const path = rowPath(row)
  /** Of a large value this takes as long as all the rest: only when somebody wants it. */
  const textOf = (): string => (value.kind === "string" ? value.value : printExact(value, 2))
  const shown = value.kind === "string" || value.kind === "number" ? textOf() : undefined
  const meaning = recognise(value, { key: row.key, zone, now: page.clock.value })
  const addCondition = (isExcluded: boolean): void => {
    const condition = conditionFor(row.path, value, isExcluded)
    if (condition !== undefined) page.router.change({ where: [...new Set([...where, condition])] })
  }
  const canFilter = conditionFor(row.path, value, false) !== undefined
  const isPinned = columns.includes(path)
  return (
    <div class="value-panel">
      <code class="path">{path}</code>
      {shown === undefined ? null : <pre>{shown.length > mostShown ? `${shown.slice(0, mostShown)}…` : shown}</pre>}
      {meaning === undefined ? null : <Meaning meaning={meaning} />}
      <div class="actions">
        <button type="button" class="button small" onClick={() => void copyText(page, textOf(), "Value")}>
          <Icon name="copy" />
          Copy value
        </button>
        <button type="button" class="button small" onClick={() => void copyText(page, path, "Path")}>
          Copy path
        </button>
        {canFilter ? (
          <>
            <button type="button" class="button small" data-testid="filter-by" onClick={() => addCondition(false)}>
              Filter by this
            </button>
            <button type="button" class="button small" data-testid="filter-out" onClick={() => addCondition(true)}>
              Exclude this
            </button>
          </>
        ) : null}
        <button
          type="button"
          class="button small"
          aria-pressed={isPinned}
          data-testid="pin-column"
          onClick={() =>
            page.router.change({ columns: isPinned ? columns.filter((column) => column !== path) : [...columns, path] })
          }
        >
          <Icon name="columns" />
          {isPinned ? "Unpin" : "Pin as column"}
        </button>
      </div>
    </div>
  )
}

const Meaning = ({ meaning }: { readonly meaning: Recognised }) => {
  switch (meaning.kind) {
    case "link":
      return (
        <p>
          <a href={meaning.href} target="_blank" rel="noopener noreferrer">
            Open the link
          </a>
        </p>
      )
    case "stack":
      return (
        <pre aria-label="Stack trace">
          {meaning.lines.map((line, index) => (
            <div key={index}>{line}</div>
          ))}
        </pre>
      )
    case "encoded":
      return <pre aria-label="Decoded from base64">{meaning.text}</pre>
    default:
      return <p class="muted">{meaning.text}</p>
  }
}
