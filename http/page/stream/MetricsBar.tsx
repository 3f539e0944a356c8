/**
 * The pool in numbers, fresh while messages come: how many, how fast, how full, how long until the oldest is gone.
 */
import { useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useSignal } from "../data/Signal.js"
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../logic/format.js"
import { millisUntilOverwritten } from "../logic/rates.js"
import { Meter, Sparkline } from "../overview/Sparkline.js"
import { testIds } from "../testIds.js"

const spans = [
  [60, "1 min"],
  [300, "5 min"],
  [900, "15 min"]
] as const

export const MetricsBar = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  useSignal(page.feed)
  const now = useSignal(page.clock)
  const [spanIndex, setSpanIndex] = useState(1)
  const entry = page.feed.entry(pool.pool)
  // The room is kept, so that nothing moves when the numbers come.
  if (entry === undefined) return <div class="metrics" />
  const { bounds, freeBytes, rate } = {
    bounds: entry.bounds,
    freeBytes: Math.max(0, entry.ringSize - entry.usedBytes),
    rate: entry.meter.perSecond
  }
  const average = entry.messageCount === 0 ? 0 : entry.usedBytes / entry.messageCount
  const bytesPerSecond = rate * average
  const [seconds, spanText] = spans[spanIndex]!
  const at = performance.now()
  const values =
    seconds === 60
      ? pool.arrivals.rates.values(at, 60)
      : seconds === 300
        ? entry.history.values(at)
        : entry.longHistory.values(at)
  const oldestShown = pool.buffer.oldestSeq
  const until =
    oldestShown === undefined || bounds.oldest === undefined || bounds.newest === undefined
      ? undefined
      : millisUntilOverwritten(
          oldestShown,
          { usedBytes: entry.usedBytes, freeBytes, oldestSeq: bounds.oldest, newestSeq: bounds.newest },
          bytesPerSecond
        )
  return (
    <dl class="metrics">
      <div>
        <dt>Messages</dt>
        <dd data-testid={testIds.messageCount} data-value={entry.messageCount}>
          {formatCount(entry.messageCount)}
        </dd>
      </div>
      <div>
        <dt>Per second</dt>
        <dd>
          <span data-testid={testIds.rate}>{formatRate(rate)}</span>
          <Sparkline values={values} label={`Rate over ${spanText}`} />
          <button
            type="button"
            class="button plain small"
            title="How far back the line goes"
            onClick={() => setSpanIndex((spanIndex + 1) % spans.length)}
          >
            {spanText}
          </button>
        </dd>
      </div>
      <div>
        <dt>Bytes per second</dt>
        <dd>{formatBytes(Math.round(bytesPerSecond))}</dd>
      </div>
      <div>
        <dt>Average size</dt>
        <dd>{formatBytes(Math.round(average))}</dd>
      </div>
      <div>
        <dt>Used</dt>
        <dd>
          <Meter percent={entry.usedPercent} label="Used space" />
          {formatPercent(entry.usedPercent)}
          <small>
            {formatBytes(entry.usedBytes)} of {formatBytes(entry.ringSize)}
          </small>
        </dd>
      </div>
      <div>
        <dt>Kept for</dt>
        <dd>
          {entry.oldestMillis === undefined
            ? "–"
            : formatDuration(Math.floor(Math.max(0, now - entry.oldestMillis) / 1000) * 1000)}
        </dd>
      </div>
      <div>
        <dt>Oldest shown is overwritten</dt>
        <dd>
          {until === undefined
            ? "not at this rate"
            : until === 0
              ? "already"
              : `in about ${formatDuration(roundSeconds(until))}`}
        </dd>
      </div>
    </dl>
  )
}

const roundSeconds = (millis: number): number => Math.max(1, Math.round(millis / 1000)) * 1000
