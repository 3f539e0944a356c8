// What is read is what was written: digits, order, duplicates; and what is wrong is told with its place.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import {
  ExactJsonError,
  jqPath,
  memberOf,
  memberSpans,
  parseExact,
  printExact,
  valueAt
} from "../../http/page/logic/exactJson.js"

const failure = (text: string): ExactJsonError => {
  try {
    parseExact(text)
  } catch (error) {
    if (error instanceof ExactJsonError) return error
    throw error
  }
  return assert.fail(`${text} was taken`)
}

describe("exact JSON", () => {
  it("keeps digits, order and duplicates", () => {
    for (const text of [
      '{"b":9007199254740993,"a":1.50,"10":-0,"2":1e400,"b":2}',
      '[0.1000,1E5,-12345678901234567890.00001,"",[],{}]',
      '{"__proto__":{"x":1},"constructor":null}',
      '"é\\n\\u2028\\\\"'
    ]) {
      const expected = text.replace("\\u2028", "\u2028")
      assert.strictEqual(printExact(parseExact(text)), expected)
    }
  })

  it("reads what JSON.parse reads, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(200),
        fc.constantFrom("", "x", '"', "{", "]", ",", "1", "\\", "\u0001"),
        (json, at, piece) => {
          const place = Math.min(at, json.length)
          const text = json.slice(0, place) + piece + json.slice(place)
          let expected: unknown
          try {
            expected = JSON.parse(text)
          } catch {
            failure(text)
            return
          }
          assert.deepEqual(JSON.parse(printExact(parseExact(text))), expected)
          assert.deepEqual(JSON.parse(printExact(parseExact(text), 2)), expected)
        }
      ),
      { numRuns: 2_000 }
    )
  })

  it("tells line and column", () => {
    const { column, line, message } = failure('{\n  "a": 1,\n  "b": oops\n}')
    assert.deepEqual([line, column], [3, 8])
    assert.include(message, 'expected a value, found "o"')
    assert.deepEqual([failure("").line, failure("").column], [1, 1])
    assert.include(failure('{"a":1,}').reason, "a member name")
    assert.include(failure('"abc').reason, "not closed")
    assert.strictEqual(failure('["ok", "a\\qb"]').column, 10)
    assert.include(failure("\uFEFF{}").reason, "U+FEFF")
  })

  it("refuses nesting that would exhaust the stack", () => {
    assert.include(failure("[".repeat(100_000)).reason, "nests deeper")
    assert.strictEqual(printExact(parseExact("[".repeat(400) + "]".repeat(400))).length, 800)
  })

  it("prints with an indent as JSON.stringify does", () => {
    const value = { a: [1, { b: "x" }, []], c: {}, d: null, e: true }
    assert.strictEqual(printExact(parseExact(JSON.stringify(value)), 2), JSON.stringify(value, undefined, 2))
  })

  it("finds members without building them", () => {
    const text = ' {"a" : [1,{"b":"}"}] , "c":"x\\"y","d":-1.50e2}'
    const spans = memberSpans(text) ?? []
    assert.deepEqual(
      spans.map(({ end, key, start }) => [key, text.slice(start, end)]),
      [
        ["a", '[1,{"b":"}"}]'],
        ["c", '"x\\"y"'],
        ["d", "-1.50e2"]
      ]
    )
    assert.strictEqual(memberSpans(text, 0, 2)?.length, 2)
    assert.isUndefined(memberSpans("[1]"))
  })

  it("goes down paths and says them in jq's words", () => {
    const value = parseExact('{"a":1,"items":[{"two words":"x"}],"a":2}')
    assert.deepEqual(valueAt(value, ["items", 0, "two words"]), { kind: "string", value: "x" })
    assert.deepEqual(memberOf(value, "a"), { kind: "number", text: "2" })
    assert.isUndefined(valueAt(value, ["items", "0"]))
    assert.isUndefined(valueAt(value, ["a", "b", 1]))
    assert.strictEqual(jqPath(["data", "items", 0, "two words", "ünïcode"]), '.data.items[0]["two words"]["ünïcode"]')
    assert.strictEqual(jqPath([]), ".")
    assert.strictEqual(jqPath([3, "x"]), ".[3].x")
  })
})
