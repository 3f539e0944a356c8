// A pixel is a time and a time is a pixel, also at the ends.
import { assert, describe, it } from "vitest"
import { bars, bucketAt, dragWindow, pixelToTime, ticks, timeToPixel } from "../../http/page/logic/timeline.js"

const scale = { from: 1_000, to: 3_000, width: 200 }
const buckets = [
  { start: 1_000, end: 2_000, count: 100 },
  { start: 2_000, end: 2_500, count: 1 },
  { start: 2_500, end: 3_000, count: 0 }
]

describe("the timeline", () => {
  it("turns times into pixels and back, within its ends", () => {
    assert.deepEqual(
      [0, 1_000, 1_500, 3_000, 9_000].map((time) => timeToPixel(scale, time)),
      [0, 0, 50, 200, 200]
    )
    assert.deepEqual(
      [-5, 0, 50, 200, 900].map((x) => pixelToTime(scale, x)),
      [1_000, 1_000, 1_500, 3_000, 3_000]
    )
    assert.strictEqual(timeToPixel({ ...scale, to: 1_000 }, 1_000), 0)
    assert.strictEqual(pixelToTime({ ...scale, width: 0 }, 10), 1_000)
  })

  it("draws a little for a little, and nothing for nothing", () => {
    assert.deepEqual(
      bars(scale, buckets).map(({ height, width, x }) => [x, width, height]),
      [
        [0, 100, 1],
        [100, 50, 0.06],
        [150, 50, 0]
      ]
    )
    assert.strictEqual(bucketAt(scale, buckets, 99.9), buckets[0])
    assert.strictEqual(bucketAt(scale, buckets, 100), buckets[1])
    assert.strictEqual(bucketAt(scale, buckets, 200), buckets[2])
    assert.isUndefined(bucketAt(scale, [], 10))
  })

  it("tells a drag, in either direction, from a click", () => {
    assert.isUndefined(dragWindow(scale, 50, 53))
    assert.deepEqual(dragWindow(scale, 50, 100), { from: 1_500, until: 2_000 })
    assert.deepEqual(dragWindow(scale, 100, 50), { from: 1_500, until: 2_000 })
  })

  it("labels round moments, in local time too", () => {
    assert.deepEqual(ticks({ from: 1_100, to: 9_900, width: 1 }, 5), [2_000, 4_000, 6_000, 8_000])
    const day = 86_400_000
    assert.deepEqual(ticks({ from: 0, to: 3 * day, width: 1 }, 4, 120), [
      day - 7_200_000,
      2 * day - 7_200_000,
      3 * day - 7_200_000
    ])
    assert.deepEqual(ticks({ from: 5, to: 5, width: 1 }, 4), [])
    assert.isAtMost(ticks({ from: 0, to: 1e12, width: 1 }, 6).length, 6)
  })
})
