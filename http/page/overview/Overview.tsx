/**
 * All pools at a glance: what the server is, how much goes on, and each pool with its rate, age and fill.
 */
import { usePage } from "../data/Page.js"
import { canWrite } from "../data/ServerInfo.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { createCommand } from "../logic/commandText.js"
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
            </div>
            {isLoaded ? <PoolTable /> : null}
          </>
        )}
      </div>
    </>
  )
}
