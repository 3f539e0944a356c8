/**
 * A pool: numbers and timeline on top, filters, the list with the selected message beside it, and the bars that come when
 * they are asked for.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { copySelection, saveSelection } from "../data/actions.js"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { canWrite } from "../data/ServerInfo.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { Detail } from "../detail/Detail.js"
import { ReplayBar } from "../history/ReplayBar.js"
import { Timeline } from "../history/Timeline.js"
import { pokeCommand } from "../logic/commandText.js"
import { formatCount } from "../logic/format.js"
import { PublishSheet } from "../publish/PublishSheet.js"
import { CopyLine } from "../shell/CopyLine.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"
import { JqFilterBox } from "./JqFilterBox.js"
import { MessageList, seqWidth } from "./MessageList.js"
import { MetricsBar } from "./MetricsBar.js"
import { PoolHeader } from "./PoolHeader.js"
import { SearchBox } from "./SearchBox.js"
import { StreamNotices } from "./StreamNotices.js"
import { TagFilterBox } from "./TagFilterBox.js"
import { useSearch } from "./useSearch.js"

export const PoolPage = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  const facts = useSignal(page.server)
  const selected = useSignal(pool.selected)
  const isReplaying = useSignal(pool.replay)
  const showsTimeline = useDerived(page.preferences, ({ timeline }) => timeline)
  const publishing = useSignal(page.publishing)
  const [showsFilters, setShowsFilters] = useState(false)
  const search = useSearch(pool)
  useAnnouncements(pool)
  return (
    <section class="pool-page" aria-label={`Pool ${pool.pool}`}>
      <PoolHeader pool={pool} />
      <MetricsBar pool={pool} />
      {showsTimeline && pool.history.isOffered ? <Timeline pool={pool} /> : null}
      <button
        type="button"
        class="button plain narrow-only filter-toggle"
        aria-expanded={showsFilters}
        onClick={() => setShowsFilters(!showsFilters)}
      >
        <Icon name="filter" />
        {showsFilters ? "Hide filters and search" : "Filter and search"}
      </button>
      <div class={showsFilters ? "filters open" : "filters"}>
        <TagFilterBox pool={pool} />
        <JqFilterBox pool={pool} />
        <SearchBox search={search} />
      </div>
      <div class="stream-body">
        <div class="list-area">
          <StreamNotices pool={pool} />
          <ListHead pool={pool} />
          <MessageList pool={pool} matcher={search.matcher} />
          <EmptyList pool={pool} />
          <FollowButton pool={pool} />
        </div>
        {selected === undefined ? null : <Detail pool={pool} message={selected} />}
        {publishing !== undefined && canWrite(facts) ? <PublishSheet pool={pool.pool} session={pool} /> : null}
      </div>
      {isReplaying ? <ReplayBar pool={pool} /> : null}
      <StatusLine pool={pool} />
    </section>
  )
}

const ListHead = ({ pool }: { readonly pool: PoolSession }) => {
  const { router } = usePage()
  const columns = useDerived(router, ({ columns }) => columns)
  useSignal(pool.changed)
  return (
    <div class="list-head" aria-hidden="true">
      <span class="cell-seq" style={{ "--seq-width": `${seqWidth(pool)}ch` }}>
        Seq
      </span>
      <span class="cell-time">Time</span>
      {columns.map((column) => (
        <span key={column} class="cell-column truncate">
          {column}
        </span>
      ))}
      {pool.hasTags ? <span class="cell-tags">Tags</span> : null}
      <span>Data</span>
    </div>
  )
}

const EmptyList = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  useSignal(pool.changed)
  const { state } = useSignal(pool.stream)
  const view = useSignal(page.router)
  if (pool.rows.endRow > pool.rows.firstRow) return null
  if (state.phase !== "live" && pool.history.mode === "live") return null
  if (pool.history.newer.value === "loading") return null
  const isFiltered = view.tags.length + view.where.length + view.withoutTags.length > 0 || view.from !== undefined
  const command = pokeCommand(
    { origin: location.origin, pool: pool.pool, needsToken: page.server.value?.auth === "bearer" },
    { dataText: '{"msg":"hello"}', tags: [], durability: "fast" }
  )
  return (
    <div class="empty over" data-testid={testIds.emptyPool}>
      <h2>
        {isFiltered
          ? "No message has passed the filter"
          : pool.receivedCount > 0
            ? "The view is cleared"
            : "No messages yet"}
      </h2>
      <p>
        {isFiltered
          ? "The server looks through what is retained first; what passes appears here, new messages too."
          : "The stream is open; new messages appear here as they are written."}
      </p>
      {!isFiltered && canWrite(page.server.value) ? <CopyLine text={command} what="Command" /> : null}
    </div>
  )
}

const FollowButton = ({ pool }: { readonly pool: PoolSession }) => {
  const isFollowing = useSignal(pool.following)
  const isPaused = useSignal(pool.paused)
  useSignal(pool.changed)
  useSignal(pool.stream)
  const newer = useSignal(pool.history.newer)
  const isReplaying = useSignal(pool.replay)
  if (isReplaying || isPaused || isFollowing || pool.rows.endRow === pool.rows.firstRow) return null
  if (pool.history.mode === "window") return null
  const unseen = pool.unseenCount
  const text = newer !== "none" || unseen === 0 ? "Go to the newest" : `${formatCount(unseen)} new`
  return (
    <button
      type="button"
      class="button primary follow"
      data-testid={testIds.follow}
      data-unseen={unseen}
      onClick={() => pool.goToNewest()}
    >
      <Icon name="toEnd" />
      {text}
    </button>
  )
}

const StatusLine = ({ pool }: { readonly pool: PoolSession }) => {
  useSignal(pool.changed)
  useSignal(pool.stream)
  const older = useSignal(pool.history.older)
  const isFast = useSignal(pool.arrivals.isFast)
  const shown = pool.rows.endRow - pool.rows.firstRow
  const { buffer } = pool
  return (
    <footer class="status">
      <span data-testid="loaded-count" data-value={buffer.messageCount}>
        {formatCount(buffer.messageCount)} loaded
      </span>
      {shown < buffer.rowCount ? <span>{formatCount(shown)} shown</span> : null}
      <span data-testid="received-count" data-value={pool.receivedCount} class="wide-only">
        {formatCount(pool.receivedCount)} received
      </span>
      <SelectionCount pool={pool} />
      {buffer.reachesLiveEnd ? null : (
        <span>{formatCount(buffer.missedCount)} left out until you go to the newest</span>
      )}
      {isFast ? (
        <span class="wide-only" data-testid="fast">
          Faster than anyone reads: drawn ten times a second, all are kept and counted
        </span>
      ) : null}
      <span class="grow" />
      <span class="wide-only">
        {older === "loading" ? "Loading older messages…" : older === "none" ? "Nothing older is retained" : ""}
      </span>
      <span class="wide-only">
        <span class="kbd">?</span> shortcuts
      </span>
    </footer>
  )
}

/** Counted when the selection changes, not with every message that comes. */
const SelectionCount = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  const selected = useSignal(pool.selected)
  useSignal(pool.extended)
  const isSeveral = pool.selection !== undefined && pool.selection.from !== selected
  const count = useMemo(() => (isSeveral ? pool.selectedMessages.length : 0), [pool, selected, isSeveral])
  if (!isSeveral) return null
  return (
    <>
      <span data-testid={testIds.selectionCount} data-value={count}>
        {formatCount(count)} selected
      </span>
      <button
        type="button"
        class="button plain small"
        data-testid={testIds.selectionCopy}
        onClick={() => copySelection(page)}
      >
        Copy
      </button>
      <button type="button" class="button plain small wide-only" onClick={() => saveSelection(page)}>
        Save
      </button>
    </>
  )
}

const useAnnouncements = (pool: PoolSession): void => {
  const { announcer } = usePage()
  const told = useRef(-1)
  useEffect(
    () =>
      pool.changed.subscribe(() => {
        // What is retained at the start is no news.
        if (pool.stream.value.state.phase !== "live") told.current = pool.receivedCount
        else if (told.current >= 0) announcer.newMessages(pool.receivedCount - told.current)
        told.current = pool.receivedCount
      }),
    [pool, announcer]
  )
}
