/**
 * Which tags a message must have, and must not have: typed, or chosen from those that were seen, with their counts.
 */
import { useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useSignal } from "../data/Signal.js"
import { formatShortCount } from "../logic/format.js"
import { tagHue } from "../logic/summary.js"
import { parseTagText, toggleTag } from "../logic/tagFilter.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"

const mostSuggestions = 12

export const TagFilterBox = ({ pool }: { readonly pool: PoolSession }) => {
  const { router } = usePage()
  const { tags, withoutTags } = useSignal(router)
  const [text, setText] = useState("")
  const [isOpen, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const isExclude = text.startsWith("-")
  const typed = isExclude ? text.slice(1) : text
  const suggestions = isOpen
    ? pool.arrivals.tags
        .top(mostSuggestions, typed)
        .filter(({ tag }) => !tags.includes(tag) && !withoutTags.includes(tag))
    : []
  const apply = (include: ReadonlyArray<string>, exclude: ReadonlyArray<string>): void => {
    router.change({
      tags: [...new Set([...tags, ...include])],
      withoutTags: [...new Set([...withoutTags, ...exclude])]
    })
    setText("")
    setAt(-1)
  }
  const pick = (tag: string, exclude: boolean): void => (exclude ? apply([], [tag]) : apply([tag], []))
  const remove = (tag: string, side: "include" | "exclude"): void => {
    const next = toggleTag({ include: tags, exclude: withoutTags }, tag, side)
    router.change({ tags: next.include, withoutTags: next.exclude })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") {
      const chosen = suggestions[at]
      if (chosen !== undefined) pick(chosen.tag, isExclude)
      else {
        const { exclude, include } = parseTagText(text)
        if (include.length + exclude.length > 0) apply(include, exclude)
      }
    } else if (event.key === "ArrowDown") setAt(Math.min(at + 1, suggestions.length - 1))
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, -1))
    else if (event.key === "Backspace" && text === "") {
      const last = withoutTags.at(-1) ?? tags.at(-1)
      if (last !== undefined) remove(last, withoutTags.includes(last) ? "exclude" : "include")
      return
    } else return
    event.preventDefault()
  }
  return (
    <div class="filter-box tags" data-testid={testIds.tagFilter}>
      <div class="combo">
        <Icon name="tag" />
        {tags.map((tag) => (
          <button
            type="button"
            key={`+${tag}`}
            class="pill"
            style={{ "--hue": String(tagHue(tag)) }}
            aria-label={`Remove the filter for tag ${tag}`}
            onClick={() => remove(tag, "include")}
          >
            {tag} ×
          </button>
        ))}
        {withoutTags.map((tag) => (
          <button
            type="button"
            key={`-${tag}`}
            class="pill exclude"
            style={{ "--hue": String(tagHue(tag)) }}
            aria-label={`Show messages with tag ${tag} again`}
            onClick={() => remove(tag, "exclude")}
          >
            {tag} ×
          </button>
        ))}
        <input
          placeholder={tags.length + withoutTags.length === 0 ? "Tags" : ""}
          aria-label="Filter by tag; a minus in front excludes"
          title="Filter by tag. A minus in front excludes."
          role="combobox"
          aria-expanded={suggestions.length > 0}
          aria-controls="tag-suggestions"
          autocomplete="off"
          spellcheck={false}
          data-testid={testIds.tagField}
          value={text}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setOpen(true)
            setAt(-1)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {suggestions.length > 0 ? (
        <div class="menu left suggestions" id="tag-suggestions" role="listbox" aria-label="Tags seen">
          {suggestions.map(({ count, tag }, index) => (
            <div
              key={tag}
              role="option"
              class="menu-item"
              aria-selected={index === at}
              onPointerDown={(event) => {
                event.preventDefault()
                pick(tag, isExclude || event.altKey || event.shiftKey)
              }}
            >
              <span class="pill" style={{ "--hue": String(tagHue(tag)) }}>
                {tag}
              </span>
              <span class="muted">
                {formatShortCount(count)} · {Math.round((count / Math.max(1, pool.arrivals.tags.messageCount)) * 100)} %
              </span>
            </div>
          ))}
        </div>
      ) : null}
    </div>
  )
}
