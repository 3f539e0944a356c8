/**
 * Rates and their recent past, accumulated in the page from counters that only rise. Times are milliseconds of any
 * clock that does not go backwards.
 */

/**
 * A smoothed rate per second. Each sample is a counter's value; what happened between two samples fades with the time
 * constant. It is right from the second sample on: a young mean is not drawn towards zero.
 */
export class RateMeter {
  private last: { readonly value: number; readonly at: number } | undefined
  private weighted = 0
  private weight = 0

  constructor(private readonly timeConstantMillis = 5_000) {}

  sample(value: number, at: number): void {
    const { last } = this
    this.last = { value, at }
    // A counter that falls belongs to a pool that was made anew.
    if (last === undefined || at <= last.at || value < last.value) return
    const elapsed = at - last.at
    const kept = Math.exp(-elapsed / this.timeConstantMillis)
    const rate = ((value - last.value) / elapsed) * 1_000
    this.weighted = this.weighted * kept + rate * (1 - kept)
    this.weight = this.weight * kept + (1 - kept)
  }

  /** Per second; zero before there are two samples. */
  get perSecond(): number {
    return this.weight === 0 ? 0 : this.weighted / this.weight
  }

  /** What the counter said last. */
  get value(): number | undefined {
    return this.last?.value
  }
}

/** Counts in buckets of equal length, the newest last: what a sparkline draws. */
export class RateHistory {
  private readonly counts: Array<number>
  /** Number of the newest bucket since time zero. */
  private newest = 0
  private last: number | undefined

  /** The default holds five minutes in steps of five seconds. */
  constructor(
    readonly bucketMillis = 5_000,
    readonly bucketCount = 60
  ) {
    this.counts = Array.from({ length: bucketCount }, () => 0)
  }

  add(count: number, at: number): void {
    const bucket = Math.floor(at / this.bucketMillis)
    this.advance(bucket)
    if (bucket > this.newest - this.bucketCount) {
      const place = bucket % this.bucketCount
      this.counts[place] = this.counts[place]! + count
    }
  }

  /** The same from a counter's value; the first one only says where it stands. */
  sample(value: number, at: number): void {
    if (this.last !== undefined && value > this.last) this.add(value - this.last, at)
    else this.add(0, at)
    this.last = value
  }

  /** Counts per bucket up to `now`, oldest first, or of the last `buckets` only. */
  values(now: number, buckets = this.bucketCount): ReadonlyArray<number> {
    this.advance(Math.floor(now / this.bucketMillis))
    return Array.from({ length: buckets }, (_, index) => {
      const bucket = this.newest - buckets + 1 + index
      return bucket < 0 ? 0 : this.counts[bucket % this.bucketCount]!
    })
  }

  private advance(bucket: number): void {
    if (bucket <= this.newest) return
    const empty = Math.min(bucket - this.newest, this.bucketCount)
    for (let index = 0; index < empty; index++) this.counts[(bucket - index) % this.bucketCount] = 0
    this.newest = bucket
  }
}

/** The points of a sparkline as an SVG path, within `width` by `height`; a line along the bottom when all is zero. */
export const sparklinePath = (values: ReadonlyArray<number>, width: number, height: number): string => {
  // Most are, and a point for each of their values would be much to paint.
  if (values.every((value) => value === 0)) return `M0 ${height}L${width} ${height}`
  const highest = Math.max(...values)
  const step = values.length > 1 ? width / (values.length - 1) : 0
  return values
    .map((value, index) => {
      const x = Math.round(index * step * 100) / 100
      const y = Math.round((height - (value / highest) * height) * 100) / 100
      return `${index === 0 ? "M" : "L"}${x} ${y}`
    })
    .join("")
}

export interface PoolFill {
  readonly usedBytes: number
  readonly freeBytes: number
  readonly oldestSeq: number
  readonly newestSeq: number
}

/**
 * Milliseconds until the message `seq` is overwritten if the pool goes on filling at this rate: all that is older goes
 * first, after the free space is used up. Zero when it is gone already; undefined when nothing comes in, or the pool is
 * empty. An estimate: it takes all messages to be of average size.
 */
export const millisUntilOverwritten = (
  seq: number,
  { freeBytes, newestSeq, oldestSeq, usedBytes }: PoolFill,
  bytesPerSecond: number
): number | undefined => {
  if (seq < oldestSeq) return 0
  const count = newestSeq - oldestSeq + 1
  if (bytesPerSecond <= 0 || count <= 0 || seq > newestSeq) return undefined
  const olderBytes = ((seq - oldestSeq) / count) * usedBytes
  return ((freeBytes + olderBytes) / bytesPerSecond) * 1_000
}
