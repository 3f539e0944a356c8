// The items depend on the bytes of the input alone, however it is cut into chunks; and they agree with slow readers
// that look at the whole input at once.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { InputMode } from "../../cli/input/inputItem.js"
import { outline, parseJson, readAll } from "./readRecords.js"

const modes: ReadonlyArray<InputMode> = ["auto", "jsonl", "json", "seq", "event", "jq"]

/** Pieces that have a meaning somewhere, and some that have none anywhere. */
const fragments = [
  '{"a":1}',
  '{"b":[1,{"c":"}"}]}',
  '{"s":"é😀\\"\\\\"}',
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  '"k":',
  ",",
  "1",
  "null",
  "nope",
  " ",
  "        ",
  "\t",
  "\n",
  "\n",
  "\n\n",
  "\r\n",
  "\r\n\r\n",
  "\r",
  "\x1e",
  "\x1e",
  "data:",
  "data: ",
  "\ndata: ",
  "event: e",
  ":",
  "é",
  "😀",
  "\ufeff",
  "\x01"
].map((text) => Buffer.from(text))

const inputs = fc
  .array(fc.constantFrom(...fragments, Buffer.of(0xff), Buffer.of(0xf0, 0x9f)), { maxLength: 24 })
  .map((pieces) => new Uint8Array(Buffer.concat(pieces)))

const readings = fc.record({
  mode: fc.constantFrom(...modes),
  input: inputs,
  resume: fc.boolean(),
  maxRecordBytes: fc.constantFrom(8, 16, 1000),
  cuts: fc.array(fc.nat(80), { maxLength: 12 })
})

describe("chunks", () => {
  it("do not matter", () => {
    fc.assert(
      fc.property(readings, ({ cuts, input, maxRecordBytes, mode, resume }) => {
        const options = { resume, maxRecordBytes }
        const whole = readAll(mode, input, options)
        const places = cuts.map((cut) => Math.min(cut, input.length))
        assert.deepStrictEqual(readAll(mode, input, { ...options, cuts: places }), whole)
        assert.deepStrictEqual(readAll(mode, input, { ...options, cuts: [...input.keys()] }), whole)
      }),
      { seed: 5, numRuns: 6000 }
    )
  })

  it("may end anywhere in a document of each mode", () => {
    const samples: ReadonlyArray<readonly [InputMode, string]> = [
      ["auto", '{"x":"é😀"}\r\n{\n "y": "\\\\",\n "z": [1]\n}\nnope\n{"a":1}{"b":2}\n'],
      ["auto", 'event: e\r\ndata: {"x":\r\ndata: "é"}\r\n\r\ndata: [DONE]\n\ndata:{}'],
      ["auto", '\x1e{"x":"😀"}\n\x1e{\n"y":1}\r\n\x1enope\x1e{}'],
      ["jq", '{"a":"é"}{"b":2} 12 "s"[3]null']
    ]
    for (const [mode, text] of samples) {
      const input = new Uint8Array(Buffer.from(text))
      const whole = readAll(mode, input, { resume: true })
      assert.isAbove(whole.items.length, 2)
      for (let first = 0; first <= input.length; first++) {
        for (let second = first; second <= input.length; second++) {
          assert.deepStrictEqual(readAll(mode, input, { resume: true, cuts: [first, second] }), whole)
        }
      }
    }
  })
})

describe("items", () => {
  it("are numbered without gaps, in the order of lines, and end with the first failure", () => {
    fc.assert(
      fc.property(readings, ({ input, maxRecordBytes, mode, resume }) => {
        const { isEmpty, items } = readAll(mode, input, { resume, maxRecordBytes })
        assert.strictEqual(isEmpty, items.length === 0)
        items.forEach((item, at) => {
          assert.strictEqual(item.index, at + 1)
          assert.isAtLeast(item.line ?? 0, items[at - 1]?.line ?? 0)
          const mayGoOn = resume && mode !== "json" && mode !== "jq"
          if (item._tag === "Failure" && !mayGoOn) assert.strictEqual(at, items.length - 1)
        })
      }),
      { seed: 6, numRuns: 2000 }
    )
  })
})

/** `undefined` for what is not JSON, bad UTF-8 included. */
const judge = (bytes: Buffer): unknown => {
  const text = bytes.toString("utf8")
  const parsed = parseJson(text)
  return Buffer.from(text).equals(bytes) && parsed.ok ? parsed.value : "Parse"
}

const isBlank = (bytes: Buffer): boolean => /^[ \t\r\n]*$/.test(bytes.toString("latin1"))

const split = (bytes: Buffer, separator: string): ReadonlyArray<Buffer> =>
  bytes
    .toString("latin1")
    .split(separator)
    .map((part) => Buffer.from(part, "latin1"))

describe("a slow reader agrees about", () => {
  it("lines", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const lines = split(Buffer.from(input), "\n").filter((line) => !isBlank(line))
        assert.deepStrictEqual(outline(readAll("jsonl", input, { resume: true }).items), lines.map(judge))
      }),
      { seed: 7, numRuns: 2000 }
    )
  })

  it("events", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const events: Array<Array<Buffer>> = [[]]
        for (const line of split(Buffer.from(input), "\n")) {
          const text = line.toString("latin1")
          if (text === "" || text === "\r") events.push([])
          const data = /^data:( ?)/.exec(text)
          if (data !== null) events.at(-1)!.push(line.subarray(data[0].length))
        }
        const expected = events
          .filter((lines) => lines.length > 0)
          .map((lines) => judge(Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]))))
        assert.deepStrictEqual(outline(readAll("event", input, { resume: true }).items), expected)
      }),
      { seed: 8, numRuns: 2000 }
    )
  })

  it("records between separators that are each on one line", () => {
    const noLineFeeds = inputs.map((input) => input.filter((byte) => byte !== 0x0a))
    fc.assert(
      fc.property(noLineFeeds, (input) => {
        const records = split(Buffer.from(input), "\x1e").filter((record) => !isBlank(record))
        assert.deepStrictEqual(outline(readAll("seq", input, { resume: true }).items), records.map(judge))
      }),
      { seed: 9, numRuns: 2000 }
    )
  })

  it("documents in a row, in any layout that does not start with a bracket", () => {
    const documents = fc.array(fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 2)))
    fc.assert(
      fc.property(documents, fc.constantFrom("\n", "\r\n", " ", ""), (values, gap) => {
        const text = values.map(([value, indent]) => JSON.stringify(value, null, indent)).join(gap)
        const expected = values.map(([value]) => JSON.parse(JSON.stringify(value)) as unknown)
        assert.deepStrictEqual(outline(readAll("auto", text).items), expected)
        assert.deepStrictEqual(outline(readAll("jq", text).items), expected)
      }),
      { seed: 10, numRuns: 500 }
    )
  })
})
