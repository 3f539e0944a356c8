/**
 * The retained time as a histogram. A press goes to the moment, a drag shows only what is within, the arrow keys move a
 * cursor. To the left of it nothing is retained any more, and it says so.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { poolRoute } from "../logic/routes.js"
import { usePage, useZone } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { formatClock, formatCount } from "../logic/format.js"
import {
  bars,
  bucketAt,
  dragWindow,
  pixelToTime,
  ticks,
  timeToPixel,
  type HistogramBucket,
  type TimelineScale
} from "../logic/timeline.js"
import { testIds } from "../testIds.js"
import { shortSpanMillis, windowText } from "./windowText.js"

const bucketCount = 120
const refreshMillis = 5_000
const plotHeight = 38

interface WireHistogram {
  readonly buckets: ReadonlyArray<{ readonly start: string; readonly end: string; readonly count: number }>
}

/** Undefined until the server has answered. */
const useHistogram = (pool: PoolSession): ReadonlyArray<HistogramBucket> | undefined => {
  const { client } = usePage()
  const [buckets, setBuckets] = useState<ReadonlyArray<HistogramBucket> | undefined>(undefined)
  useEffect(() => {
    const leaving = new AbortController()
    let newest: number | undefined = -1
    const load = async (): Promise<void> => {
      // Nothing new, nothing to ask.
      if (document.hidden || pool.buffer.newestSeq === newest) return
      newest = pool.buffer.newestSeq
      try {
        const answer = await client.json<WireHistogram>(
          poolRoute(pool.pool, `/histogram?buckets=${bucketCount}`, "/v0/ui/pools/"),
          { signal: leaving.signal }
        )
        setBuckets(
          answer.buckets.map(({ count, end, start }) => ({ count, start: Date.parse(start), end: Date.parse(end) }))
        )
      } catch {
        // The stream says what is wrong with the pool or the server.
        newest = -1
      }
    }
    void load()
    const timer = setInterval(() => void load(), refreshMillis)
    return () => {
      leaving.abort()
      clearInterval(timer)
    }
  }, [pool, client])
  return buckets
}

export const Timeline = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  const zone = useZone()
  const from = useDerived(page.router, ({ from }) => from)
  const until = useDerived(page.router, ({ until }) => until)
  const selected = useSignal(pool.selected)
  const answered = useHistogram(pool)
  const buckets = answered ?? []
  const plot = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [drag, setDrag] = useState<{ readonly start: number; readonly end: number } | undefined>(undefined)
  const [pointer, setPointer] = useState<number | undefined>(undefined)
  const [cursor, setCursor] = useState<number | undefined>(undefined)
  useLayoutEffect(() => {
    const element = plot.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    setWidth(element.clientWidth)
    return () => observer.disconnect()
  }, [])
  const first = buckets[0]
  const last = buckets.at(-1)
  const scale: TimelineScale = { from: first?.start ?? 0, to: last?.end ?? 0, width }
  const hasSpan = first !== undefined && last !== undefined
  const place = (event: PointerEvent): number => event.clientX - (plot.current?.getBoundingClientRect().left ?? 0)

  const choose = (startX: number, endX: number): void => {
    if (!hasSpan) return
    const window = dragWindow(scale, startX, endX)
    if (window === undefined) void pool.goToTime(pixelToTime(scale, endX))
    else page.router.change({ ...window, seq: undefined }, { isStep: true })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!hasSpan) return
    const step = width / bucketCount
    const at = cursor ?? width
    if (event.shiftKey && event.key.startsWith("Arrow"))
      setDrag({ start: drag?.start ?? at, end: at + (event.key === "ArrowLeft" ? -step : step) })
    if (event.key === "ArrowLeft") setCursor(Math.max(0, at - step))
    else if (event.key === "ArrowRight") setCursor(Math.min(width, at + step))
    else if (event.key === "Enter") {
      choose(drag?.start ?? at, drag?.end ?? at)
      setDrag(undefined)
    } else if (event.key === "Escape" && drag !== undefined) setDrag(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const shown = pointer ?? cursor
  const bucket = shown === undefined || !hasSpan ? undefined : bucketAt(scale, buckets, shown)
  const inside = (bucket: HistogramBucket): boolean =>
    (from !== undefined || until !== undefined) && bucket.end >= (from ?? 0) && bucket.start <= (until ?? Infinity)
  const clockText = (moment: number): string =>
    formatClock(moment, zone).slice(0, scale.to - scale.from < shortSpanMillis ? 12 : 8)
  const offset = zone === "utc" || !hasSpan ? 0 : -new Date(scale.to).getTimezoneOffset()
  return (
    <div class="timeline" data-testid={testIds.timeline}>
      <div
        ref={plot}
        class="timeline-plot"
        role="slider"
        tabIndex={0}
        aria-label="Timeline of the retained messages. Arrow keys move, with Shift they select, Enter goes there."
        aria-valuemin={scale.from}
        aria-valuemax={scale.to}
        aria-valuenow={hasSpan ? pixelToTime(scale, cursor ?? width) : 0}
        aria-valuetext={hasSpan ? formatClock(pixelToTime(scale, cursor ?? width), zone) : "empty"}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrag({ start: place(event), end: place(event) })
        }}
        onPointerMove={(event) => {
          setPointer(place(event))
          if (drag !== undefined) setDrag({ ...drag, end: place(event) })
        }}
        onPointerUp={(event) => {
          if (drag !== undefined) choose(drag.start, place(event))
          setDrag(undefined)
        }}
        onPointerCancel={() => setDrag(undefined)}
        onPointerLeave={() => setPointer(undefined)}
        onBlur={() => {
          setCursor(undefined)
          setDrag(undefined)
        }}
      >
        <svg aria-hidden="true">
          {bars(scale, buckets).map(({ bucket, height, width, x }) => (
            <rect
              key={x}
              class={inside(bucket) ? "bar inside" : "bar"}
              x={x}
              y={plotHeight - height * (plotHeight - 4)}
              width={Math.max(1, width - 1)}
              height={height * (plotHeight - 4)}
            />
          ))}
        </svg>
        {hasSpan && from !== undefined && until !== undefined ? (
          <span class="selection" style={spanStyle(timeToPixel(scale, from), timeToPixel(scale, until))} />
        ) : null}
        {drag === undefined ? null : <span class="selection" style={spanStyle(drag.start, drag.end)} />}
        {selected !== undefined && hasSpan && selected.timeMillis >= scale.from && selected.timeMillis <= scale.to ? (
          <span class="cursor" style={{ left: `${timeToPixel(scale, selected.timeMillis)}px` }} />
        ) : null}
        {cursor === undefined ? null : <span class="cursor" style={{ left: `${cursor}px` }} />}
        {bucket === undefined || shown === undefined ? null : (
          <span
            class="timeline-tip"
            style={{ left: `${Math.min(Math.max(shown, 120), Math.max(120, width - 120))}px` }}
          >
            {formatCount(bucket.count)} in {windowText(bucket.start, bucket.end, zone)}
          </span>
        )}
      </div>
      <div class="timeline-axis" aria-hidden="true">
        {hasSpan ? (
          <>
            <span class="gone" title="Messages before this were overwritten, or never were.">
              {clockText(scale.from)}
            </span>
            {ticks(scale, Math.max(1, Math.floor(width / 110)), offset)
              .filter((moment) => {
                const middle = timeToPixel(scale, moment)
                return middle > labelPixels * 1.5 && middle < width - labelPixels / 2
              })
              .map((moment) => (
                <span key={moment} style={{ left: `${timeToPixel(scale, moment)}px` }}>
                  {clockText(moment)}
                </span>
              ))}
          </>
        ) : answered === undefined ? null : (
          <span class="gone">The timeline begins with the first message.</span>
        )}
      </div>
    </div>
  )
}

/** The widest label, with a gap: the first begins at the left end, the others are centred on their moments. */
const labelPixels = 80

const spanStyle = (a: number, b: number) => ({ left: `${Math.min(a, b)}px`, width: `${Math.abs(b - a)}px` })
