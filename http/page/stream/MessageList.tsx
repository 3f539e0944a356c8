/**
 * The list of messages. Only the rows on the screen exist; where the list stands is kept by row numbers, so that what the
 * reader looks at stays where it is when older pages come before it or old rows fall out.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { GroupSession } from "../data/GroupSession.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { formatCount } from "../logic/format.js"
import { exportJsonLines } from "../logic/exportText.js"
import { isInRange } from "../logic/messageRange.js"
import type { Matcher } from "../logic/search.js"
import { testIds } from "../testIds.js"
import { isAtEnd, rowsOnScreen, useRowHeight } from "./geometry.js"
import { MarkerRow } from "./MarkerRow.js"
import { MessageRow, rowId } from "./MessageRow.js"

export interface MessageListProps {
  /** Of several pools, all of them as one list. */
  readonly pool: PoolSession | GroupSession
  readonly matcher: Matcher | undefined
  /** Sets the rows of one list apart from those of another on the same page. */
  readonly idPrefix?: string
  /** Rows of two lines, as on a narrow screen. */
  readonly isNarrow?: boolean
}

/** A character of a row is about so wide. */
const charactersPixels = 7
/** So close to the top, the page before is asked for. */
const loadOlderRows = 60

export const MessageList = ({ idPrefix = "", isNarrow = false, matcher, pool }: MessageListProps) => {
  const page = usePage()
  const { clock, preferences, router } = page
  const view = useSignal(router)
  const preferred = useSignal(preferences)
  const rowHeight = useRowHeight(view.density ?? preferred.density, isNarrow)
  const timeStyle = view.timeStyle ?? preferred.timeStyle
  const zone = view.zone ?? preferred.zone
  const now = useDerived(clock, (time) => (timeStyle === "relative" ? time : 0))
  useSignal(pool.changed)
  const isFollowing = useSignal(pool.following)
  const isFast = useSignal(pool.arrivals.isFast)
  const selected = useSignal(pool.selected)
  useSignal(pool.extended)
  const wanted = useSignal(pool.wanted)
  const list = useRef<HTMLDivElement>(null)
  const [{ height, room }, setSize] = useState({ height: 0, room: 200 })
  const [scrollTop, setScrollTop] = useState(0)
  /** The first row when the list was drawn last, and where it was scrolled to by us. */
  const drawn = useRef({ firstRow: pool.rows.firstRow, rowHeight, set: -1 })

  const { rows, selection } = pool
  const group = "members" in pool ? pool : undefined
  const { firstRow } = rows
  const count = rows.endRow - firstRow

  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return
    let { top } = element.getBoundingClientRect()
    const measure = (): void => {
      // What comes above the list takes room from it, and the rows stay where they are on the screen.
      const moved = element.getBoundingClientRect().top - top
      top += moved
      if (moved !== 0 && !pool.following.value) scrollTo(element.scrollTop + moved)
      setSize({ height: element.clientHeight, room: Math.ceil(element.clientWidth / charactersPixels / 20) * 20 })
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])

  const scrollTo = (top: number): void => {
    const element = list.current
    if (element === null) return
    element.scrollTop = top
    drawn.current.set = element.scrollTop
    setScrollTop(element.scrollTop)
  }

  // Keep the place: rows that came before or fell out there move everything by as many heights.
  useLayoutEffect(() => {
    const element = list.current
    const before = drawn.current
    drawn.current = { ...before, firstRow, rowHeight }
    if (element === null) return
    if (isFollowing) return scrollTo(count * rowHeight)
    if (before.rowHeight !== rowHeight) scrollTo((element.scrollTop / before.rowHeight) * rowHeight)
    else if (before.firstRow !== firstRow) scrollTo(element.scrollTop + (before.firstRow - firstRow) * rowHeight)
  }, [firstRow, count, rowHeight, isFollowing, height])

  // Somebody asked for a row: into the middle if it is not on the screen.
  useLayoutEffect(() => {
    const element = list.current
    if (wanted === undefined || element === null || height === 0) return
    pool.wanted.set(undefined)
    const top = (wanted.row - firstRow) * rowHeight
    const isFar = top < element.scrollTop - height || top > element.scrollTop + 2 * height
    if (top < element.scrollTop || isFar) scrollTo(isFar ? top - height / 2 : top)
    else if (top + rowHeight > element.scrollTop + height) scrollTo(top + rowHeight - height)
    // Where everything is on the screen, the end is, too.
    if (count * rowHeight <= height && pool.isAttached && !pool.paused.value) pool.follow()
  }, [wanted, height])

  const onScroll = (): void => {
    const element = list.current
    if (element === null) return
    const top = element.scrollTop
    setScrollTop(top)
    const isOurs = Math.abs(top - drawn.current.set) < 1
    if (!isOurs) {
      drawn.current.set = -1
      const atEnd = isAtEnd(top, element.clientHeight, rowHeight, rows.endRow - rows.firstRow)
      if (atEnd && pool.isAttached && pool.buffer.reachesLiveEnd) pool.follow()
      else if (!atEnd) pool.unfollow()
    }
  }

  // Near an end that is not the end of what there is, the next page is asked for.
  useEffect(() => {
    const { history } = pool
    if (height === 0 || count === 0) return
    if (scrollTop < loadOlderRows * rowHeight && history.older.value === "more" && !isFollowing)
      void history.loadOlder()
    const below = count * rowHeight - scrollTop - height
    if (below < loadOlderRows * rowHeight && history.newer.value === "more") void history.loadNewer()
  }, [scrollTop, count, height, isFollowing])

  // Where the list will be scrolled to is known before it is, so that nothing is drawn that is not seen.
  const top = isFollowing ? Math.max(0, count * rowHeight - height) : scrollTop
  const span = rowsOnScreen(top, height, rowHeight, count)
  group?.lookAt(firstRow + Math.floor(top / rowHeight))
  // Rows keep their elements as they move; when very many come, places keep them, which costs far less.
  const keyOf = (index: number): number => (isFast && isFollowing ? index - span.first : firstRow + index)
  const drawnRows = []
  /** What is selected may be out of sight, or not have come yet: then no element can be named for it. */
  let activeRow: string | undefined
  for (let index = span.first; index < span.end; index++) {
    const row = rows.rowAt(firstRow + index)
    if (row === undefined) continue
    const mark = group?.markOf(firstRow + index)
    const prefix = mark === undefined ? idPrefix : `${mark.index}-`
    const isOwn = group?.owns(firstRow + index) ?? true
    if (isOwn && row.kind === "message" && row.message.seq === selected?.seq) activeRow = rowId(selected.seq, prefix)
    drawnRows.push(
      row.kind === "message" ? (
        <MessageRow
          key={keyOf(index)}
          message={row.message}
          place={index + 1}
          row={firstRow + index}
          idPrefix={prefix}
          mark={mark}
          lateMillis={group?.lateOf(firstRow + index)}
          isSelected={isOwn && selection !== undefined && isInRange(selection, row.message.seq)}
          isHit={isOwn && row.message.seq === selected?.seq}
          matcher={matcher}
          columns={view.columns}
          zone={zone}
          timeStyle={timeStyle}
          now={now}
          room={room}
        />
      ) : (
        <MarkerRow key={keyOf(index)} row={row} place={index + 1} zone={zone} mark={mark} />
      )
    )
  }

  const onClick = (event: MouseEvent): void => {
    const { target } = event
    if (!(target instanceof Element)) return
    const tag = target.closest("[data-tag]")?.getAttribute("data-tag")
    if (typeof tag === "string") {
      const isExclude = event.altKey || event.shiftKey || event.metaKey || event.ctrlKey
      const { tags, withoutTags } = router.value
      if (isExclude) router.change({ withoutTags: [...new Set([...withoutTags, tag])] })
      else router.change({ tags: [...new Set([...tags, tag])] })
      return
    }
    const number = target.closest("[data-row]")?.getAttribute("data-row")
    if (number !== null && number !== undefined) pool.pick(Number(number), event.shiftKey)
  }

  /** The browser would select the text on the way. */
  const onMouseDown = (event: MouseEvent): void => {
    if (!event.shiftKey) return
    event.preventDefault()
    list.current?.focus()
  }

  /** What the browser has selected, it copies; else the selected messages are what is copied. */
  const onCopy = (event: ClipboardEvent): void => {
    const messages = pool.selectedMessages
    if (messages.length === 0 || getSelection()?.isCollapsed === false) return
    event.clipboardData?.setData("text/plain", exportJsonLines(messages))
    event.preventDefault()
    page.say(messages.length === 1 ? "Message copied" : `${formatCount(messages.length)} messages copied`)
  }

  return (
    <div
      ref={list}
      class={`list ${pool.hasTags ? "" : "untagged"} ${view.columns.length > 0 ? "pinned" : ""}`}
      role="grid"
      aria-label={`Messages of ${pool.pool}`}
      aria-rowcount={count}
      aria-multiselectable="true"
      aria-colcount={4 + view.columns.length + (group === undefined ? 0 : 1)}
      aria-activedescendant={activeRow}
      tabIndex={0}
      data-testid={testIds.list}
      onScroll={onScroll}
      onClick={onClick}
      onMouseDown={onMouseDown}
      onCopy={onCopy}
    >
      <div class="list-space" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        <div
          class="list-window"
          role="rowgroup"
          style={{ transform: `translateY(${span.first * rowHeight}px)`, "--seq-width": `${seqWidth(pool)}ch` }}
        >
          {drawnRows}
        </div>
      </div>
    </div>
  )
}

/** As wide as the newest number, so that the column does not move with every digit. */
export const seqWidth = (pool: MessageListProps["pool"]): number =>
  Math.max(5, String(pool.buffer.newestSeq ?? 0).length + 1)
