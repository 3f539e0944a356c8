// Times as text: exact to the nanosecond in both directions, over the whole range of 64 bits.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { formatTimestamp, parseRfc3339Nanoseconds } from "../src/internal/timestamp.js"

const format = (nanoseconds: bigint): string =>
  formatTimestamp(Number(nanoseconds & 0xffff_ffffn), Number(nanoseconds >> 32n))

/** Slow and obvious. */
const expected = (nanoseconds: bigint): string => {
  const second = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "")
  return fraction === "" ? `${second}Z` : `${second}.${fraction}Z`
}

describe("formatTimestamp", () => {
  it("drops trailing zeros of the fraction", () => {
    assert.strictEqual(format(0n), "1970-01-01T00:00:00Z")
    assert.strictEqual(format(1n), "1970-01-01T00:00:00.000000001Z")
    assert.strictEqual(format(1_772_615_730_500_000_000n), "2026-03-04T09:15:30.5Z")
    assert.strictEqual(format(1_772_615_730_204_518_931n), "2026-03-04T09:15:30.204518931Z")
    assert.strictEqual(format(1_772_615_787_000_000_042n), "2026-03-04T09:16:27.000000042Z")
    assert.strictEqual(format(2n ** 64n - 1n), "2554-07-21T23:34:33.709551615Z")
  })

  it("takes halves that are written as signed 32-bit numbers", () => {
    assert.strictEqual(formatTimestamp(-1, -1), "2554-07-21T23:34:33.709551615Z")
  })

  it("agrees with exact arithmetic", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (nanoseconds) => format(nanoseconds) === expected(nanoseconds)),
      { seed: 1, numRuns: 2000 }
    )
  })

  it("is not misled by the second it remembers", () => {
    const second = 1_772_615_730_000_000_000n
    for (const offset of [0n, 999_999_999n, 1_000_000_000n, 1n, -1n, 0n]) {
      assert.strictEqual(format(second + offset), expected(second + offset))
    }
  })
})

describe("parseRfc3339Nanoseconds", () => {
  it("reads back what is written", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 64n - 1n),
        (nanoseconds) => parseRfc3339Nanoseconds(format(nanoseconds)) === nanoseconds
      ),
      { seed: 2, numRuns: 2000 }
    )
  })

  const good: ReadonlyArray<readonly [text: string, nanoseconds: bigint]> = [
    ["2026-01-15T10:00:00Z", 1_768_471_200_000_000_000n],
    ["2026-01-15T12:00:00.5+02:00", 1_768_471_200_500_000_000n],
    ["2026-01-15T04:30:00-05:30", 1_768_471_200_000_000_000n],
    ["2026-01-15t10:00:00z", 1_768_471_200_000_000_000n],
    ["2026-01-15 10:00:00Z", 1_768_471_200_000_000_000n],
    ["1970-01-01T00:00:00-00:00", 0n],
    ["1970-01-01T00:00:00.000000001999Z", 1n],
    ["1969-12-31T23:59:59.75Z", -250_000_000n],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000_000_000n],
    ["2024-02-29T00:00:00Z", 1_709_164_800_000_000_000n],
    ["2016-12-31T23:59:60Z", 1_483_228_800_000_000_000n],
    ["2017-01-01T01:59:60+02:00", 1_483_228_800_000_000_000n],
    ["9999-12-31T23:59:59.999999999Z", 253_402_300_799_999_999_999n]
  ]
  it.each(good)("%s", (text, nanoseconds) => {
    assert.strictEqual(parseRfc3339Nanoseconds(text), nanoseconds)
  })

  it.each([
    "",
    "2026-01-15",
    "2026-01-15T10:00:00",
    "2026-01-15T10:00Z",
    "2026-1-15T10:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-15T24:00:00Z",
    "2026-01-15T10:60:00Z",
    "2026-01-15T10:00:60Z",
    "2026-01-15T10:00:61Z",
    "2026-01-15T10:00:00.Z",
    "2026-01-15T10:00:00+0200",
    "2026-01-15T10:00:00+24:00",
    "2026-01-15T10:00:00+02:60",
    " 2026-01-15T10:00:00Z",
    "2026-01-15T10:00:00Z\n",
    "+2026-01-15T10:00:00Z"
  ])("refuses %j", (text) => {
    assert.isUndefined(parseRfc3339Nanoseconds(text))
  })
})
