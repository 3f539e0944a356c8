/**
 * The clock of a replay: which messages are on the screen when, at the spacing they had, faster or slower, with long
 * silences cut short. A pure state; the caller has the timer and passes the time in.
 */

/** Times the original speed; `instant` shows everything at once. */
export type ReplaySpeed = 0.5 | 1 | 2 | 5 | 10 | 50 | "instant"

export const replaySpeeds: ReadonlyArray<ReplaySpeed> = [0.5, 1, 2, 5, 10, 50, "instant"]

export interface Silence {
  /** It comes before this message. */
  readonly index: number
  /** How long it was. */
  readonly millis: number
}

/** The messages to be played, by when each comes on a clock that starts at zero. */
export interface ReplayScore {
  /** Strictly ascending, from 0, one for each message. */
  readonly offsets: ReadonlyArray<number>
  /** Those that were cut to the cap. */
  readonly silences: ReadonlyArray<Silence>
  readonly durationMillis: number
}

export interface Replay {
  readonly score: ReplayScore
  readonly speed: ReplaySpeed
  readonly isPlaying: boolean
  /** Milliseconds on the score's clock, true at `anchoredAt`. */
  readonly offset: number
  readonly anchoredAt: number
}

export const defaultSilenceMillis = 2_000
/** Between messages of the same millisecond, so that each is a step of its own. */
const leastStep = 0.001

/** Of messages in order; a time that goes back counts as no time. `longestSilence` infinite: none is cut. */
export const makeScore = (timesMillis: ReadonlyArray<number>, longestSilence = defaultSilenceMillis): ReplayScore => {
  const offsets: Array<number> = []
  const silences: Array<Silence> = []
  let offset = 0
  for (let index = 0; index < timesMillis.length; index++) {
    const silence = index === 0 ? 0 : Math.max(0, timesMillis[index]! - timesMillis[index - 1]!)
    if (silence > longestSilence) {
      silences.push({ index, millis: silence })
      offset += longestSilence
    } else offset += index === 0 ? 0 : Math.max(silence, leastStep)
    offsets.push(offset)
  }
  return { offsets, silences, durationMillis: offset }
}

/** At the first message, not playing yet. */
export const makeReplay = (score: ReplayScore, speed: ReplaySpeed, now: number): Replay => ({
  score,
  speed,
  isPlaying: false,
  offset: 0,
  anchoredAt: now
})

/** Where the score's clock stands. */
export const offsetAt = (replay: Replay, now: number): number => {
  const { durationMillis } = replay.score
  if (!replay.isPlaying) return replay.offset
  if (replay.speed === "instant") return durationMillis
  return Math.min(durationMillis, replay.offset + Math.max(0, now - replay.anchoredAt) * replay.speed)
}

/** How many messages are shown. */
export const shownAt = (replay: Replay, now: number): number => countUpTo(replay.score.offsets, offsetAt(replay, now))

export const isFinished = (replay: Replay, now: number): boolean => shownAt(replay, now) >= replay.score.offsets.length

/** When the next message is due, by the caller's clock, in whole milliseconds on; undefined when none is waited for. */
export const nextDueAt = (replay: Replay, now: number): number | undefined => {
  const next = replay.score.offsets[shownAt(replay, now)]
  if (!replay.isPlaying || next === undefined || replay.speed === "instant") return undefined
  return replay.anchoredAt + Math.ceil((next - replay.offset) / replay.speed - 1e-6)
}

/** The silence that is being cut short now, if there is one. */
export const silenceAt = (replay: Replay, now: number): Silence | undefined => {
  const next = shownAt(replay, now)
  return replay.score.silences.find(({ index }) => index === next)
}

/** From the start again when it was at its end. */
export const play = (replay: Replay, now: number): Replay => {
  if (replay.isPlaying) return replay
  const offset = isFinished(replay, now) ? 0 : replay.offset
  return { ...replay, isPlaying: true, offset, anchoredAt: now }
}

/** Nothing that is not shown by `now` is shown after it. */
export const pause = (replay: Replay, now: number): Replay => ({
  ...replay,
  isPlaying: false,
  offset: offsetAt(replay, now),
  anchoredAt: now
})

export const setSpeed = (replay: Replay, speed: ReplaySpeed, now: number): Replay => ({
  ...replay,
  speed,
  offset: offsetAt(replay, now),
  anchoredAt: now
})

/** To a place on the score's clock, playing on if it was. */
export const seek = (replay: Replay, offset: number, now: number): Replay => ({
  ...replay,
  offset: Math.min(Math.max(0, offset), replay.score.durationMillis),
  anchoredAt: now
})

/** One message on, or back, and pause. */
export const stepBy = (replay: Replay, direction: 1 | -1, now: number): Replay => {
  const { offsets } = replay.score
  const shown = shownAt(replay, now)
  const current = offsets[shown - 1] ?? 0
  const before = offsets[countBelow(offsets, current) - 1]
  const target = direction === 1 ? offsets[shown] : before
  return { ...replay, isPlaying: false, offset: target ?? (direction === 1 ? current : 0), anchoredAt: now }
}

/** How many of the ascending values are at most `limit`. A clock in steps of fractions must not miss by a rounding. */
const countUpTo = (ascending: ReadonlyArray<number>, limit: number): number => {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= limit + 1e-6) low = middle + 1
    else high = middle
  }
  return low
}

const countBelow = (ascending: ReadonlyArray<number>, limit: number): number =>
  countUpTo(ascending, limit - leastStep / 2)
