/** JavaScript values that are more, or less, than JSON. */
import { assert, describe, it } from "@effect/vitest"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import type { RefusalKind } from "../../src/internal/lite3/PayloadRefused.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { toHex } from "./vectors.js"

const refuses = (data: unknown, kind: RefusalKind, words: string, tags: ReadonlyArray<string> = []): void => {
  try {
    encodeValue(data, tags)
  } catch (error) {
    assert.instanceOf(error, PayloadRefused)
    assert.strictEqual(error.kind, kind)
    assert.include(error.message, words)
    return
  }
  assert.fail(`not refused: ${words}`)
}

const storedText = (data: unknown): string => decodeText(encodeValue(data, [])).dataText

class Point {
  constructor(
    readonly x: number,
    readonly y: number
  ) {}
  get sum(): number {
    return this.x + this.y
  }
}

describe("what JSON.stringify would write is stored", () => {
  const cases: Record<string, object> = {
    "members without a value": { a: 1, b: undefined, c: () => 1, d: Symbol("s"), e: null },
    dates: { at: new Date(0), all: [new Date(1)] },
    "toJSON that says undefined": { a: { toJSON: () => undefined }, b: 1 },
    "toJSON gets the key": { a: { toJSON: (key: string) => `<${key}>` }, b: [{ toJSON: (key: string) => `<${key}>` }] },
    "toJSON of the message": { toJSON: () => ({ b: 1 }) },
    "toJSON is asked once": { a: { toJSON: () => ({ b: 1, toJSON: undefined }) } },
    "a member named toJSON": { toJSON: "text", b: { toJSON: 1 } },
    "class instances": { p: new Point(1, 2) },
    "primitives in objects": { n: Object(1), s: Object("s"), b: Object(false), all: [Object(2)] },
    "maps, sets and typed arrays": { m: new Map([[1, 2]]), s: new Set([1]), t: new Uint8Array([3, 4]) },
    "arrays with members": { a: Object.assign([1, 2], { extra: 3 }) },
    "objects without a prototype": Object.assign(Object.create(null), { a: 1 }),
    getters: {
      get a() {
        return 1
      }
    },
    "inherited and hidden members": Object.defineProperty(Object.create({ inherited: 1 }), "hidden", { value: 1 })
  }
  for (const [name, data] of Object.entries(cases)) {
    it(name, () => {
      assert.deepStrictEqual(JSON.parse(storedText(data)), JSON.parse(JSON.stringify(data)))
      assert.strictEqual(toHex(encodeValue(data, [])), toHex(encodeText(JSON.stringify(data), [])))
    })
  }

  it("a key named __proto__ is data, whichever way it comes and goes", () => {
    const text = '{"__proto__":{"a":1},"b":{"__proto__":null}}'
    for (const payload of [encodeText(text, []), encodeValue(JSON.parse(text), []), encodeText(`${text} `, [])]) {
      assert.strictEqual(decodeText(payload).dataText, text)
      for (let time = 0; time < 2; time++) {
        const { data } = decodeValue(payload)
        assert.strictEqual(Object.getPrototypeOf(data), Object.prototype)
        assert.deepStrictEqual(Object.getOwnPropertyDescriptor(data, "__proto__"), {
          value: { a: 1 },
          configurable: true,
          enumerable: true,
          writable: true
        })
      }
    }
    const exact = encodeText('{"__proto__":{"a":1.0}}', [])
    assert.strictEqual(decodeText(exact).dataText, '{"__proto__":{"a":1.0}}')
  })

  it("bigints as far as the format goes", () => {
    const text = storedText({ a: -(2n ** 63n), b: 2n ** 63n - 1n, c: 2n ** 63n, d: -(2n ** 64n - 1n), e: 0n })
    assert.strictEqual(
      text,
      '{"a":-9223372036854775808,"b":9223372036854775807,"c":9223372036854776000.0,"d":-18446744073709552000.0,"e":0}'
    )
    refuses({ a: 2n ** 64n }, "integer", "64 bits")
    refuses({ a: -(2n ** 64n) }, "integer", "64 bits")
  })
})

describe("what JSON has no word for is refused", () => {
  it("anything but an object", () => {
    const notObjects = [
      1,
      "text",
      null,
      undefined,
      true,
      [],
      [1],
      1n,
      new Date(0),
      Object("s"),
      { toJSON: () => 1 },
      () => 1
    ]
    for (const data of notObjects) refuses(data, "shape", "object")
  })

  it("gaps in arrays", () => {
    refuses({ a: [undefined] }, "shape", "undefined")
    refuses({ a: [() => 1] }, "shape", "function")
    refuses({ a: [Symbol("s")] }, "shape", "symbol")
    refuses({ a: Array.from({ length: 3 }).fill(1, 1) }, "shape", "undefined")
    refuses({ a: [{ toJSON: () => undefined }] }, "shape", "undefined")
  })

  it("numbers that are none", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      refuses({ a: value }, "syntax", String(value))
      refuses({ a: [value] }, "syntax", String(value))
    }
  })

  it("halves of surrogate pairs, short or long, everywhere", () => {
    for (const text of [
      "\ud800",
      "\udc00",
      "x\udc00\ud800",
      `${"long ".repeat(20)}\ud800`,
      `${"é".repeat(40)}\udfff`
    ]) {
      refuses({ a: text }, "syntax", "surrogate")
      refuses({ [text]: 1 }, "syntax", "surrogate")
      refuses({}, "syntax", "surrogate", [text])
    }
    assert.strictEqual(storedText({ a: "\ufffd\ud83d\ude00" }), '{"a":"\ufffd\ud83d\ude00"}')
  })

  it("keys with a NUL", () => {
    refuses({ "a\0b": 1 }, "shape", "NUL")
    assert.strictEqual(storedText({ a: "a\0b" }), '{"a":"a\\u0000b"}')
  })

  it("cycles and too many levels", () => {
    const cycle: Record<string, unknown> = {}
    cycle["self"] = [cycle]
    refuses(cycle, "limit", "contains itself")
    const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })
    assert.isNotEmpty(encodeValue(nested(31), []))
    refuses(nested(32), "limit", "31 levels")
  })

  it("arrays and messages that are too large, at once", () => {
    refuses({ a: Array.from({ length: 2_097_161 }).fill(0) }, "limit", "entries")
    const part = "x".repeat(2 ** 24)
    refuses({ a: Array.from({ length: 17 }).fill(part) }, "limit", "bytes")
    assert.isNotEmpty(encodeValue({ a: 1 }, []))
  })
})

describe("encoding", () => {
  it("gives bytes that later messages leave alone", () => {
    const payloads = Array.from({ length: 2000 }, (_, index) =>
      encodeValue({ index, text: "x".repeat(index) }, [`${index % 7}`])
    )
    for (const [index, payload] of payloads.entries()) {
      assert.deepStrictEqual(decodeValue(payload), { tags: [`${index % 7}`], data: { index, text: "x".repeat(index) } })
    }
  })

  it("may be called from toJSON and getters", () => {
    const inner = toHex(encodeValue({ inner: 1 }, ["i"]))
    const outer = {
      a: "before",
      b: { toJSON: () => toHex(encodeValue({ inner: 1 }, ["i"])) },
      get c() {
        return toHex(encodeValue({ inner: 1 }, ["i"]))
      }
    }
    assert.deepStrictEqual(decodeValue(encodeValue(outer, ["o"])), {
      tags: ["o"],
      data: { a: "before", b: inner, c: inner }
    })
  })

  it("goes on after a failure", () => {
    const expected = toHex(encodeValue({ a: [1], b: "x" }, ["t"]))
    refuses({ a: [1], b: [undefined] }, "shape", "undefined", ["t"])
    refuses({ a: "x".repeat(100_000), b: "\ud800" }, "syntax", "surrogate", ["u", "\ud800"])
    assert.strictEqual(toHex(encodeValue({ a: [1], b: "x" }, ["t"])), expected)
  })

  it("reports where a text goes wrong", () => {
    const position = (text: string): number | undefined => {
      try {
        encodeText(text, [])
      } catch (error) {
        if (error instanceof PayloadRefused) return error.position
      }
      return assert.fail("not refused")
    }
    assert.strictEqual(position('{"a": 1,}'), 8)
    assert.strictEqual(position('{"a": 1.0, "b": tru}'), 16)
    assert.strictEqual(position('{"a": "b\\q"}'), 8)
    assert.strictEqual(position('{"a": "b\n"}'), 8)
    assert.strictEqual(position('{"a": [1, 1e999]}'), 10)
    assert.strictEqual(position('{"a"'), 4)
  })

  it("keeps one shape per kind of message, however many kinds there are", () => {
    for (let round = 0; round < 3; round++) {
      for (let kind = 0; kind < 3000; kind++) {
        const data = { [`k${kind}`]: kind, [`a${kind}`]: [kind] }
        assert.deepStrictEqual(decodeValue(encodeValue(data, [`t${kind}`])), { tags: [`t${kind}`], data })
      }
    }
  })
})
