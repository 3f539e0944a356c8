/**
 * Histograms as they are asked for over and over: one count at a time for each pool, and none while the last one will do. It
 * does as long as the pool is the same, and for a large pool as long as it took to make: pages that poll, however many, take
 * at most half of a server's time.
 */
import * as Effect from "effect/Effect"
import type { EncodedPool } from "../../src/EncodedPool.js"
import type { PoolError } from "../../src/PoolError.js"
import { boundsOf } from "./headerSteps.js"
import { histogram, type Histogram } from "./histogram.js"

interface Kept {
  readonly turn: Effect.Semaphore
  last:
    | {
        readonly buckets: number
        readonly answer: Histogram
        readonly madeAtMillis: number
        readonly tookMillis: number
      }
    | undefined
}

export class KeptHistograms {
  private readonly kept = new WeakMap<EncodedPool, Kept>()

  constructor(
    private readonly count = histogram,
    /** What is counted in less than this is counted anew whenever the pool has changed. */
    private readonly shortMillis = 50
  ) {}

  /** The histogram of the pool, of now or of a moment ago; its bounds say of which messages. */
  of(pool: EncodedPool, buckets: number): Effect.Effect<Histogram, PoolError> {
    return Effect.suspend(() => {
      let kept = this.kept.get(pool)
      if (kept === undefined) this.kept.set(pool, (kept = { turn: Effect.unsafeMakeSemaphore(1), last: undefined }))
      return kept.turn.withPermits(1)(this.ofKept(pool, buckets, kept))
    })
  }

  private ofKept(pool: EncodedPool, buckets: number, kept: Kept): Effect.Effect<Histogram, PoolError> {
    return Effect.flatMap(boundsOf(pool), ({ newest, oldest }) => {
      const startMillis = performance.now()
      const { last } = kept
      if (last?.buckets === buckets) {
        const { bounds } = last.answer
        const isSame = bounds.oldest === oldest && bounds.newest === newest
        const isRecent = last.tookMillis >= this.shortMillis && startMillis - last.madeAtMillis < last.tookMillis
        if (isSame || isRecent) return Effect.succeed(last.answer)
      }
      return Effect.map(this.count(pool, buckets), (answer) => {
        const madeAtMillis = performance.now()
        kept.last = { buckets, answer, madeAtMillis, tookMillis: madeAtMillis - startMillis }
        return answer
      })
    })
  }
}
