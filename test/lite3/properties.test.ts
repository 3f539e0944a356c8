/** What must hold for every message, on messages made up at random, with keys that like to collide. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { parseExact } from "../../src/internal/json/parseExact.js"
import { decodeTags } from "../../src/internal/lite3/decodeTags.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { planArray } from "../../src/internal/lite3/insertionPlan.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import type { OracleValue } from "./insertionOracle.js"
import { oraclePayload } from "./insertionOracle.js"
import { toHex } from "./vectors.js"

const runs = (numRuns: number): fc.Parameters<unknown> => ({ seed: 20260304, numRuns })

/** The pieces have the same hash, so their combinations of one length have, too. */
const collidingKey = fc
  .array(fc.constantFrom("ab", "bA", "c "), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(""))
const longKey = fc.integer({ min: 55, max: 70 }).map((length) => "k".repeat(length))
const key = fc.oneof(
  { weight: 4, arbitrary: collidingKey },
  { weight: 4, arbitrary: fc.fullUnicodeString({ maxLength: 8 }).map((text) => text.replaceAll("\0", "")) },
  { weight: 2, arbitrary: fc.constantFrom("__proto__", "toString", "", "10", "2", "\uffff", "\u{10000}", "\ud7ff") },
  { weight: 1, arbitrary: longKey }
)
const text = fc.oneof(
  fc.fullUnicodeString({ maxLength: 40 }),
  fc.integer({ min: 85, max: 95 }).map((length) => "s".repeat(length)),
  fc.integer({ min: 42, max: 47 }).map((length) => "\u00e9".repeat(length))
)
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 2 ** 53, -(2 ** 63), 2 ** 63, 2 ** 64, -1, 255, 2 ** 32, -(2 ** 32) - 1)
)

/** Members from a list of pairs, so that `__proto__` is one like the others. */
const objectOf = (members: ReadonlyArray<readonly [string, OracleValue]>): { [key: string]: OracleValue } =>
  Object.fromEntries(members)

const { object } = fc.letrec<{ value: OracleValue; object: { [key: string]: OracleValue } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "value" },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 20 }),
    tie("object")
  ),
  object: fc.array(fc.tuple(key, tie("value")), { maxLength: 30, depthIdentifier: "value" }).map(objectOf)
}))
const tags = fc.array(fc.oneof(text, fc.constantFrom("chat", "general")), { maxLength: 9 })

describe("random messages", () => {
  it("have the bytes that insertion one by one gives", () => {
    let expressible = 0
    fc.assert(
      fc.property(object, tags, (data, tags) => {
        const expected = oraclePayload(data, tags)
        if (expected === undefined) {
          assert.throws(() => encodeValue(data, tags))
          return
        }
        expressible++
        for (let time = 0; time < 3; time++) assert.strictEqual(toHex(encodeValue(data, tags)), toHex(expected))
      }),
      runs(300)
    )
    assert.isAbove(expressible, 200)
  })

  it("have it for each number of members and elements, too", () => {
    for (let count = 0; count < 140; count++) {
      const names = Array.from({ length: count }, (_, index) => `n${(index * 7919) % 1000}`)
      const data = {
        array: names.map((_, index) => index),
        object: Object.fromEntries(names.map((name) => [name, name]))
      }
      assert.strictEqual(toHex(encodeValue(data, [])), toHex(oraclePayload(data, [])!), String(count))
    }
  })

  it("come back as they were, however they went in", () => {
    let encoded = 0
    fc.assert(
      fc.property(object, tags, (data, tags) => {
        let payload: Uint8Array
        try {
          payload = encodeValue(data, tags)
        } catch {
          return
        }
        encoded++
        validatePayload(payload)
        const decoded = decodeValue(payload)
        assert.deepStrictEqual(decoded.tags, tags)
        assert.deepStrictEqual(decodeTags(payload), tags)
        assert.strictEqual(sortedText(decoded.data), sortedText(data))
        const { dataText } = decodeText(payload)
        assert.strictEqual(toHex(encodeText(dataText, tags)), toHex(payload))
      }),
      runs(300)
    )
    assert.isAbove(encoded, 200)
  })

  it("are the same as text and as values", () => {
    const hasLargeInteger = (text: string): boolean => /[0-9]{16}|e\+/.test(text)
    let compared = 0
    fc.assert(
      fc.property(object, (data) => {
        const text = JSON.stringify(data)
        // JSON has a sign for zero, but `JSON.stringify` does not write it.
        if (hasLargeInteger(text)) return
        compared++
        let expected: string
        try {
          expected = toHex(encodeValue(JSON.parse(text), ["t"]))
        } catch {
          assert.throws(() => encodeText(text, ["t"]))
          return
        }
        assert.strictEqual(toHex(encodeText(text, ["t"])), expected)
      }),
      runs(300)
    )
    assert.isAbove(compared, 50)
  })

  it("have their members in the order of UTF-8 bytes", () => {
    const names = ["\u{1f600}", "\ufffd", "z", "\ue000", "a", "\u{10000}", "é", "", "ab", "\ud7ff"]
    const payload = encodeValue(Object.fromEntries(names.map((name) => [name, 1])), [])
    const expected = names.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    for (let time = 0; time < 2; time++) {
      assert.deepStrictEqual(Object.keys(decodeValue(payload).data), expected)
      assert.strictEqual(
        decodeText(payload).dataText,
        `{${expected.map((name) => `${JSON.stringify(name)}:1`).join(",")}}`
      )
    }
  })
})

describe("numbers", () => {
  const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

  it("that are integers of 64 bits are exact", () => {
    fc.assert(
      fc.property(fc.oneof(integer, fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n })), (value) => {
        const payload = encodeText(`{"n":${value}}`, [])
        assert.strictEqual(decodeText(payload).dataText, `{"n":${value}}`)
        assert.strictEqual(toHex(encodeValue({ n: value }, [])), toHex(payload))
        const isSafe = BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value))
        assert.strictEqual(decodeValue(payload, { integers: "bigint" }).data["n"], isSafe ? Number(value) : value)
        assert.strictEqual(decodeValue(payload).data["n"], Number(value))
      }),
      runs(1000)
    )
  })

  it("that are floats stay floats, with the same bits", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const literal = Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value)
        const { dataText } = decodeText(encodeText(`{"n":${literal}}`, []))
        assert.match(dataText, /[.e]/)
        assert.strictEqual(decodeValue(encodeText(dataText, [])).data["n"], Number(literal))
      }),
      runs(1000)
    )
  })

  it("are told apart by their spelling", () => {
    const spellings: ReadonlyArray<readonly [string, string]> = [
      ["1", "1"],
      ["1.0", "1.0"],
      ["1.00", "1.0"],
      ["-1.0", "-1.0"],
      ["0", "0"],
      ["-0", "-0.0"],
      ["-0.0", "-0.0"],
      ["1e2", "100.0"],
      ["1E+2", "100.0"],
      ["10e-1", "1.0"],
      ["1.5", "1.5"],
      ["999999999999999.99999", "1000000000000000.0"],
      ["1.00000000000000000001", "1.0"],
      ["9223372036854775807", "9223372036854775807"],
      ["9223372036854775808", "9223372036854775808.0"],
      ["-9223372036854775808", "-9223372036854775808"],
      ["-9223372036854775809", "-9223372036854775808.0"],
      ["18446744073709551615", "18446744073709552000.0"],
      ["123456789012345678901234567890", "1.2345678901234568e29"],
      ["1e-400", "0.0"],
      ["1e21", "1e21"],
      ["5e-324", "5e-324"]
    ]
    for (const [literal, stored] of spellings) {
      const expected = stored.replace(/^(-?)9223372036854775808\.0$/, "$19223372036854776000.0")
      assert.strictEqual(decodeText(encodeText(`{"n":[${literal}]}`, [])).dataText, `{"n":[${expected}]}`, literal)
    }
  })
})

describe("the exact parser", () => {
  const character = fc.constantFrom(...'{}[]:,"\\ \n\t019.-+eEtrufalsn/bd8ÿ\u0001x')
  const soup = fc.stringOf(character, { maxLength: 12 })

  it("accepts what JSON.parse accepts, and gives the same", () => {
    let accepted = 0
    const check = (candidate: string): void => {
      let expected: unknown
      try {
        expected = JSON.parse(candidate)
      } catch {
        assert.throws(() => parseExact(candidate))
        return
      }
      if (hasInfinity(expected)) {
        assert.throws(() => parseExact(candidate), "out of range")
        return
      }
      accepted++
      const parsed: unknown = parseExact(candidate)
      if (!/[0-9][.eE]|[0-9]{16}/.test(candidate)) assert.deepStrictEqual(parsed, expected)
    }
    fc.assert(fc.property(soup, check), runs(5000))
    fc.assert(
      fc.property(object, (data) => check(JSON.stringify(data, null, 1))),
      runs(100)
    )
    // One character of a good text replaced by another.
    fc.assert(
      fc.property(object, fc.nat(), character, (data, at, replacement) => {
        const good = JSON.stringify(data)
        const place = at % good.length
        check(good.slice(0, place) + replacement + good.slice(place + 1))
      }),
      runs(1000)
    )
    assert.isAbove(accepted, 200)
  })
})

describe("array plans", () => {
  it("append nodes when the format says so", () => {
    const { nodesBefore } = planArray(140)
    const moments = [...nodesBefore].flatMap((nodes, index) => Array.from({ length: nodes }, () => index))
    const expected = [7, 7, 11, 15, 19, 23, 27, 31, 32, 32, 35, 39, 43, 47, 48, 51, 55, 59, 63, 64, 67]
    assert.deepStrictEqual(moments.slice(0, expected.length), expected)
    assert.strictEqual(nodesBefore[129], 2)
  })
})

const hasInfinity = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.values(value).some(hasInfinity)
    : typeof value === "number" && !Number.isFinite(value)

/** Zero with a sign stays visible, members are sorted. */
const sortedText = (value: unknown): string => {
  if (Object.is(value, -0)) return "-0"
  if (Array.isArray(value)) return `[${value.map(sortedText).join()}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedText(member)}`).join()}}`
}
