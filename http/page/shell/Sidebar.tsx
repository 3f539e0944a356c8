/**
 * The column with the way to the overview and to each pool. On narrow screens a drawer that a button opens.
 */
import { useMemo, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import { canRead, canWrite } from "../data/ServerInfo.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { formatRate } from "../logic/format.js"
import { overviewPath, poolPath } from "../logic/viewState.js"
import { testIds } from "../testIds.js"
import { DisplayMenu } from "./DisplayMenu.js"
import { Icon, Logo } from "./Icon.js"

/** From how many pools on a filter is worth its place. */
const filterFrom = 8

/** A plain press is ours; a press that asks for a new tab is the browser's. */
export const isPlainPress = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey

export const Sidebar = () => {
  const page = usePage()
  const facts = useSignal(page.server)
  const isOpen = useSignal(page.sidebarOpen)
  const { isLoaded, pools } = useSignal(page.feed)
  const current = useDerived(page.router, ({ pool }) => pool)
  const others = useDerived(page.router, ({ others }) => others)
  /** Those that are open together with the one that gives the page its address. */
  const currentKind = (name: string): "page" | "true" | undefined =>
    current === name ? "page" : current !== undefined && others.includes(name) ? "true" : undefined
  const [filter, setFilter] = useState("")
  const sorted = useMemo(() => [...pools].sort((a, b) => (a.name < b.name ? -1 : 1)), [pools])
  const shown = sorted.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()))
  const go = (event: MouseEvent, open: () => void): void => {
    if (!isPlainPress(event)) return
    event.preventDefault()
    page.sidebarOpen.set(false)
    open()
  }
  return (
    <>
      {isOpen ? (
        <button
          type="button"
          class="drawer-scrim narrow-only"
          aria-label="Close the list of pools"
          onClick={() => page.sidebarOpen.set(false)}
        />
      ) : null}
      <nav class={isOpen ? "sidebar open" : "sidebar"} aria-label="Pools" data-testid={testIds.sidebar}>
        <a class="brand" href={overviewPath} onClick={(event) => go(event, () => page.router.openOverview())}>
          <Logo />
          Plasmite
        </a>
        {canRead(facts) ? (
          <>
            {pools.length >= filterFrom ? (
              <div class="sidebar-filter">
                <input
                  class="input"
                  type="search"
                  placeholder="Find a pool"
                  aria-label="Find a pool"
                  value={filter}
                  onInput={({ currentTarget }) => setFilter(currentTarget.value)}
                />
              </div>
            ) : null}
            <div class="sidebar-list">
              <a
                class="nav-item"
                href={overviewPath}
                aria-current={current === undefined ? "page" : undefined}
                onClick={(event) => go(event, () => page.router.openOverview())}
              >
                <span>Overview</span>
              </a>
              <h2 class="nav-heading">Pools</h2>
              {shown.map(({ meter, name }) => (
                <a
                  key={name}
                  class="nav-item"
                  href={poolPath(name)}
                  title={name}
                  data-testid={testIds.poolLink}
                  aria-current={currentKind(name)}
                  onClick={(event) => go(event, () => page.router.openPool(name))}
                >
                  <span class="truncate">{name}</span>
                  {meter.perSecond >= 0.05 ? <span class="rate">{formatRate(meter.perSecond)}/s</span> : null}
                </a>
              ))}
              {isLoaded && shown.length === 0 ? (
                <p class="hint nav-item">No pool {filter === "" ? "yet" : "by that name"}</p>
              ) : null}
            </div>
          </>
        ) : (
          <div class="sidebar-list" />
        )}
        <div class="sidebar-foot">
          <DisplayMenuUp />
          <span class="grow truncate">{facts === undefined ? "" : `${facts.name} ${facts.version}`}</span>
          {canWrite(facts) && canRead(facts) ? (
            <button
              type="button"
              class="button plain icon"
              aria-label="Create a pool"
              title="Create a pool"
              data-testid={testIds.createOpen}
              onClick={() => page.openDialog("create")}
            >
              <Icon name="plus" />
            </button>
          ) : null}
        </div>
      </nav>
    </>
  )
}

/** The same menu; at the foot it opens upwards. */
const DisplayMenuUp = () => (
  <div class="upwards">
    <DisplayMenu />
  </div>
)
