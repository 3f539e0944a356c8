// The replay shows each message when it is due, at any speed, and stops, steps and seeks exactly.
import { assert, describe, it } from "vitest"
import {
  isFinished,
  makeReplay,
  makeScore,
  nextDueAt,
  offsetAt,
  pause,
  play,
  seek,
  setSpeed,
  shownAt,
  silenceAt,
  stepBy
} from "../../http/page/logic/replay.js"

const secondly = makeScore([0, 1_000, 2_000, 3_000])

describe("a replay", () => {
  it("keeps the spacing, times the speed", () => {
    const playing = play(makeReplay(secondly, 10, 0), 5_000)
    assert.deepEqual(
      [5_000, 5_099, 5_100, 5_199, 5_200, 5_300, 9_000].map((now) => shownAt(playing, now)),
      [1, 1, 2, 2, 3, 4, 4]
    )
    assert.strictEqual(nextDueAt(playing, 5_000), 5_100)
    assert.strictEqual(nextDueAt(playing, 5_150), 5_200)
    assert.isUndefined(nextDueAt(playing, 5_300))
    assert.isTrue(isFinished(playing, 5_300))
  })

  it("shows a message at the very moment it said it would", () => {
    const score = makeScore([0, 7, 11, 1_003, 1_004].map((time) => time / 3))
    for (const speed of [0.5, 1, 2, 5, 10, 50] as const) {
      for (const start of [1_795_000_000_123, 1_234_567.1]) {
        const playing = play(makeReplay(score, speed, start), start)
        let now = start
        for (let shown = 1; shown < 5; shown = shownAt(playing, now)) {
          now = nextDueAt(playing, now)!
          assert.isAbove(shownAt(playing, now), shown)
        }
      }
    }
  })

  it("shows all at once without delay", () => {
    const instant = play(makeReplay(secondly, "instant", 0), 0)
    assert.strictEqual(shownAt(instant, 0), 4)
    assert.isUndefined(nextDueAt(instant, 0))
  })

  it("pauses at once and goes on where it was, at another speed if wished", () => {
    const paused = pause(play(makeReplay(secondly, 1, 0), 0), 1_500)
    assert.strictEqual(shownAt(paused, 99_000), 2)
    const faster = setSpeed(play(paused, 50_000), 5, 50_100)
    assert.strictEqual(offsetAt(faster, 50_100), 1_600)
    assert.strictEqual(nextDueAt(faster, 50_100), 50_180)
    assert.strictEqual(shownAt(play(pause(faster, 60_000), 70_000), 70_000), 1)
  })

  it("steps on and back one message, those of one millisecond too", () => {
    const score = makeScore([0, 0, 0, 500])
    let replay = makeReplay(score, 1, 0)
    const seen = ([1, 1, 1, 1, -1, -1, -1, -1] as const).map((direction) => {
      replay = stepBy(replay, direction, 0)
      return shownAt(replay, 0)
    })
    assert.deepEqual(seen, [2, 3, 4, 4, 3, 2, 1, 1])
    assert.isFalse(stepBy(play(replay, 0), 1, 0).isPlaying)
  })

  it("cuts long silences and says so", () => {
    const score = makeScore([0, 60_000, 61_000, 60_500])
    assert.deepEqual(
      score.offsets.map((offset) => Math.round(offset)),
      [0, 2_000, 3_000, 3_000]
    )
    assert.deepEqual(score.silences, [{ index: 1, millis: 60_000 }])
    const playing = play(makeReplay(score, 1, 0), 0)
    assert.deepEqual(silenceAt(playing, 100), { index: 1, millis: 60_000 })
    assert.isUndefined(silenceAt(playing, 2_100))
    assert.strictEqual(makeScore([0, 60_000], Number.POSITIVE_INFINITY).durationMillis, 60_000)
  })

  it("seeks within bounds", () => {
    const there = seek(makeReplay(secondly, 1, 0), 2_500, 0)
    assert.strictEqual(shownAt(there, 0), 3)
    assert.strictEqual(seek(there, 9_000, 0).offset, 3_000)
    assert.strictEqual(seek(there, -1, 0).offset, 0)
    assert.strictEqual(shownAt(makeReplay(makeScore([]), 1, 0), 0), 0)
    assert.isTrue(isFinished(makeReplay(makeScore([]), 1, 0), 0))
  })
})
