/**
 * The names of the pools that are open together, how they are laid out, and what can be done with all of them.
 */
import { clearFilters, copyLink, copyPeekCommand, exportAs, togglePause } from "../data/actions.js"
import type { GroupSession } from "../data/GroupSession.js"
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { formatShortCount } from "../logic/format.js"
import type { GroupLayout } from "../logic/viewState.js"
import { Icon } from "../shell/Icon.js"
import { Menu, MenuItem, Segments } from "../shell/Menu.js"
import { MenuButton } from "../shell/MenuButton.js"
import { OverviewLink } from "../shell/OverviewLink.js"
import { testIds } from "../testIds.js"

export const GroupHeader = ({
  group,
  isInColumns
}: {
  readonly group: GroupSession
  readonly isInColumns: boolean
}) => {
  const page = usePage()
  const isPaused = useSignal(group.paused)
  useSignal(group.changed)
  return (
    <header class="top">
      <MenuButton />
      <OverviewLink />
      <h1 class="truncate" title={group.pool}>
        {group.names.length} pools
      </h1>
      <span class="wide-only">
        <Segments<GroupLayout>
          label="Layout"
          testId={testIds.layout}
          value={isInColumns ? "columns" : "merged"}
          options={[
            ["merged", "Merged"],
            ["columns", "Side by side"]
          ]}
          onPick={(layout) =>
            page.router.change({ layout: layout === "merged" ? undefined : layout }, { isStep: true })
          }
        />
      </span>
      <span class="grow" />
      <button
        type="button"
        class="button"
        aria-pressed={isPaused}
        data-testid={testIds.pause}
        title="Pause or resume all (space)"
        onClick={() => togglePause(page)}
      >
        <Icon name={isPaused ? "play" : "pause"} />
        <span class="wide-only">{isPaused ? "Resume" : "Pause"}</span>
        {isPaused ? <span data-testid={testIds.pausedBadge}>{formatShortCount(group.unseenCount)} new</span> : null}
      </button>
      <Menu label="More" icon="more">
        {(close) => {
          const run = (action: () => void) => (): void => {
            close()
            action()
          }
          return (
            <>
              <MenuItem
                icon="grid"
                label="Choose other pools"
                onPick={run(() => page.router.openOverview(group.names))}
              />
              <MenuItem icon="clock" label="Jump to…" note=":" onPick={run(() => page.openDialog("jump"))} />
              <MenuItem icon="bookmark" label="Saved views" onPick={run(() => page.openDialog("views"))} />
              <MenuItem icon="columns" label="Tags and fields" onPick={run(() => page.openDialog("fields"))} />
              <MenuItem icon="close" label="Clear the view" testId={testIds.clear} onPick={run(() => group.clear())} />
              <MenuItem icon="filter" label="Clear all filters" onPick={run(() => clearFilters(page))} />
              <MenuItem
                icon="download"
                label="Save as JSON Lines"
                testId="export-jsonl"
                onPick={run(() => exportAs(page, "jsonl"))}
              />
              <MenuItem icon="copy" label="Copy as commands" onPick={run(() => copyPeekCommand(page))} />
              <MenuItem icon="link" label="Link to this view" note="y" onPick={run(() => copyLink(page))} />
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
    </header>
  )
}
