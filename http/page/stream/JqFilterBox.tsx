/**
 * The jq filter. An expression is tried on the server before it is taken; one that is wrong is said beside the field and
 * changes nothing.
 */
import { useRef, useState } from "preact/hooks"
import { filterProblem } from "../data/History.js"
import { usePage } from "../data/Page.js"
import { readStored, store } from "../data/Preferences.js"
import type { PoolSession } from "../data/PoolSession.js"
import { hasFeature } from "../data/ServerInfo.js"
import { useSignal } from "../data/Signal.js"
import { compileFilter } from "../logic/jqFilter.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"

const storageKey = "plasmite.jq"
const mostRecent = 20

interface Suggestion {
  readonly text: string
  readonly detail: string
  readonly insert: () => void
}

export const JqFilterBox = ({ pool }: { readonly pool: PoolSession }) => {
  const { client, router, server } = usePage()
  const { where } = useSignal(router)
  const facts = useSignal(server)
  const [text, setText] = useState("")
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [isOpen, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const [isChecking, setChecking] = useState(false)
  const field = useRef<HTMLInputElement>(null)

  const insert = (start: number, end: number, replacement: string): void => {
    const next = text.slice(0, start) + replacement + text.slice(end)
    setText(next)
    setAt(-1)
    setTimeout(() => field.current?.setSelectionRange(start + replacement.length, start + replacement.length))
  }
  const suggestions = (): ReadonlyArray<Suggestion> => {
    if (!isOpen) return []
    const cursor = field.current?.selectionStart ?? text.length
    if (text === "") {
      return readStored<ReadonlyArray<string>>(storageKey, [])
        .filter((recent) => !where.includes(recent))
        .slice(0, 8)
        .map((recent) => ({ text: recent, detail: "recent", insert: () => setText(recent) }))
    }
    return pool.arrivals.fieldPaths.completions(text, cursor).map(({ detail, end, insert: path, start }) => ({
      text: path,
      detail,
      insert: () => insert(start, end, path)
    }))
  }
  const shown = suggestions()

  const submit = async (): Promise<void> => {
    const expression = text.trim()
    if (expression === "") return
    setOpen(false)
    if (hasFeature(facts, "where")) {
      setChecking(true)
      const found = await filterProblem(client, pool.pool, [...where, expression])
      setChecking(false)
      if (found !== undefined) return setProblem(found)
    } else {
      const compiled = compileFilter(expression)
      if (compiled.problem !== undefined) return setProblem(compiled.problem.message)
    }
    setProblem(undefined)
    setText("")
    const recent = readStored<ReadonlyArray<string>>(storageKey, []).filter((held) => held !== expression)
    store(storageKey, [expression, ...recent].slice(0, mostRecent))
    router.change({ where: [...new Set([...where, expression])] })
  }
  const remove = (expression: string): void => router.change({ where: where.filter((held) => held !== expression) })

  const onKeyDown = (event: KeyboardEvent): void => {
    const chosen = shown[at]
    if (event.key === "Enter" || (event.key === "Tab" && chosen !== undefined)) {
      if (chosen !== undefined) chosen.insert()
      else void submit()
    } else if (event.key === "ArrowDown") setAt(Math.min(at + 1, shown.length - 1))
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, -1))
    else if (event.key === "Backspace" && text === "" && where.length > 0) return remove(where.at(-1)!)
    else return
    event.preventDefault()
  }
  return (
    <div class="filter-box jq">
      <div class={problem === undefined ? "combo" : "combo invalid"}>
        <Icon name="filter" />
        {where.map((expression) => (
          <button
            type="button"
            key={expression}
            class="condition"
            title={`Remove ${expression}`}
            data-testid={testIds.conditionRemove}
            onClick={() => {
              remove(expression)
              setText(expression)
              field.current?.focus()
            }}
          >
            {expression} ×
          </button>
        ))}
        <input
          ref={field}
          class="mono"
          placeholder={where.length === 0 ? 'jq filter, such as .data.level == "error"' : ""}
          aria-label="jq filter"
          role="combobox"
          aria-expanded={shown.length > 0}
          aria-controls="jq-suggestions"
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : "jq-problem"}
          aria-busy={isChecking}
          autocomplete="off"
          spellcheck={false}
          data-testid={testIds.jqField}
          value={text}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setProblem(undefined)
            setOpen(true)
            setAt(-1)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {problem === undefined ? null : (
        <span class="problem" id="jq-problem" role="alert" data-testid={testIds.jqProblem}>
          {problem}
        </span>
      )}
      {shown.length > 0 ? (
        <div class="menu left suggestions" id="jq-suggestions" role="listbox" aria-label="Completions">
          {shown.map((suggestion, index) => (
            <div
              key={suggestion.text}
              role="option"
              class="menu-item"
              aria-selected={index === at}
              onPointerDown={(event) => {
                event.preventDefault()
                suggestion.insert()
              }}
            >
              <code class="truncate">{suggestion.text}</code>
              <span class="muted">{suggestion.detail}</span>
            </div>
          ))}
        </div>
      ) : null}
    </div>
  )
}
