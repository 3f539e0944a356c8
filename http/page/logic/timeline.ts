/**
 * The arithmetic of the timeline: time to pixel and back, bars of a histogram, a window that is dragged. A timeline
 * covers `from` to `to` (milliseconds since 1970) over `width` pixels; places outside are clamped to its ends.
 */

export interface TimelineScale {
  readonly from: number
  readonly to: number
  readonly width: number
}

export interface HistogramBucket {
  /** Milliseconds since 1970; `end` is where the next begins. */
  readonly start: number
  readonly end: number
  readonly count: number
}

export interface TimeWindow {
  readonly from: number
  readonly until: number
}

export interface TimelineBar {
  readonly x: number
  readonly width: number
  /** 0 to 1, of the highest; a bar that stands for anything is at least a little high. */
  readonly height: number
  readonly bucket: HistogramBucket
}

export const timeToPixel = ({ from, to, width }: TimelineScale, time: number): number =>
  to <= from ? 0 : clamp(((time - from) / (to - from)) * width, 0, width)

export const pixelToTime = ({ from, to, width }: TimelineScale, x: number): number =>
  width <= 0 ? from : from + (clamp(x, 0, width) / width) * (to - from)

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)

const lowestBar = 0.06

export const bars = (scale: TimelineScale, buckets: ReadonlyArray<HistogramBucket>): ReadonlyArray<TimelineBar> => {
  const highest = Math.max(1, ...buckets.map(({ count }) => count))
  return buckets.map((bucket) => {
    const x = timeToPixel(scale, bucket.start)
    const height = bucket.count === 0 ? 0 : Math.max(lowestBar, bucket.count / highest)
    return { x, width: Math.max(0, timeToPixel(scale, bucket.end) - x), height, bucket }
  })
}

/** The bucket at a pixel; undefined where there is none. */
export const bucketAt = (
  scale: TimelineScale,
  buckets: ReadonlyArray<HistogramBucket>,
  x: number
): HistogramBucket | undefined => {
  const time = pixelToTime(scale, x)
  const last = buckets.at(-1)
  return buckets.find(({ end, start }) => time >= start && time < end) ?? (last?.end === time ? last : undefined)
}

/** Fewer pixels than a hand holds still are a click. */
const clickPixels = 4

/** What a drag from one pixel to another selects; undefined when it was a click. */
export const dragWindow = (scale: TimelineScale, startX: number, endX: number): TimeWindow | undefined => {
  if (Math.abs(endX - startX) < clickPixels) return undefined
  const from = pixelToTime(scale, Math.min(startX, endX))
  const until = pixelToTime(scale, Math.max(startX, endX))
  return { from: Math.floor(from), until: Math.ceil(until) }
}

const tickSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5,
  216e5, 432e5, 864e5, 1728e5, 6048e5, 12096e5, 26784e5
]

/** Round moments to label, no more than `most`. `offsetMinutes` is what local time is ahead of UTC. */
export const ticks = ({ from, to }: TimelineScale, most: number, offsetMinutes = 0): ReadonlyArray<number> => {
  const span = to - from
  if (span <= 0 || most < 1) return []
  const step = tickSteps.find((candidate) => span / candidate <= most) ?? Math.ceil(span / most)
  const offset = offsetMinutes * 60_000
  const first = Math.ceil((from + offset) / step) * step - offset
  const moments: Array<number> = []
  for (let moment = first; moment <= to && moments.length < most; moment += step) moments.push(moment)
  return moments
}
