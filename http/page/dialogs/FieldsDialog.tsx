/**
 * What the loaded messages are made of: tags with their share, fields with how often they were seen, and the counts of
 * one field's values.
 */
import type { ComponentChildren } from "preact"
import { useMemo, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { parseExact, printExact } from "../logic/exactJson.js"
import { formatCount } from "../logic/format.js"
import { columnPath, columnText } from "../logic/summary.js"
import { Meter } from "../overview/Sparkline.js"
import { TagPill } from "../stream/MessageRow.js"
import { Dialog } from "./Dialog.js"

const mostRows = 20
/** So many of the newest messages are counted. */
const mostCounted = 20_000

const countBy = (pool: PoolSession, field: string): ReadonlyArray<readonly [string, number]> => {
  const path = columnPath(field)
  if (path === undefined) return []
  const counts = new Map<string, number>()
  const { buffer } = pool
  for (let row = Math.max(buffer.firstRow, buffer.endRow - mostCounted); row < buffer.endRow; row++) {
    const held = buffer.rowAt(row)
    if (held?.kind !== "message") continue
    const text = columnText(parseExact(held.message.dataText), path, printExact)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

export const FieldsDialog = () => {
  const page = usePage()
  const pool = page.pool.value
  const [field, setField] = useState("")
  const counts = useMemo(() => (pool === undefined || field === "" ? [] : countBy(pool, field)), [pool, field])
  if (pool === undefined) return null
  const paths = pool.arrivals.fieldPaths.paths().filter(({ path }) => path.startsWith(".data."))
  const total = Math.max(1, pool.arrivals.tags.messageCount)
  const counted = Math.max(
    1,
    counts.reduce((sum, [, count]) => sum + count, 0)
  )
  return (
    <Dialog title="Tags and fields" onClose={() => page.closeDialog()} isWide>
      <div class="content">
        <h3>Tags, of {formatCount(pool.arrivals.tags.messageCount)} messages seen</h3>
        <Counts
          rows={pool.arrivals.tags
            .top(mostRows)
            .map(({ count, tag }) => ({ key: tag, count, share: count / total, view: <TagPill tag={tag} /> }))}
          empty="No message had a tag."
        />
        <div class="field">
          <label for="count-field">Count the values of a field</label>
          <input
            id="count-field"
            class="input mono"
            list="count-fields"
            placeholder=".data.level"
            value={field}
            onInput={({ currentTarget }) => setField(currentTarget.value)}
          />
          <datalist id="count-fields">
            {paths.slice(0, 100).map(({ path }) => (
              <option key={path} value={path} />
            ))}
          </datalist>
        </div>
        {field === "" ? null : (
          <Counts
            rows={counts.slice(0, mostRows).map(([text, count]) => ({
              key: text,
              count,
              share: count / counted,
              view: <code class="truncate">{text === "" ? "(absent)" : text}</code>
            }))}
            empty="No loaded message has this field."
          />
        )}
      </div>
    </Dialog>
  )
}

interface CountRow {
  readonly key: string
  readonly count: number
  readonly share: number
  readonly view: ComponentChildren
}

const Counts = ({ empty, rows }: { readonly rows: ReadonlyArray<CountRow>; readonly empty: string }) =>
  rows.length === 0 ? (
    <p class="muted">{empty}</p>
  ) : (
    <ul class="counts">
      {rows.map(({ count, key, share, view }) => (
        <li key={key}>
          {view}
          <Meter percent={share * 100} label="Share" />
          <span class="number">{formatCount(count)}</span>
          <span class="number muted">{Math.round(share * 1000) / 10} %</span>
        </li>
      ))}
    </ul>
  )
