// Times, sizes and numbers as they are shown, and what may be typed for them.
import { assert, describe, it } from "vitest"
import {
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatDistance,
  formatDuration,
  formatExact,
  formatPercent,
  formatRate,
  formatRelative,
  formatShortCount,
  formatSpan,
  nanosecondsBetween,
  parseBytes
} from "../../http/page/logic/format.js"
import { parseJump } from "../../http/page/logic/jump.js"

const pairs = <A>(format: (value: A) => string, expected: ReadonlyArray<readonly [A, string]>): void =>
  assert.deepEqual(
    expected.map(([value]) => format(value)),
    expected.map(([, text]) => text)
  )

describe("formats", () => {
  it("ages and durations", () => {
    pairs(formatAge, [
      [-5_000, "0 s"],
      [59_999, "59 s"],
      [60_000, "1 min"],
      [3_600_000, "1 h"],
      [47 * 3_600_000, "47 h"],
      [48 * 3_600_000, "2 d"]
    ])
    pairs(formatDuration, [
      [0, "0 ms"],
      [0.25, "250 µs"],
      [1.25, "1.3 ms"],
      [850, "850 ms"],
      [1_500, "1.5 s"],
      [59_940, "59.9 s"],
      [125_000, "2 min 5 s"],
      [7_200_000, "2 h"],
      [90_060_000, "1 d 1 h"],
      [-3_000, "−3 s"]
    ])
    assert.strictEqual(formatRelative(1_000, 13_500), "12 s ago")
    assert.strictEqual(formatRelative(1_000, 1_400), "now")
    assert.strictEqual(formatRelative(200_000, 0), "in 3 min")
  })

  it("sizes both ways", () => {
    pairs(formatBytes, [
      [0, "0 B"],
      [1_023, "1023 B"],
      [1_536, "1.5 KiB"],
      [67_108_864, "64 MiB"],
      [1_234_567, "1.18 MiB"],
      [5 * 1024 ** 4, "5 TiB"]
    ])
    const parsed = ["64MiB", "64 M", "1.5 gb", "4096", " 2 k ", "0.3 k", "x", "1 XB", "-1", "999999999999 T"].map(
      parseBytes
    )
    assert.deepEqual(parsed, [
      67_108_864,
      67_108_864,
      1_610_612_736,
      4_096,
      2_048,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })

  it("counts, rates and shares", () => {
    pairs(formatCount, [
      [0, "0"],
      [999, "999"],
      [1_234_567, "1,234,567"]
    ])
    pairs(formatShortCount, [
      [9_999, "9,999"],
      [12_399, "12.3 k"],
      [999_999, "999 k"],
      [4_560_000, "4.5 M"]
    ])
    pairs(formatRate, [
      [0, "0"],
      [0.001, "0"],
      [0.25, "0.25"],
      [3.44, "3.4"],
      [12.4, "12"],
      [5_000.4, "5,000"]
    ])
    pairs(formatPercent, [
      [0, "0 %"],
      [0.04, "0.1 %"],
      [0.47, "0.4 %"],
      [12.4, "12 %"],
      [99.7, "99 %"],
      [100, "100 %"]
    ])
  })

  it("times with all their digits", () => {
    const time = "2026-03-04T09:15:30.204518931Z"
    assert.strictEqual(formatExact(time, "utc"), "2026-03-04 09:15:30.204518931 UTC")
    assert.strictEqual(formatExact("2026-03-04T09:15:30Z", "utc"), "2026-03-04 09:15:30.000000000 UTC")
    assert.strictEqual(formatClock(Date.parse(time), "utc"), "09:15:30.204")
    assert.match(formatExact(time, "local"), /^2026-03-0\d \d\d:\d\d:30\.204518931 [+-]\d\d:\d\d$/)
    assert.strictEqual(nanosecondsBetween("2026-03-04T09:15:29.999999999Z", "2026-03-04T09:15:30.000000001Z"), 2n)
    assert.strictEqual(formatDistance("2026-03-04T09:15:30Z", "2026-03-04T09:15:30.00125Z"), "+1.3 ms")
    assert.strictEqual(formatDistance("2026-03-04T09:15:30Z", "2026-03-04T09:15:27Z"), "−3 s")
    const start = Date.parse("2026-03-04T23:59:00Z")
    assert.strictEqual(formatSpan(start, start + 30_000, "utc"), "2026-03-04 23:59:00 – 23:59:30")
    assert.strictEqual(formatSpan(start, start + 90_000, "utc"), "2026-03-04 23:59:00 – 2026-03-05 00:00:30")
  })
})

describe("a jump", () => {
  it("goes to numbers, times, ages and words", () => {
    const now = new Date(2026, 2, 4, 9, 30).getTime()
    const minutes = (count: number) => ({ kind: "time", timeMillis: now - count * 60_000 }) as const
    for (const [text, target] of [
      ["1234", { kind: "seq", seq: 1_234 }],
      ["#1,234", { kind: "seq", seq: 1_234 }],
      ["5m", minutes(5)],
      ["5 minutes ago", minutes(5)],
      ["1.5 h", minutes(90)],
      ["2 hours ago", minutes(120)],
      ["1 day ago", minutes(1_440)],
      ["90 sec", minutes(1.5)],
      ["09:15", minutes(15)],
      ["09:45", minutes(1_425)],
      ["2026-03-04 09:00", minutes(30)],
      ["2026-03-04", { kind: "time", timeMillis: new Date(2026, 2, 4).getTime() }],
      ["2026-03-04T09:00:00.5Z", { kind: "time", timeMillis: Date.parse("2026-03-04T09:00:00.5Z") }],
      ["Oldest", { kind: "oldest" }],
      ["now", { kind: "newest" }],
      ["0", undefined],
      ["", undefined],
      ["25:00", undefined],
      ["soon", undefined],
      ["2026-13-01", undefined]
    ] as const) {
      assert.deepEqual(parseJump(text, now), target, text)
    }
  })
})
