/**
 * Several pools at once: merged into one list by time, or a list each, side by side. What is above the lists holds for all
 * of them.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { GroupSession } from "../data/GroupSession.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { Detail } from "../detail/Detail.js"
import { formatCount } from "../logic/format.js"
import type { PoolMark } from "../logic/poolGroup.js"
import { Icon } from "../shell/Icon.js"
import { useIsNarrow } from "../stream/geometry.js"
import { JqFilterBox } from "../stream/JqFilterBox.js"
import { MessageList, seqWidth } from "../stream/MessageList.js"
import { SearchBox } from "../stream/SearchBox.js"
import { TagFilterBox } from "../stream/TagFilterBox.js"
import { useSearch, type Search } from "../stream/useSearch.js"
import { testIds } from "../testIds.js"
import { GroupHeader } from "./GroupHeader.js"
import { GroupNotices } from "./GroupNotices.js"
import { PoolChips } from "./PoolChips.js"

export const GroupPage = ({ group }: { readonly group: GroupSession }) => {
  const page = usePage()
  const active = useSignal(group.active)
  const selected = useSignal(group.selected)
  const layout = useDerived(page.router, ({ layout }) => layout)
  const isNarrow = useIsNarrow()
  const isInColumns = layout === "columns" && !isNarrow
  const [showsFilters, setShowsFilters] = useState(false)
  const search = useSearch(group)
  useAnnouncements(group)
  useEffect(() => {
    const becomesOne = group.isInColumns && !isInColumns
    group.isInColumns = isInColumns
    // Lists that were left where they stood, each at another time, have no place in common but the end.
    if (becomesOne && group.isAttached && group.selected.value === undefined) group.follow()
  }, [group, isInColumns])
  return (
    <section class="pool-page" aria-label={`Pools ${group.names.join(", ")}`} data-testid={testIds.group}>
      <GroupHeader group={group} isInColumns={isInColumns} />
      <PoolChips group={group} />
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
        <TagFilterBox pool={active} />
        <JqFilterBox pool={active} />
        <SearchBox search={search} />
      </div>
      <div class="stream-body">
        <div class="list-area">
          <GroupNotices group={group} />
          {isInColumns ? <Columns group={group} search={search} /> : <Merged group={group} search={search} />}
        </div>
        {selected === undefined ? null : (
          <Detail
            pool={active}
            message={selected}
            onStep={(by) => (isInColumns ? active.moveSelection(by) : group.moveSelection(by))}
          />
        )}
      </div>
      <GroupStatus group={group} />
    </section>
  )
}

interface ListProps {
  readonly group: GroupSession
  readonly search: Search
}

const Merged = ({ group, search }: ListProps) => {
  const { router } = usePage()
  const columns = useDerived(router, ({ columns }) => columns)
  useSignal(group.changed)
  return (
    <>
      <div class="list-head" aria-hidden="true">
        <span class="cell-pool">Pool</span>
        <span class="cell-seq" style={{ "--seq-width": `${seqWidth(group)}ch` }}>
          Seq
        </span>
        <span class="cell-time">Time</span>
        {columns.map((column) => (
          <span key={column} class="cell-column truncate">
            {column}
          </span>
        ))}
        {group.hasTags ? <span class="cell-tags">Tags</span> : null}
        <span>Data</span>
      </div>
      <MessageList pool={group} matcher={search.matcher} />
      <Empty isEmpty={group.rows.endRow === group.rows.firstRow} pools={group.members} />
      <FollowButton list={group} />
    </>
  )
}

const Columns = ({ group, search }: ListProps) => {
  const active = useSignal(group.active)
  return (
    <div class="columns">
      {group.members.map((member, index) => (
        <Column
          key={member.pool}
          pool={member}
          mark={group.marks[index]!}
          isActive={member === active}
          search={search}
          onFocus={() => group.active.set(member)}
        />
      ))}
    </div>
  )
}

interface ColumnProps {
  readonly pool: PoolSession
  readonly mark: PoolMark
  readonly isActive: boolean
  readonly search: Search
  readonly onFocus: () => void
}

const Column = ({ isActive, mark, onFocus, pool, search }: ColumnProps) => {
  useSignal(pool.changed)
  return (
    <section
      class={isActive ? "column active" : "column"}
      aria-label={`Pool ${pool.pool}`}
      data-testid={testIds.column}
      data-pool={pool.pool}
      onFocusIn={onFocus}
    >
      <h2 class="column-head" style={{ "--hue": String(mark.hue) }} title={pool.pool}>
        <span class="truncate">{pool.pool}</span>
      </h2>
      <MessageList pool={pool} matcher={search.matcher} idPrefix={`${mark.index}-`} isNarrow />
      <Empty isEmpty={pool.rows.endRow === pool.rows.firstRow} pools={[pool]} />
      <FollowButton list={pool} />
    </section>
  )
}

const Empty = ({ isEmpty, pools }: { readonly isEmpty: boolean; readonly pools: ReadonlyArray<PoolSession> }) => {
  const { router } = usePage()
  const view = useSignal(router)
  // Not before it is known that nothing comes.
  const isKnown = pools.every(({ history, stream }) => stream.value.state.phase === "live" || history.mode !== "live")
  if (!isEmpty || !isKnown) return null
  const isFiltered = view.tags.length + view.where.length + view.withoutTags.length > 0 || view.from !== undefined
  return (
    <div class="empty over" data-testid={testIds.emptyPool}>
      <h2>{isFiltered ? "No message has passed the filter" : "No messages here"}</h2>
      <p>New messages appear here as they are written.</p>
    </div>
  )
}

const FollowButton = ({ list }: { readonly list: PoolSession | GroupSession }) => {
  const isFollowing = useSignal(list.following)
  const isPaused = useSignal(list.paused)
  const newer = useSignal(list.history.newer)
  useSignal(list.changed)
  if (isPaused || isFollowing || list.rows.endRow === list.rows.firstRow) return null
  const unseen = list.unseenCount
  return (
    <button
      type="button"
      class="button primary follow"
      data-testid={testIds.follow}
      data-unseen={unseen}
      onClick={() => list.goToNewest()}
    >
      <Icon name="toEnd" />
      {newer !== "none" || unseen === 0 ? "Go to the newest" : `${formatCount(unseen)} new`}
    </button>
  )
}

const GroupStatus = ({ group }: { readonly group: GroupSession }) => {
  useSignal(group.changed)
  const older = useSignal(group.history.older)
  const isFast = useSignal(group.arrivals.isFast)
  const { lateCount } = group.rows
  return (
    <footer class="status">
      <span data-testid="loaded-count" data-value={group.loadedCount}>
        {formatCount(group.loadedCount)} loaded
      </span>
      <span data-testid="received-count" data-value={group.receivedCount} class="wide-only">
        {formatCount(group.receivedCount)} received
      </span>
      {lateCount === 0 ? null : (
        <>
          <span data-testid={testIds.lateCount} data-value={lateCount}>
            {formatCount(lateCount)} came late
            <span class="wide-only">, placed by {lateCount === 1 ? "its" : "their"} time</span>
          </span>
          <button type="button" class="button plain small" onClick={() => group.showLate()}>
            Show
          </button>
        </>
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

const useAnnouncements = (group: GroupSession): void => {
  const { announcer } = usePage()
  const told = useRef(-1)
  useEffect(
    () =>
      group.changed.subscribe(() => {
        // What is retained at the start is no news.
        const isLive = group.members.every(({ stream }) => stream.value.state.phase === "live")
        if (isLive && told.current >= 0) announcer.newMessages(group.receivedCount - told.current)
        told.current = group.receivedCount
      }),
    [group, announcer]
  )
}
