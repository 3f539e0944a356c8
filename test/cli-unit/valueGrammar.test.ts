// The grammars of values: what is understood, what it means, and that a refusal lists what would be understood.
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import {
  parseCount,
  parseDuration,
  parseSeq,
  parseSince,
  parseSize,
  parseSpeed,
  unreachableSeq
} from "../../cli/valueGrammar.js"
import type { PoolError } from "../../src/PoolError.js"

const size = (text: string) => parseSize(text, { name: "--size", command: ["pool", "create"] })
const duration = (text: string) => parseDuration(text, { name: "--timeout", command: ["peek"] })
const count = (text: string) => parseCount(text, { name: "--tail", command: ["follow"] })

const nowMillis = 1_768_471_200_000 // 2026-01-15T10:00:00Z
const now = BigInt(nowMillis) * 1_000_000n
const since = (text: string) => parseSince(text, nowMillis)

/** The refusal of `text`, checked for what every refusal owes. */
const refusal = <A>(result: Either.Either<A, PoolError>): PoolError => {
  assert(Either.isLeft(result), "should have been refused")
  assert.strictEqual(result.left.reason, "Usage")
  assert.include(result.left.message, "invalid value")
  assert.notInclude(result.left.message, "\n")
  assert.match(result.left.hint ?? "", /plasmite .*--help/)
  return result.left
}

describe("SIZE", () => {
  it.each([
    ["65536", 65536],
    ["64K", 65536],
    ["64k", 65536],
    ["8M", 8_388_608],
    ["1g", 1_073_741_824],
    [" 1M ", 1_048_576],
    ["0", 0],
    ["0064K", 65536],
    ["8388607G", 8_388_607 * 1024 ** 3]
  ])("%j is %d bytes", (text, bytes) => {
    assert.deepStrictEqual(size(text), Either.right(bytes))
  })

  it.each([
    "1.5M",
    "1MiB",
    "2Gi",
    "8 MB",
    "8 M",
    "",
    " ",
    "x",
    "K",
    "-1",
    "+1",
    "1e3",
    "0x10",
    "1T",
    "٣",
    "8388608G",
    "18446744073709551616"
  ])("refuses %j", (text) => {
    const error = refusal(size(text))
    assert.include(error.message, "--size")
    assert.include(error.hint ?? "", "K, M or G")
    assert.include(error.hint ?? "", "plasmite pool create --help")
  })
})

describe("DURATION", () => {
  it.each([
    ["250ms", 250],
    ["5s", 5000],
    ["1m", 60_000],
    ["2h", 7_200_000],
    ["0s", 0],
    ["005s", 5000]
  ])("%j is %d ms", (text, millis) => {
    assert.deepStrictEqual(duration(text), Either.right(millis))
  })

  it.each(["5", "5 s", "1.5s", "1d", "5S", "5MS", "x", "", "-1s", " 5s", "5s ", "99999999999999999999h"])(
    "refuses %j",
    (text) => {
      const error = refusal(duration(text))
      assert.include(error.message, "--timeout")
      assert.include(error.hint ?? "", "ms, s, m or h")
    }
  )
})

describe("SINCE", () => {
  it.each([
    ["90s", now - 90_000_000_000n],
    ["5m", now - 300_000_000_000n],
    ["1H", now - 3_600_000_000_000n],
    ["2d", now - 172_800_000_000_000n],
    ["2D", now - 172_800_000_000_000n],
    ["0s", now],
    ["99999999999999999999d", 0n],
    ["2026-01-15T10:00:00Z", now],
    ["2026-01-15T12:00:00.5+02:00", now + 500_000_000n],
    ["2026-01-15T10:00:00.000000001Z", now + 1n],
    ["2999-01-01T00:00:00Z", 32_472_144_000_000_000_000n],
    ["1969-01-01T00:00:00Z", 0n]
  ])("%j", (text, nanoseconds) => {
    assert.deepStrictEqual(since(text), Either.right(nanoseconds))
  })

  it("takes a clock that has fractions of a millisecond", () => {
    assert.deepStrictEqual(parseSince("0s", nowMillis + 0.75), Either.right(now))
  })

  it.each([
    "5",
    "5ms",
    "yesterday",
    "bogus",
    "2026-01-15",
    "2026-01-15T10:00:00",
    "-5m",
    "",
    "1.5h",
    `${"9".repeat(21)}s`
  ])("refuses %j", (text) => {
    const error = refusal(since(text))
    assert.include(error.message, "--since")
    assert.include(error.hint ?? "", "s, m, h or d")
    assert.include(error.hint ?? "", "2026-01-15T10:00:00Z")
  })
})

describe("SPEED", () => {
  it.each([
    ["0", 0],
    ["0.5", 0.5],
    ["1", 1],
    ["10", 10],
    [".5", 0.5],
    ["2.", 2],
    ["1e2", 100]
  ])("%j", (text, speed) => {
    assert.deepStrictEqual(parseSpeed(text), Either.right(speed))
  })

  it.each(["-1", "-0", "nan", "NaN", "inf", "Infinity", "fast", "", ".", "1x", "0x1", "1e999", "1,5", " 1"])(
    "refuses %j",
    (text) => {
      const error = refusal(parseSpeed(text))
      assert.include(error.message, "--replay")
      assert.include(error.hint ?? "", "0.5")
    }
  )
})

describe("SEQ and counts", () => {
  it("take the whole unsigned 64-bit range", () => {
    for (const [text, value] of [
      ["0", 0],
      ["1", 1],
      ["42", 42],
      ["007", 7],
      ["9007199254740991", Number.MAX_SAFE_INTEGER]
    ] as const) {
      assert.deepStrictEqual(parseSeq(text), Either.right(value))
      assert.deepStrictEqual(count(text), Either.right(value))
    }
  })

  it.each(["9007199254740992", "9007199254740993", "18446744073709551615", "018446744073709551615"])(
    "%s is a number that no message has, and more than any count",
    (text) => {
      assert.deepStrictEqual(parseSeq(text), Either.right(unreachableSeq))
      assert.deepStrictEqual(count(text), Either.right(Number.MAX_SAFE_INTEGER))
    }
  )

  it.each(["-1", "x", "1.0", "", " 1", "1e3", "0x1", "+1", "18446744073709551616", "9".repeat(100_000)])(
    "refuses %.40j",
    (text) => {
      assert.include(refusal(parseSeq(text)).message, "SEQ")
      const error = refusal(count(text))
      assert.include(error.message, "--tail")
      assert.include(error.hint ?? "", "plasmite follow --help")
      assert.isBelow(error.message.length, 200)
    }
  )
})
