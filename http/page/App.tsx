/**
 * What is on the screen: the column with the pools, the overview or a pool beside it, and what lies above both. Chooses
 * by the address and by what the server allows.
 */
import { useEffect } from "preact/hooks"
import { usePage } from "./data/Page.js"
import { canRead } from "./data/ServerInfo.js"
import { useShortcuts } from "./data/shortcuts.js"
import { useDerived, useSignal } from "./data/Signal.js"
import { Dialogs } from "./dialogs/Dialogs.js"
import { GroupPage } from "./group/GroupPage.js"
import { Overview } from "./overview/Overview.js"
import { WriteOnly } from "./publish/WriteOnly.js"
import { LiveRegion, NoticeBar, ToastView } from "./shell/Notices.js"
import { ServerUnreachable } from "./shell/ServerUnreachable.js"
import { Sidebar } from "./shell/Sidebar.js"
import { PoolPage } from "./stream/PoolPage.js"
import { useTitle } from "./shell/useTitle.js"

export const App = () => {
  const page = usePage()
  const facts = useSignal(page.server)
  const pool = useSignal(page.pool)
  const group = useSignal(page.group)
  const showsSidebar = useDerived(page.preferences, ({ sidebar }) => sidebar)
  const densityInView = useDerived(page.router, ({ density }) => density)
  const densityPreferred = useDerived(page.preferences, ({ density }) => density)
  const density = densityInView ?? densityPreferred
  useEffect(() => {
    document.documentElement.dataset["density"] = density
  }, [density])
  useShortcuts(page)
  useTitle(page)
  return (
    <div class={showsSidebar ? "app" : "app no-sidebar"}>
      {showsSidebar ? <Sidebar /> : null}
      <main id="main">
        <NoticeBar />
        {facts === undefined ? (
          <ServerUnreachable />
        ) : !canRead(facts) ? (
          <WriteOnly />
        ) : pool === undefined ? (
          <Overview />
        ) : group !== undefined ? (
          <GroupPage key={group.pool} group={group} />
        ) : (
          <PoolPage key={pool.pool} pool={pool} />
        )}
      </main>
      <Dialogs />
      <ToastView />
      <LiveRegion />
    </div>
  )
}
