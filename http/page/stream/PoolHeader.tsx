/**
 * The open pool's name, the state of its stream, and what can be done with it.
 */
import { clearFilters, copyLink, copyPeekCommand, exportAs, openPublish, togglePause } from "../data/actions.js"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { canWrite } from "../data/ServerInfo.js"
import { useSignal } from "../data/Signal.js"
import { formatShortCount } from "../logic/format.js"
import { Icon } from "../shell/Icon.js"
import { Indicator } from "../shell/Indicator.js"
import { Menu, MenuItem } from "../shell/Menu.js"
import { MenuButton } from "../shell/MenuButton.js"
import { OverviewLink } from "../shell/OverviewLink.js"
import { testIds } from "../testIds.js"

export const PoolHeader = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  const facts = useSignal(page.server)
  const isPaused = useSignal(pool.paused)
  const isReplaying = useSignal(pool.replay)
  useSignal(pool.changed)
  const publishing = useSignal(page.publishing)
  return (
    <header class="top">
      <MenuButton />
      <OverviewLink />
      <h1 class="truncate" title={pool.pool}>
        {pool.pool}
      </h1>
      <Indicator pool={pool} />
      <span class="grow" />
      {isReplaying ? null : (
        <button
          type="button"
          class="button"
          aria-pressed={isPaused}
          data-testid={testIds.pause}
          title="Pause or resume (space)"
          onClick={() => togglePause(page)}
        >
          <Icon name={isPaused ? "play" : "pause"} />
          <span class="wide-only">{isPaused ? "Resume" : "Pause"}</span>
          {isPaused ? <span data-testid={testIds.pausedBadge}>{formatShortCount(pool.unseenCount)} new</span> : null}
        </button>
      )}
      <button
        type="button"
        class="button plain icon wide-only"
        aria-label="Jump to a number or time"
        title="Jump to a number or time (:)"
        data-testid={testIds.jumpOpen}
        onClick={() => page.openDialog("jump")}
      >
        <Icon name="clock" />
      </button>
      <Menu label="Save" icon="download" testId={testIds.exportMenu}>
        {(close) => {
          const save = (kind: "jsonl" | "json" | "csv") => (): void => {
            close()
            exportAs(page, kind)
          }
          return (
            <>
              <div class="menu-group">Save what is shown</div>
              <MenuItem icon="download" label="JSON Lines" onPick={save("jsonl")} testId="export-jsonl" />
              <MenuItem icon="download" label="JSON" onPick={save("json")} testId="export-json" />
              <MenuItem icon="download" label="CSV of pinned columns" onPick={save("csv")} testId="export-csv" />
              <div class="menu-group">Copy</div>
              <MenuItem
                icon="copy"
                label="As a command"
                onPick={() => {
                  close()
                  copyPeekCommand(page)
                }}
              />
              <MenuItem
                icon="link"
                label="Link to this view"
                note="y"
                onPick={() => {
                  close()
                  copyLink(page)
                }}
              />
            </>
          )
        }}
      </Menu>
      <Menu label="More" icon="more">
        {(close) => {
          const run = (action: () => void) => (): void => {
            close()
            action()
          }
          return (
            <>
              <MenuItem icon="clock" label="Jump to…" note=":" onPick={run(() => page.openDialog("jump"))} />
              <MenuItem icon="replay" label="Replay" testId="replay-open" onPick={run(() => pool.replay.set(true))} />
              <MenuItem
                icon="columns"
                label="Open together with…"
                onPick={run(() => page.router.openOverview([pool.pool]))}
              />
              <MenuItem icon="bookmark" label="Saved views" onPick={run(() => page.openDialog("views"))} />
              <MenuItem icon="columns" label="Tags and fields" onPick={run(() => page.openDialog("fields"))} />
              <MenuItem icon="close" label="Clear the view" testId={testIds.clear} onPick={run(() => pool.clear())} />
              <MenuItem icon="filter" label="Clear all filters" onPick={run(() => clearFilters(page))} />
              {canWrite(facts) ? (
                <>
                  <MenuItem icon="send" label="Publish many…" onPick={run(() => page.openDialog("publishMany"))} />
                  <MenuItem
                    icon="trash"
                    label="Delete the pool…"
                    testId="delete-open"
                    onPick={run(() => page.openDialog("delete"))}
                  />
                </>
              ) : null}
              <MenuItem
                icon="keyboard"
                label="All commands"
                note="Ctrl K"
                onPick={run(() => page.openDialog("palette"))}
              />
            </>
          )
        }}
      </Menu>
      {canWrite(facts) ? (
        <button
          type="button"
          class="button primary"
          aria-expanded={publishing !== undefined}
          data-testid={testIds.publish}
          title="Publish a message (n)"
          onClick={() => (publishing === undefined ? openPublish(page) : page.publishing.set(undefined))}
        >
          <Icon name="send" />
          <span class="wide-only">Publish</span>
        </button>
      ) : null}
    </header>
  )
}
