/**
 * Plays the loaded messages back at the spacing they had. The list shows those that have come; the live stream goes on
 * being collected behind it.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import { useZone } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { formatClock, formatCount, formatDuration } from "../logic/format.js"
import {
  defaultSilenceMillis,
  isFinished,
  makeReplay,
  makeScore,
  nextDueAt,
  offsetAt,
  pause,
  play,
  replaySpeeds,
  seek,
  setSpeed,
  shownAt,
  silenceAt,
  stepBy,
  type Replay,
  type ReplaySpeed
} from "../logic/replay.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"

interface Score {
  /** The list's row of each message. */
  readonly rows: ReadonlyArray<number>
  readonly times: ReadonlyArray<number>
}

const collect = (pool: PoolSession): Score => {
  const rows: Array<number> = []
  const times: Array<number> = []
  for (let row = pool.rows.firstRow; row < pool.rows.endRow; row++) {
    const held = pool.rows.rowAt(row)
    if (held?.kind !== "message") continue
    rows.push(row)
    times.push(held.message.timeMillis)
  }
  return { rows, times }
}

export const ReplayBar = ({ pool }: { readonly pool: PoolSession }) => {
  const zone = useZone()
  const [score, setScore] = useState<Score | undefined>(undefined)
  const [replay, setReplay] = useState<Replay | undefined>(undefined)
  const [cutsSilence, setCutsSilence] = useState(true)
  const shownRef = useRef(-1)

  // What is retained, or chosen, is loaded first; then the list is held still for the replay to move.
  useEffect(() => {
    let isClosed = false
    const start = async (): Promise<void> => {
      await pool.history.loadAll()
      if (isClosed) return
      pool.pause()
      pool.unfollow()
      pool.rows.freeze(undefined)
      const found = collect(pool)
      setScore(found)
      setReplay(makeReplay(makeScore(found.times), 1, performance.now()))
    }
    void start()
    return () => {
      isClosed = true
      pool.rows.freeze(undefined)
      pool.resume()
      pool.wanted.set({ row: pool.rows.endRow - 1 })
    }
  }, [pool])

  const show = (next: Replay): void => {
    setReplay(next)
    if (score === undefined) return
    const shown = shownAt(next, performance.now())
    if (shown === shownRef.current) return
    shownRef.current = shown
    const end = shown === 0 ? (score.rows[0] ?? pool.rows.firstRow) : score.rows[shown - 1]! + 1
    pool.rows.freeze(end)
    pool.wanted.set({ row: Math.max(end - 1, pool.rows.firstRow) })
    pool.touch()
  }
  useEffect(() => {
    if (replay === undefined || score === undefined) return
    show(replay)
    if (!replay.isPlaying) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const advance = (): void => {
      const now = performance.now()
      if (isFinished(replay, now)) return show(pause(replay, now))
      show({ ...replay })
      const due = nextDueAt(replay, now)
      // A message comes when it is due; until then the slider moves a few times a second.
      const wait = due === undefined ? 100 : Math.min(100, Math.max(0, due - now))
      timer = setTimeout(advance, wait)
    }
    advance()
    return () => clearTimeout(timer)
  }, [replay?.isPlaying, replay?.speed, replay?.anchoredAt, replay?.score, score])

  if (replay === undefined || score === undefined) {
    return (
      <div class="replay" data-testid={testIds.replay}>
        Loading what is retained…
      </div>
    )
  }
  const now = performance.now()
  const offset = offsetAt(replay, now)
  const shown = shownAt(replay, now)
  const silence = silenceAt(replay, now)
  const time = score.times[Math.max(0, shown - 1)]
  const change = (next: (replay: Replay, now: number) => Replay): void => show(next(replay, performance.now()))
  return (
    <div class="replay" role="group" aria-label="Replay" data-testid={testIds.replay} data-shown={shown}>
      <button
        type="button"
        class="button small icon"
        aria-label="Step back"
        data-testid={testIds.replayStepBack}
        onClick={() => change((held, at) => stepBy(held, -1, at))}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        class="button small icon"
        aria-label={replay.isPlaying ? "Pause the replay" : "Play"}
        data-testid={testIds.replayPlay}
        onClick={() => change(replay.isPlaying ? pause : play)}
      >
        <Icon name={replay.isPlaying ? "pause" : "play"} />
      </button>
      <button
        type="button"
        class="button small icon"
        aria-label="Step forward"
        data-testid={testIds.replayStepForward}
        onClick={() => change((held, at) => stepBy(held, 1, at))}
      >
        <Icon name="forward" />
      </button>
      <label class="unseen" for="replay-position">
        Position
      </label>
      <input
        id="replay-position"
        type="range"
        min={0}
        max={Math.max(1, replay.score.durationMillis)}
        step="any"
        value={offset}
        data-testid={testIds.replayPosition}
        onInput={({ currentTarget }) => change((held, at) => seek(held, Number(currentTarget.value), at))}
      />
      <span class="count">
        {formatCount(shown)} of {formatCount(score.rows.length)}
        {time === undefined ? "" : ` · ${formatClock(time, zone)}`}
      </span>
      <label class="check">
        <span class="label">Speed</span>
        <select
          class="input"
          data-testid={testIds.replaySpeed}
          value={String(replay.speed)}
          onChange={({ currentTarget }) =>
            change((held, at) =>
              setSpeed(
                held,
                replaySpeeds.find((speed) => String(speed) === currentTarget.value) ?? (1 satisfies ReplaySpeed),
                at
              )
            )
          }
        >
          {replaySpeeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed === "instant" ? "No delay" : `× ${speed}`}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={cutsSilence}
          onChange={({ currentTarget }) => {
            const cuts = currentTarget.checked
            setCutsSilence(cuts)
            const next = makeScore(score.times, cuts ? defaultSilenceMillis : Number.POSITIVE_INFINITY)
            change((held, at) => ({
              ...held,
              score: next,
              offset: next.offsets[Math.max(0, shown - 1)] ?? 0,
              anchoredAt: at
            }))
          }}
        />
        Cut silences
      </label>
      {silence === undefined ? null : <span class="hint">{formatDuration(silence.millis)} of silence, cut short</span>}
      <button
        type="button"
        class="button plain small icon"
        aria-label="End the replay"
        onClick={() => pool.replay.set(false)}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
