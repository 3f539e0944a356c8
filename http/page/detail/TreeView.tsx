/**
 * A value as a tree that opens and closes. Only the rows on the screen exist, so a value with very many members opens as
 * fast as a small one. Keys do what they do in every tree.
 */
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks"
import type { ExactValue } from "../logic/exactJson.js"
import { countText, JsonTree, type TreeRow } from "../logic/tree.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"
import { ValuePanel } from "./ValuePanel.js"

const rowHeight = 22
const overscan = 10
const indent = 16
const mostText = 400

export const TreeView = ({ value }: { readonly value: ExactValue }) => {
  const tree = useMemo(() => new JsonTree(value, ["data"], 2), [value])
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0)
  const [at, setAt] = useState(0)
  const [hasChosen, setChosen] = useState(false)
  const [scrollTop, setScrollTop] = useState(0)
  const [height, setHeight] = useState(400)
  const element = useRef<HTMLDivElement>(null)
  const { rows } = tree

  useLayoutEffect(() => {
    const tree = element.current
    if (tree === null) return
    const observer = new ResizeObserver(() => setHeight(tree.clientHeight))
    observer.observe(tree)
    return () => observer.disconnect()
  }, [])

  const go = (index: number): void => {
    const next = Math.min(Math.max(index, 0), rows.length - 1)
    setAt(next)
    setChosen(true)
    const scroller = element.current
    if (scroller === null) return
    const top = next * rowHeight
    if (top < scroller.scrollTop) scroller.scrollTop = top
    else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTop = top + rowHeight - scroller.clientHeight
  }
  const change = (row: TreeRow, isOpen: boolean): void => {
    if (row.hiddenCount !== undefined) tree.showMore(row)
    else tree.setOpen(row, isOpen)
    redraw()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[at]
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    switch (event.key) {
      case "ArrowDown":
        go(at + 1)
        break
      case "ArrowUp":
        go(at - 1)
        break
      case "Home":
        go(0)
        break
      case "End":
        go(rows.length - 1)
        break
      case "ArrowRight":
        if (row.isOpen === false || row.hiddenCount !== undefined) change(row, true)
        else go(at + 1)
        break
      case "ArrowLeft":
        if (row.isOpen === true) change(row, false)
        else go(tree.parentIndex(at))
        break
      case "Enter":
      case " ":
        change(row, row.isOpen !== true)
        break
      case "*":
        tree.openAll()
        redraw()
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan)
  const end = Math.min(rows.length, Math.ceil((scrollTop + height) / rowHeight) + overscan)
  const chosen = hasChosen ? rows[at] : undefined
  return (
    <>
      <div class="detail-tools">
        <button
          type="button"
          class="button plain small"
          onClick={() => {
            tree.openAll()
            redraw()
          }}
        >
          Expand all
        </button>
        {[1, 2, 3].map((depth) => (
          <button
            type="button"
            key={depth}
            class="button plain small"
            aria-label={`Expand to depth ${depth}`}
            onClick={() => {
              tree.openTo(depth)
              redraw()
            }}
          >
            {depth}
          </button>
        ))}
        <button
          type="button"
          class="button plain small"
          onClick={() => {
            tree.openTo(0)
            redraw()
          }}
        >
          Collapse
        </button>
      </div>
      <div
        ref={element}
        class="tree"
        role="tree"
        aria-label="Data"
        tabIndex={0}
        aria-activedescendant={hasChosen ? `tree-${at}` : undefined}
        data-testid={testIds.tree}
        onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ height: `${rows.length * rowHeight}px`, position: "relative" }}>
          <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
            {rows.slice(first, end).map((row, offset) => {
              const index = first + offset
              return (
                <TreeRowView
                  key={row.id}
                  row={row}
                  index={index}
                  isSelected={hasChosen && index === at}
                  onSelect={() => go(index)}
                  onToggle={() => change(row, row.isOpen !== true)}
                />
              )
            })}
          </div>
        </div>
      </div>
      {chosen === undefined || chosen.hiddenCount !== undefined ? null : <ValuePanel row={chosen} />}
    </>
  )
}

interface TreeRowProps {
  readonly row: TreeRow
  readonly index: number
  readonly isSelected: boolean
  readonly onSelect: () => void
  readonly onToggle: () => void
}

const TreeRowView = ({ index, isSelected, onSelect, onToggle, row }: TreeRowProps) => (
  <div
    role="treeitem"
    id={`tree-${index}`}
    class="tree-row"
    aria-level={row.depth + 1}
    aria-expanded={row.isOpen}
    aria-selected={isSelected}
    style={{ paddingLeft: `${8 + row.depth * indent}px` }}
    data-testid={testIds.treeRow}
    onClick={() => {
      onSelect()
      if (row.hiddenCount !== undefined) onToggle()
    }}
    onDblClick={onToggle}
  >
    {row.isOpen === undefined ? (
      <span class="tree-toggle" />
    ) : (
      <button
        type="button"
        class={row.isOpen ? "tree-toggle open" : "tree-toggle"}
        tabIndex={-1}
        aria-label={row.isOpen ? "Collapse" : "Expand"}
        onClick={(event) => {
          event.stopPropagation()
          onToggle()
        }}
      >
        <Icon name="chevron" />
      </button>
    )}
    <span class="tree-value">
      {row.hiddenCount !== undefined ? (
        <span class="json-count">Show more of {row.hiddenCount} not shown…</span>
      ) : (
        <>
          {row.key === undefined ? null : (
            <span class="key">{typeof row.key === "number" ? row.key : keyText(row.key)}: </span>
          )}
          <ValueText row={row} />
        </>
      )}
    </span>
  </div>
)

const keyText = (key: string): string => (/^[\w$-]+$/.test(key) ? key : JSON.stringify(key))

const ValueText = ({ row: { isOpen, value } }: { readonly row: TreeRow }) => {
  switch (value.kind) {
    case "string": {
      const text = value.value.length > mostText ? `${value.value.slice(0, mostText)}…` : value.value
      return <span class="json-string">{JSON.stringify(text)}</span>
    }
    case "number":
      return <span class="json-number">{value.text}</span>
    case "boolean":
      return <span class="json-boolean">{String(value.value)}</span>
    case "null":
      return <span class="json-null">null</span>
    case "array":
      return <span class="json-count">{isOpen === true ? "[" : `[ ${countText(value)} ]`}</span>
    case "object":
      return <span class="json-count">{isOpen === true ? "{" : `{ ${countText(value)} }`}</span>
  }
}
