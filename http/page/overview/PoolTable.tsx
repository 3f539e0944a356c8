/**
 * The pools as a table. Numbers change in place; the order is worked out again only while the pointer is elsewhere, so
 * that no row moves away under it.
 */
import { useMemo, useRef, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { PoolEntry } from "../data/PoolsFeed.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate, formatRelative } from "../logic/format.js"
import { mostTogether } from "../logic/poolGroup.js"
import { poolPath } from "../logic/viewState.js"
import { isPlainPress } from "../shell/Sidebar.js"
import { testIds } from "../testIds.js"
import { Meter, Sparkline } from "./Sparkline.js"

type SortKey = "name" | "messages" | "rate" | "newest" | "used" | "size" | "span"

const columns: ReadonlyArray<readonly [key: SortKey, title: string, isNumber: boolean]> = [
  ["name", "Pool", false],
  ["messages", "Messages", true],
  ["rate", "Per second", true],
  ["newest", "Newest", true],
  ["span", "Kept for", true],
  ["used", "Used", false],
  ["size", "File", true]
]

const spanOf = ({ newestMillis, oldestMillis }: PoolEntry): number | undefined =>
  newestMillis === undefined || oldestMillis === undefined ? undefined : newestMillis - oldestMillis

const valueOf = (pool: PoolEntry, key: SortKey): number | string => {
  switch (key) {
    case "name":
      return pool.name.toLowerCase()
    case "messages":
      return pool.messageCount
    case "rate":
      return pool.meter.perSecond
    case "newest":
      return pool.newestMillis ?? 0
    case "used":
      return pool.usedPercent
    case "size":
      return pool.fileSize
    case "span":
      return spanOf(pool) ?? -1
  }
}

const readSort = (text: string | undefined): readonly [SortKey, boolean] => {
  const key = text?.replace(/^-/, "")
  const known = columns.find(([name]) => name === key)
  return known === undefined ? ["name", false] : [known[0], text?.startsWith("-") === true]
}

export const PoolTable = () => {
  const page = usePage()
  const { pools, unreadable } = useSignal(page.feed)
  const sortText = useDerived(page.router, ({ sort }) => sort)
  const names = useDerived(page.router, ({ names }) => names.toLowerCase())
  const now = useSignal(page.clock)
  const [isPointed, setPointed] = useState(false)
  const order = useRef<ReadonlyArray<string>>([])
  const [key, isDescending] = readSort(sortText)
  const lastSort = useRef("")
  const sorted = useMemo(() => {
    const matching = pools.filter(({ name }) => name.toLowerCase().includes(names))
    const sort = `${key} ${isDescending}`
    if (!isPointed || lastSort.current !== sort) {
      lastSort.current = sort
      const direction = isDescending ? -1 : 1
      order.current = [...pools]
        .sort((a, b) => {
          const [left, right] = [valueOf(a, key), valueOf(b, key)]
          return left === right ? (a.name < b.name ? -1 : 1) : left < right ? -direction : direction
        })
        .map(({ name }) => name)
    }
    const place = new Map(order.current.map((name, index) => [name, index]))
    return matching.sort((a, b) => (place.get(a.name) ?? Infinity) - (place.get(b.name) ?? Infinity))
  }, [pools, names, key, isDescending, isPointed])
  const sortBy = (next: SortKey, isNumber: boolean): void => {
    const descending = next === key ? !isDescending : isNumber
    page.router.change({ sort: `${descending ? "-" : ""}${next}` })
  }
  return (
    <table class="pools" onPointerEnter={() => setPointed(true)} onPointerLeave={() => setPointed(false)}>
      <thead>
        <tr>
          <th class="choose">
            <span class="unseen">Open together</span>
          </th>
          {columns.map(([name, title, isNumber]) => (
            <th
              key={name}
              class={isNumber ? "number" : ""}
              aria-sort={name === key ? (isDescending ? "descending" : "ascending") : "none"}
            >
              <button type="button" onClick={() => sortBy(name, isNumber)}>
                {title}
                {name === key ? (isDescending ? " ↓" : " ↑") : ""}
              </button>
            </th>
          ))}
          <th>
            <span>Last 5 minutes</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((pool) => (
          <PoolRow key={pool.name} pool={pool} now={now} />
        ))}
        {unreadable
          .filter(({ name }) => name.toLowerCase().includes(names))
          .map(({ error, name }) => (
            <tr key={`!${name}`} data-testid={testIds.unreadable}>
              <td class="choose" />
              <td>
                <span class="truncate">{name}</span>
              </td>
              <td colSpan={7}>
                <span class="error-text">
                  Cannot be read ({error.kind}): {error.message}. {error.hint}
                </span>
              </td>
            </tr>
          ))}
      </tbody>
      {sorted.length > 1 ? <TotalRow pools={sorted} /> : null}
    </table>
  )
}

const PoolRow = ({ now, pool }: { readonly pool: PoolEntry; readonly now: number }) => {
  const page = usePage()
  const span = spanOf(pool)
  const open = (event: MouseEvent): void => {
    if (!isPlainPress(event)) return
    event.preventDefault()
    page.router.openPool(pool.name)
  }
  return (
    <tr data-testid={testIds.poolRow} data-pool={pool.name} onClick={open}>
      <ChooseCell name={pool.name} />
      <td>
        <a href={poolPath(pool.name)}>{pool.name}</a>
      </td>
      <td class="number" data-label="Messages" data-field="messages">
        {formatCount(pool.messageCount)}
      </td>
      <td class="number" data-label="Per second" data-field="rate">
        {formatRate(pool.meter.perSecond)}
      </td>
      <td class="number" data-label="Newest">
        {pool.newestMillis === undefined ? <span class="muted">empty</span> : formatRelative(pool.newestMillis, now)}
      </td>
      <td class="number" data-label="Kept for">
        {span === undefined ? (
          <span class="muted">–</span>
        ) : (
          formatDuration(span < 1000 ? span : Math.floor(span / 1000) * 1000)
        )}
      </td>
      <td data-label="Used">
        <span class="usage">
          <Meter percent={pool.usedPercent} label="Used" />
          <span class="number">{formatPercent(pool.usedPercent)}</span>
        </span>
      </td>
      <td class="number" data-label="File">
        {formatBytes(pool.fileSize)}
      </td>
      <td class="trend">
        <Sparkline values={pool.history.values(performance.now())} label={`Rate of ${pool.name} over five minutes`} />
      </td>
    </tr>
  )
}

/** A row opens its pool; this cell does not. */
const ChooseCell = ({ name }: { readonly name: string }) => {
  const { router } = usePage()
  const chosen = useDerived(router, ({ others }) => others)
  const isChosen = chosen.includes(name)
  const isFull = chosen.length >= mostTogether && !isChosen
  return (
    <td class="choose" onClick={(event) => event.stopPropagation()}>
      <label class="check" title={isFull ? `At most ${mostTogether} pools can be open together` : undefined}>
        <input
          type="checkbox"
          aria-label={`Choose ${name} to be opened together with others`}
          data-testid={testIds.choose}
          checked={isChosen}
          disabled={isFull}
          onChange={() =>
            router.change({ others: isChosen ? chosen.filter((other) => other !== name) : [...chosen, name] })
          }
        />
      </label>
    </td>
  )
}

const TotalRow = ({ pools }: { readonly pools: ReadonlyArray<PoolEntry> }) => (
  <tfoot>
    <tr>
      <td class="choose wide-only" />
      <td>{pools.length} pools</td>
      <td class="number" data-label="Messages">
        {formatCount(pools.reduce((sum, { messageCount }) => sum + messageCount, 0))}
      </td>
      <td class="number" data-label="Per second">
        {formatRate(pools.reduce((sum, { meter }) => sum + meter.perSecond, 0))}
      </td>
      <td class="wide-only" colSpan={3} />
      <td class="number" data-label="Files">
        {formatBytes(pools.reduce((sum, { fileSize }) => sum + fileSize, 0))}
      </td>
      <td class="wide-only" />
    </tr>
  </tfoot>
)
