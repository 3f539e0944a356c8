// Text as bytes says what text as a string says, however it grows, and a text that cannot be finished leaves nothing behind.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { writeMessage } from "../../cli/printMessages.js"
import { stringText } from "../../src/internal/json/stringText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { TextBytes } from "../../src/internal/lite3/TextBytes.js"
import { formatTimestamp, writeTimestamp } from "../../src/internal/timestamp.js"

const written = (write: (target: TextBytes) => void): string => {
  const target = new TextBytes()
  // Behind something else, so that places are not mistaken for lengths.
  target.text("é ")
  write(target)
  const text = Buffer.from(target.bytes.subarray(0, target.length)).toString("utf8")
  assert.strictEqual(target.textFrom(3), text.slice(2))
  return text.slice(2)
}

describe("TextBytes", () => {
  it("quotes strings as JSON does", () => {
    const kinds = [
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom('"', "\\", "\u007f", "\n", "a", "ü") })
    ]
    fc.assert(
      fc.property(fc.oneof(...kinds), (text) => {
        const bytes = new TextEncoder().encode(`<${text}>`)
        const own = written((target) => assert.isTrue(target.string(bytes, 1, bytes.length - 1)))
        assert.strictEqual(own, stringText(text))
        assert.strictEqual(JSON.parse(own), text)
      }),
      { seed: 1, numRuns: 1000 }
    )
  })

  it("writes nothing of a string that is not well formed", () => {
    const target = new TextBytes()
    for (const bytes of [[0x61, 0xff], [0xc3], [0xed, 0xa0, 0x80], [0x22, 0xc0, 0xaf]]) {
      assert.isFalse(target.string(Uint8Array.from(bytes), 0, bytes.length))
      assert.strictEqual(target.length, 0)
    }
  })

  it("writes whole numbers digit by digit", () => {
    const edges = [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 32, 10 ** 15 - 1, 10 ** 15, Number.MAX_SAFE_INTEGER]
    for (const value of edges)
      assert.strictEqual(
        written((target) => target.count(value)),
        String(value)
      )
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => written((target) => target.count(value)) === String(value)),
      { seed: 1, numRuns: 500 }
    )
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const [high, low] = [Number(value >> 32n), Number(BigInt.asIntN(32, value))]
        return written((target) => target.integer(high, low)) === String(value)
      }),
      { seed: 1, numRuns: 500 }
    )
    for (const value of [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1]) {
      assert.strictEqual(
        written((target) => target.integer(value >> 31, value)),
        String(value)
      )
    }
  })

  it("writes times as they are formatted", () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(word, word, (low, high) => {
        assert.strictEqual(
          written((target) => writeTimestamp(low, high, target)),
          formatTimestamp(low, high)
        )
      }),
      { seed: 1, numRuns: 1000 }
    )
    for (const nanoseconds of [0n, 1n, 999_999_999n, 500_000_000n, 1_000_000_000n, 1_772_615_730_500_000_000n]) {
      const [low, high] = [Number(nanoseconds & 0xffff_ffffn), Number(nanoseconds >> 32n)]
      assert.strictEqual(
        written((target) => writeTimestamp(low, high, target)),
        formatTimestamp(low, high)
      )
    }
  })

  it("grows with what is written, and forgets it", () => {
    const target = new TextBytes()
    const piece = "0123456789".repeat(1000)
    for (let time = 0; time < 700; time++) target.text(piece)
    assert.strictEqual(target.textFrom(0), piece.repeat(700))
    target.clear()
    assert.strictEqual(target.textFrom(0), "")
    target.text("a")
    assert.strictEqual(target.textFrom(0), "a")
    assert.isBelow(target.bytes.length, 10_000)
  })
})

describe("a message of which only the end is damaged", () => {
  it("leaves the text as it was", () => {
    const payload = encodeValue({ a: "whole", b: "damaged" }, ["t"])
    const at = Buffer.from(payload).indexOf("damaged")
    payload[at + 3] = 0xff
    for (const dataOnly of [false, true]) {
      const target = new TextBytes()
      target.text("before")
      const stored = { seq: 7, timestampLow: 1, timestampHigh: 1, payload }
      const damage = writeMessage(stored, dataOnly, "/pools/p.plasmite", target)
      assert.strictEqual(damage?.reason, "Corrupt")
      assert.include(damage?.message, "message 7")
      assert.strictEqual(target.textFrom(0), "before")
    }
  })
})
