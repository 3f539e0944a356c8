/** The codec's short ways, taken for messages like those before, give what the long ways give, byte for byte. */
import { assert, describe, it } from "@effect/vitest"
import { parseExact } from "../../src/internal/json/parseExact.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import type { OracleValue } from "./insertionOracle.js"
import { oraclePayload } from "./insertionOracle.js"
import type { OracleObject } from "./sameShape.js"
import { pick, randomOf, randomRun } from "./sameShape.js"
import { toHex } from "./vectors.js"

const tagLists: ReadonlyArray<ReadonlyArray<string>> = [[], [], ["chat"], ["chat", "general"], ["\u00e9".repeat(45)]]

/** The payload, or nothing where it is refused, and always the same. */
const attempt = (encode: () => Uint8Array): string | undefined => {
  try {
    return toHex(encode())
  } catch {
    return undefined
  }
}

const exactly = (text: string, tags: ReadonlyArray<string>): Uint8Array => encodeValue(parseExact(text), tags)

const sameRun = (run: ReadonlyArray<OracleObject>, tags: ReadonlyArray<string>): number => {
  let compared = 0
  for (const data of run) {
    const oracle = oraclePayload(data, tags)
    const expected = oracle === undefined ? undefined : toHex(oracle)
    assert.strictEqual(
      attempt(() => encodeValue(data, tags)),
      expected
    )
    const text = JSON.stringify(data)
    const fromText = attempt(() => exactly(text, tags))
    assert.strictEqual(
      attempt(() => encodeText(text, tags)),
      fromText
    )
    assert.strictEqual(
      attempt(() => encodeText(text.replaceAll(/(?<=[{,])"/g, ' "'), tags)),
      attempt(() => exactly(text.replaceAll(/(?<=[{,])"/g, ' "'), tags))
    )
    if (oracle === undefined) continue
    compared++
    validatePayload(oracle)
    const decoded = decodeValue(oracle)
    assert.deepStrictEqual(decoded.tags, tags)
    assert.strictEqual(sortedText(decoded.data), sortedText(data))
    assert.strictEqual(toHex(encodeText(decodeText(oracle).dataText, tags)), expected)
  }
  return compared
}

const sortedText = (value: unknown): string => {
  if (Object.is(value, -0)) return "-0"
  if (Array.isArray(value)) return `[${value.map(sortedText).join()}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedText(member)}`).join()}}`
}

describe("messages like those before", () => {
  it("are the same as without memory", () => {
    const random = randomOf(20260304)
    let compared = 0
    for (let round = 0; round < 500; round++) compared += sameRun(randomRun(random, 12), pick(random, tagLists))
    assert.isAbove(compared, 5000)
  })

  it("may have any value where there was another", () => {
    const values: ReadonlyArray<OracleValue> = [1, "x", null, [1], { a: 1 }, "s".repeat(90), -0, 0.5, "\u00e9", {}]
    for (const first of values) {
      for (const second of values) {
        for (const [before, behind] of [[0, 0] as const, ["from", true] as const]) {
          sameRun(
            [first, first, first, second, first].map((value) => ({ before, value, behind })),
            []
          )
        }
      }
    }
  })

  it("are like what JSON.stringify would write, whatever they do when they are read", () => {
    const makers: ReadonlyArray<() => object> = [
      () => ({ a: 1, b: "x" }),
      () => ({ a: undefined, b: "x" }),
      () => ({ a: 1, b: () => 1 }),
      () => ({ b: "x", a: 1 }),
      () => ({ a: Symbol("s"), b: undefined }),
      () => ({ a: new Date(0), b: { toJSON: () => undefined } }),
      () => ({ a: Object(1), b: Object("x") }),
      () => ({ a: 1, b: "x", toJSON: () => ({ a: 2, b: "y" }) }),
      () => Object.assign(Object.create({ b: "inherited" }), { a: 1 }),
      () => Object.assign(Object.create(null), { a: 1, b: "x" }),
      () => Object.defineProperty({ a: 1 }, "b", { value: "hidden" }),
      () => new Proxy({ a: 1, b: "x" }, {}),
      () =>
        new (class {
          a = 1
          b = "x"
          get c() {
            return 1
          }
        })(),
      () => ({
        get a() {
          return toHex(encodeValue({ a: 3, b: "z" }, []))
        },
        b: "x"
      }),
      () => ({
        get a() {
          delete (this as { b?: string }).b
          return 1
        },
        b: "x"
      }),
      () => ({
        get a() {
          Object.assign(this, { b: "changed" })
          return 1
        },
        b: "x"
      }),
      () => ({
        get a() {
          Object.assign(this, { c: "added" })
          return 1
        },
        b: "x"
      }),
      () => ({ inner: { a: 1, b: "x" } }),
      () => ({ inner: { a: 1, b: undefined } }),
      () => ({ inner: [{ a: 1, b: "x" }, { b: 1 }, { a: 1, b: new Date(1) }] }),
      () => ({ inner: Object.assign(Object.create({ b: 1 }), { a: 1 }) })
    ]
    const random = randomOf(7)
    for (let round = 0; round < 3000; round++) {
      const make = pick(random, makers)
      assert.strictEqual(toHex(encodeValue(make(), [])), toHex(exactly(JSON.stringify(make()), [])), make.toString())
    }
  })

  it("are read once, in the order of their keys", () => {
    const read: Array<string> = []
    const make = (): object => ({
      get b() {
        read.push("b")
        return 1
      },
      get a() {
        read.push("a")
        return read.length
      },
      c: read.length % 2 === 0 ? 1 : undefined
    })
    for (let time = 0; time < 5; time++) {
      read.length = 0
      encodeValue({ b: 1, a: 2, c: 3 }, [])
      encodeValue(make(), [])
      assert.deepStrictEqual(read, ["b", "a"])
    }
  })

  it("have no members from a prototype that somebody has extended", () => {
    const plain = { a: 1, extra: 2 }
    const expected = toHex(exactly('{"a":1}', []))
    for (let time = 0; time < 3; time++) encodeValue(plain, [])
    const shared: object = Object.prototype
    Object.defineProperty(shared, "extra", { value: 3, configurable: true, enumerable: true, writable: true })
    const found: Array<string> = []
    try {
      for (let time = 0; time < 3; time++) found.push(toHex(encodeValue({ a: 1 }, [])))
    } finally {
      delete (shared as { extra?: number }).extra
    }
    assert.deepStrictEqual(found, [expected, expected, expected])
  })

  it("as text keep the spelling of their numbers, and are refused for every slip", () => {
    const literals = [
      "1",
      "1.0",
      "1e2",
      "-0",
      "0",
      "01",
      "-",
      ".5",
      "5.",
      "1.50",
      "0.1",
      "616944380397322100",
      "9007199254740993"
    ]
    const others = ["true", "truex", "nul", '"x"', '"x', '"\\u0041"', '"a\tb"', "[1]", "{}", "", '"\ud800"', "1 2"]
    for (const literal of [...literals, ...others]) {
      for (const form of [`{"a":1,"b":${literal}}`, `{"a":${literal},"b":1}`, `{ "a": 1, "b": ${literal} }`]) {
        for (const text of [form, `${form} `, `${form},`, form.slice(0, -1), form.replace('"b"', '"a"'), `[${form}]`]) {
          encodeText('{"a":1,"b":1}', [])
          assert.strictEqual(
            attempt(() => encodeText(text, [])),
            attempt(() => exactly(text, [])),
            text
          )
        }
      }
    }
  })
})
