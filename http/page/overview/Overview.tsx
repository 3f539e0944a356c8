/**
 * All pools at a glance: what the server is, how much goes on, and each pool with its rate, age and fill.
 */
import { usePage } from "../data/Page.js"
import { canWrite } from "../data/ServerInfo.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { createCommand } from "../logic/commandText.js"
import { mostTogether } from "../logic/poolGroup.js"
import { CopyLine } from "../shell/CopyLine.js"
import { Icon } from "../shell/Icon.js"
import { MenuButton } from "../shell/MenuButton.js"
import { testIds } from "../testIds.js"
import { PoolTable } from "./PoolTable.js"
import { ServerFactsBar } from "./ServerFactsBar.js"

export const Overview = () => {
  const page = usePage()
  const { isLoaded, pools, unreadable } = useSignal(page.feed)
  const facts = useSignal(page.server)
  const names = useDerived(page.router, ({ names }) => names)
  const isEmpty = isLoaded && pools.length === 0 && unreadable.length === 0
  return (
    <>
      <header class="top">
        <MenuButton />
        <h1>Overview</h1>
        <span class="grow" />
        {canWrite(facts) ? (
          <button type="button" class="button" onClick={() => page.openDialog("create")}>
            <Icon name="plus" />
            Create pool
          </button>
        ) : null}
      </header>
      <div class="overview" data-testid={testIds.overview}>
        <ServerFactsBar />
        {isEmpty ? (
          <div class="empty" data-testid={testIds.emptyOverview}>
            <h2>No pools yet</h2>
            <p>
              A pool is a file that keeps the newest messages. {canWrite(facts) ? "Create one here, or" : "Make one"} by
              sending a first message from a terminal in the server's directory:
            </p>
            <CopyLine text={createCommand("demo")} what="Command" />
            {canWrite(facts) ? (
              <div class="actions">
                <button type="button" class="button primary" onClick={() => page.openDialog("create")}>
                  <Icon name="plus" />
                  Create pool
                </button>
              </div>
            ) : null}
          </div>
        ) : (
          <>
            <div class="overview-tools">
              <input
                class="input"
                type="search"
                placeholder="Filter by name"
                aria-label="Filter pools by name"
                value={names}
                onInput={({ currentTarget }) => page.router.change({ names: currentTarget.value })}
              />
              <Chosen />
            </div>
            {isLoaded ? <PoolTable /> : null}
          </>
        )}
      </div>
    </>
  )
}

/** What is chosen in the table, and what becomes of it. */
const Chosen = () => {
  const { router } = usePage()
  const chosen = useDerived(router, ({ others }) => others)
  if (chosen.length === 0) return <span class="hint wide-only">Tick pools to open them together.</span>
  return (
    <>
      <span data-testid={testIds.chosenCount}>
        {chosen.length} chosen
        {chosen.length >= mostTogether ? (
          <span class="hint">
            , as many as can be open together: a browser allows six connections to a server, and each pool takes one
          </span>
        ) : null}
      </span>
      <button
        type="button"
        class="button primary"
        data-testid={testIds.chosenOpen}
        onClick={() => router.openPools(chosen.slice(0, mostTogether))}
      >
        <Icon name="columns" />
        {chosen.length === 1 ? "Open" : "Open together"}
      </button>
      <button type="button" class="button plain" onClick={() => router.change({ others: [] })}>
        Choose none
      </button>
    </>
  )
}
