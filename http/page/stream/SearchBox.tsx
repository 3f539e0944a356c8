/**
 * The search field with its switches, the count of hits and the steps between them.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { formatCount } from "../logic/format.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"
import type { Search } from "./useSearch.js"

export const SearchBox = ({ search }: { readonly search: Search }) => {
  const { router } = usePage()
  const view = useSignal(router)
  const hasText = view.search !== ""
  const countText =
    !hasText || search.problem !== undefined
      ? ""
      : `${search.place === 0 ? "" : `${formatCount(search.place)} / `}${formatCount(search.count)}${search.isWorking ? "…" : ""}`
  return (
    <div class="filter-box search">
      <div class={search.problem === undefined ? "combo" : "combo invalid"} role="search">
        <Icon name="search" />
        <input
          placeholder="Search in what is loaded"
          aria-label="Search in what is loaded"
          aria-invalid={search.problem !== undefined}
          autocomplete="off"
          spellcheck={false}
          data-testid={testIds.searchField}
          value={view.search}
          onInput={({ currentTarget }) => router.change({ search: currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return
            event.preventDefault()
            search.step(event.shiftKey ? -1 : 1)
          }}
        />
        <span class="count" data-testid={testIds.searchCount}>
          {countText}
        </span>
        <button
          type="button"
          class="button plain small"
          aria-pressed={view.searchCase}
          aria-label="Match case"
          title="Match case"
          onClick={() => router.change({ searchCase: !view.searchCase })}
        >
          Aa
        </button>
        <button
          type="button"
          class="button plain small"
          aria-pressed={view.searchRegex}
          aria-label="Regular expression"
          title="Regular expression"
          onClick={() => router.change({ searchRegex: !view.searchRegex })}
        >
          .*
        </button>
        <button
          type="button"
          class="button plain small"
          aria-label="Previous hit"
          title="Previous hit (Shift Enter)"
          data-testid={testIds.searchPrevious}
          disabled={search.count === 0}
          onClick={() => search.step(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          class="button plain small"
          aria-label="Next hit"
          title="Next hit (Enter)"
          data-testid={testIds.searchNext}
          disabled={search.count === 0}
          onClick={() => search.step(1)}
        >
          <Icon name="down" />
        </button>
      </div>
      {search.problem === undefined ? null : (
        <span class="problem" role="alert" data-testid={testIds.searchProblem}>
          {search.problem}
        </span>
      )}
    </div>
  )
}
