// What counts as a record in each input mode, what is blank, what fails, and where reading goes on after a failure.
import { assert, describe, it } from "@effect/vitest"
import type { InputMode } from "../../cli/input/inputItem.js"
import { makeRecordReader } from "../../cli/input/recordReader.js"
import { bytesOf, failuresOf, outline, parseJson, readAll } from "./readRecords.js"

const read = (mode: InputMode, input: string | Uint8Array) => outline(readAll(mode, input).items)
const skim = (mode: InputMode, input: string | Uint8Array) => outline(readAll(mode, input, { resume: true }).items)

describe("jsonl", () => {
  it("reads a value per line, the last one with or without a line feed", () => {
    assert.deepStrictEqual(read("jsonl", '{"x":1}\n{"x":2}'), [{ x: 1 }, { x: 2 }])
    assert.deepStrictEqual(read("jsonl", '{"x":1}\r\n{"x":2}\r\n'), [{ x: 1 }, { x: 2 }])
  })

  it("passes over blank lines, which count as lines but not as records", () => {
    const { items } = readAll("jsonl", ' \t\r\n\n  {"x":1}  \n\n{"x":2}\n \n')
    assert.deepStrictEqual(items, [
      { _tag: "Record", index: 1, line: 3, value: { x: 1 } },
      { _tag: "Record", index: 2, line: 5, value: { x: 2 } }
    ])
  })

  it("has any JSON value as a record: what is acceptable is not decided here", () => {
    assert.deepStrictEqual(read("jsonl", '[1]\n"s"\n3\nnull\n'), [[1], "s", 3, null])
  })

  it("does not join lines, nor split them", () => {
    assert.deepStrictEqual(skim("jsonl", '{\n"x":1}\n{"a":1}{"b":2}\n{"y":2}\n'), ["Parse", "Parse", "Parse", { y: 2 }])
  })

  it("hands the parser the exact text", () => {
    const texts: Array<string> = []
    const parse = (text: string) => {
      texts.push(text)
      return parseJson(text)
    }
    readAll("jsonl", '  {"id":9007199254740993, "f":1.0}\t\r\n{"s":"naïve ☃ 😀"}\n', { parse })
    assert.deepStrictEqual(texts, ['{"id":9007199254740993, "f":1.0}', '{"s":"naïve ☃ 😀"}'])
  })
})

describe("failures", () => {
  it("end the reading", () => {
    const { items } = readAll("auto", '{"x":1}\nnot-json\n{"x":2}\n')
    assert.deepStrictEqual(items, [
      { _tag: "Record", index: 1, line: 1, value: { x: 1 } },
      {
        _tag: "Failure",
        index: 2,
        line: 2,
        kind: "Parse",
        message: "not JSON",
        snippet: "not-json",
        mode: "jsonl"
      }
    ])
  })

  it("are passed over where the caller skips them", () => {
    for (const mode of ["auto", "jsonl"] as const) {
      const { items } = readAll(mode, '{"x":1}\nnot-json\n{"x":2}\n', { resume: true })
      assert.deepStrictEqual(outline(items), [{ x: 1 }, "Parse", { x: 2 }])
      const [failure] = failuresOf(items)
      assert.deepStrictEqual([failure?.index, failure?.line, failure?.mode], [2, 2, "jsonl"])
      assert.deepStrictEqual(items[2], { _tag: "Record", index: 3, line: 3, value: { x: 2 } })
    }
  })

  it("leave nothing to read behind them", () => {
    const reader = makeRecordReader({ mode: "jsonl", resume: false, parse: parseJson })
    assert.isTrue(reader.isEmpty)
    assert.isFalse(reader.isFinished)
    assert.strictEqual(reader.push(bytesOf("nope\n")).length, 1)
    assert.isTrue(reader.isFinished)
    assert.deepStrictEqual(reader.push(bytesOf('{"x":1}\n')), [])
    assert.deepStrictEqual(reader.end(), [])
    assert.isFalse(reader.isEmpty)
  })

  it("say where in the record the parser stopped", () => {
    const parse = () => ({ ok: false as const, message: "unexpected word", position: 6 })
    assert.strictEqual(
      failuresOf(readAll("jsonl", '{"x": nope}', { parse }).items)[0]?.message,
      "unexpected word at character 7"
    )
  })

  it("include invalid UTF-8, in its record only", () => {
    const input = Buffer.concat([Buffer.from('{"x":1}\n{"s":"'), Buffer.of(0xff), Buffer.from('"}\n{"x":2}\n')])
    const { items } = readAll("jsonl", input, { resume: true })
    assert.deepStrictEqual(outline(items), [{ x: 1 }, "Parse", { x: 2 }])
    assert.include(failuresOf(items)[0]?.message, "UTF-8")
    assert.strictEqual(failuresOf(items)[0]?.snippet, '{"s":"\ufffd"}')
  })

  it("include a byte order mark", () => {
    for (const mode of ["auto", "jsonl", "json", "seq", "jq"] as const) {
      assert.deepStrictEqual(read(mode, '\ufeff{"x":1}\n'), ["Parse"], mode)
    }
    assert.deepStrictEqual(skim("auto", '\ufeff{"x":1}\n{"x":2}\n'), ["Parse", { x: 2 }])
  })

  it("show how the record starts, in 200 bytes at most, cut between characters", () => {
    const snippet = (input: string | Uint8Array) => failuresOf(readAll("jsonl", input).items)[0]?.snippet
    assert.strictEqual(snippet("n".repeat(200)), "n".repeat(200))
    assert.strictEqual(snippet("n".repeat(201)), `${"n".repeat(197)}...`)
    assert.strictEqual(snippet("é".repeat(101)), `${"é".repeat(98)}...`)
    assert.strictEqual(snippet(`n${"😀".repeat(60)}`), `n${"😀".repeat(49)}...`)
    assert.isAtMost(Buffer.byteLength(snippet(Buffer.alloc(500, 0xff))!), 200)
  })
})

describe("auto", () => {
  it("reads pretty documents, also several in a row", () => {
    const pretty = JSON.stringify({ a: [1, { b: "}{" }], c: {} }, null, 2)
    assert.deepStrictEqual(read("auto", pretty), [JSON.parse(pretty)])
    const { items } = readAll("auto", `${pretty}\n\n${pretty}\r\n{"x":1}\n`)
    assert.deepStrictEqual(outline(items), [JSON.parse(pretty), JSON.parse(pretty), { x: 1 }])
    assert.deepStrictEqual(
      items.map((item) => item.line),
      [1, 11, 20]
    )
  })

  it("reads several values on one line", () => {
    assert.deepStrictEqual(read("auto", '{"a":1}{"b":2}\n'), [{ a: 1 }, { b: 2 }])
    const { items } = readAll("auto", '{"x":0}\n {"a":1} {"b":2}[3] \n{"c":3}')
    assert.deepStrictEqual(outline(items), [{ x: 0 }, { a: 1 }, { b: 2 }, [3], { c: 3 }])
    assert.deepStrictEqual(
      items.map((item) => item.line),
      [1, 2, 2, 2, 3]
    )
  })

  it("reads values that start where another one ends", () => {
    const { items } = readAll("auto", '{\n"a":1\n}{\n"b":2\n} {"c":3} {\n"d":4}\n')
    assert.deepStrictEqual(outline(items), [{ a: 1 }, { b: 2 }, { c: 3 }, { d: 4 }])
    assert.deepStrictEqual(
      items.map((item) => item.line),
      [1, 3, 5, 5]
    )
  })

  it("judges a line as a whole", () => {
    assert.deepStrictEqual(skim("auto", '{"a":1} trailing\n{"x":1}\n'), ["Parse", { x: 1 }])
    assert.deepStrictEqual(skim("auto", '{"a":1}{bad}\n{"x":1}\n'), ["Parse", { x: 1 }])
    assert.deepStrictEqual(skim("auto", '{"a":1},{"b":2}\n{"x":1}\n'), ["Parse", { x: 1 }])
    assert.deepStrictEqual(skim("auto", '{"a":1} 2\n{"x":1}\n'), ["Parse", { x: 1 }])
  })

  it("fails a line at once that nothing could complete", () => {
    for (const line of ['{"a": nope}', '{"a":[1}', '{"a":"open', "{]", '["\t"]', '{"a":1}}', "[1]]"]) {
      const reader = makeRecordReader({ mode: "auto", resume: false, parse: parseJson })
      assert.deepStrictEqual(outline(reader.push(bytesOf(`${line}\n`))), ["Parse"], line)
    }
  })

  it("fails a line on its own that does not start a container", () => {
    assert.deepStrictEqual(skim("auto", 'one\n"two\n}\n{"x":1}\n'), ["Parse", "Parse", "Parse", { x: 1 }])
  })

  it("fails a document that the input cuts off", () => {
    const { items } = readAll("auto", '{"x":1}\n{\n "y": 2,\n')
    assert.deepStrictEqual(outline(items), [{ x: 1 }, "Parse"])
    const [failure] = failuresOf(items)
    assert.deepStrictEqual([failure?.index, failure?.line, failure?.snippet], [2, 2, '{\n "y": 2,'])
  })

  it("takes a line that starts a container as the end of an open record, if bad records are skipped", () => {
    const input = '{"a": 1,\n"b": 2\n{"x":1}\n[\n{"y":1}\n'
    const { items } = readAll("auto", input, { resume: true })
    assert.deepStrictEqual(outline(items), ["Parse", { x: 1 }, "Parse", { y: 1 }])
    assert.deepStrictEqual(
      items.map((item) => item.line),
      [1, 3, 4, 5]
    )
    assert.deepStrictEqual(read("auto", '[\n{"y":1},\n{"z":1}\n]\n'), [[{ y: 1 }, { z: 1 }]])
  })

  it("does not look at braces and escapes within strings as structure", () => {
    const document = '{\n"a":"{[",\n"b":"\\"}",\n"c":"\\\\"\n}\n'
    assert.deepStrictEqual(read("auto", document), [{ a: "{[", b: '"}', c: "\\" }])
  })

  it("parses a good line once, and a document once when it is complete", () => {
    const texts: Array<string> = []
    const parse = (text: string) => {
      texts.push(text)
      return parseJson(text)
    }
    readAll("auto", '{"a":1}\n{\n  "b": [\n    1\n  ]\n}\n{"c":3}\n', { parse })
    assert.deepStrictEqual(texts, ['{"a":1}', '{\n  "b": [\n    1\n  ]\n}', '{"c":3}'])
  })
})

describe("detection", () => {
  it("takes a record separator for seq", () => {
    assert.deepStrictEqual(read("auto", '\x1e{"x":1}\x1e{"x":2}'), [{ x: 1 }, { x: 2 }])
    assert.deepStrictEqual(read("auto", '\n {"x":1} \x1e{"x":2}'), [{ x: 1 }, { x: 2 }])
    assert.strictEqual(failuresOf(readAll("auto", "\x1enope").items)[0]?.mode, "seq")
  })

  it.each(["data: 1", "event: e", "id: 7", ": hi", ":", "retry: 10"])("takes %j for events", (first) => {
    assert.deepStrictEqual(read("auto", `\n\n${first}\ndata: {"x":\n\n`).at(-1), "Parse")
    assert.strictEqual(failuresOf(readAll("auto", `${first}\ndata: nope\n\n`).items)[0]?.mode, "event")
  })

  it.each(["data", "even: 1", "database: 1", " data: 1", "{}"])("takes %j for lines", (first) => {
    assert.strictEqual(failuresOf(readAll("auto", `${first}\nnope\n`, { resume: true }).items).at(-1)?.mode, "jsonl")
  })

  it("decides by the first line only, so that no record waits", () => {
    const reader = makeRecordReader({ mode: "auto", resume: false, parse: parseJson })
    assert.deepStrictEqual(outline(reader.push(bytesOf('{"n":1}\n'))), [{ n: 1 }])
    assert.deepStrictEqual(outline(reader.push(bytesOf("\x1e{}\n"))), ["Parse"])
  })

  it("counts the blank lines before", () => {
    const { items } = readAll("auto", '\n \r\n{"x":1}\nnope\n')
    assert.deepStrictEqual(
      items.map((item) => item.line),
      [3, 4]
    )
    assert.strictEqual(readAll("auto", "\n\n: hi\ndata: {}\n\n").items[0]?.line, 4)
  })

  it("looks at the first 8 KiB at most", () => {
    const reader = makeRecordReader({ mode: "auto", resume: false, parse: parseJson, maxRecordBytes: 8192 })
    assert.deepStrictEqual(outline(reader.push(bytesOf(`${"x".repeat(8192)}\x1e{}`))), ["Oversize"])
    assert.deepStrictEqual(read("auto", `${"x".repeat(8191)}\x1e{}`), ["Parse"])
  })
})

describe("json", () => {
  it("is one value in any layout", () => {
    assert.deepStrictEqual(read("json", '\n{\n "x": [\n{},\n{}\n]\n}\n\n'), [{ x: [{}, {}] }])
    assert.deepStrictEqual(readAll("json", '{"x":1}').items, [{ _tag: "Record", index: 1, value: { x: 1 } }])
    assert.deepStrictEqual(read("json", '{"x":1}{"x":2}'), ["Parse"])
  })

  it("has nowhere to resume", () => {
    const { items } = readAll("json", '{"x":1', { resume: true })
    assert.deepStrictEqual(items, [
      { _tag: "Failure", index: 1, kind: "Parse", message: "not JSON", snippet: '{"x":1', mode: "json" }
    ])
  })
})

describe("seq", () => {
  it("reads the text between separators", () => {
    assert.deepStrictEqual(read("seq", '\x1e{"x":1}\x1e{"x":2}'), [{ x: 1 }, { x: 2 }])
    assert.deepStrictEqual(read("seq", '\x1e{"x":1}\n\x1e{"x":2}\n'), [{ x: 1 }, { x: 2 }])
    assert.deepStrictEqual(read("seq", '{"x":0}\x1e\x1e \n\x1e{\n"x":\n1}\n'), [{ x: 0 }, { x: 1 }])
    assert.deepStrictEqual(read("seq", "\x1e12\n\x1enull"), [12, null])
  })

  it("delivers a record at the line feed behind it", () => {
    const reader = makeRecordReader({ mode: "seq", resume: false, parse: parseJson })
    assert.deepStrictEqual(outline(reader.push(bytesOf('\x1e{"x":1}'))), [])
    assert.deepStrictEqual(outline(reader.push(bytesOf("\n"))), [{ x: 1 }])
    assert.deepStrictEqual(outline(reader.push(bytesOf('\x1e{\n"x":\n2}'))), [])
    assert.deepStrictEqual(outline(reader.push(bytesOf("\r\n"))), [{ x: 2 }])
    assert.deepStrictEqual(outline(reader.push(bytesOf('\x1e{"x":3}'))), [])
    assert.deepStrictEqual(outline(reader.push(bytesOf("\x1e"))), [{ x: 3 }])
    assert.deepStrictEqual(outline(reader.end()), [])
  })

  it("resumes at the next separator", () => {
    assert.deepStrictEqual(skim("seq", '\x1enope\n{"x":0}\x1e{"x":1}\n\x1e{"y"\x1e{"x":2}'), [
      "Parse",
      { x: 1 },
      "Parse",
      { x: 2 }
    ])
  })

  it("takes what follows a delivered record as another one", () => {
    assert.deepStrictEqual(skim("seq", '\x1e{"x":1}\n{"x":2}\nnope\n{"x":3}\x1e{"x":4}'), [
      { x: 1 },
      { x: 2 },
      "Parse",
      { x: 4 }
    ])
  })

  it("has one value per record", () => {
    assert.deepStrictEqual(skim("seq", '\x1e{"x":1}{"x":2}\n\x1e{"x":3}\n'), ["Parse", { x: 3 }])
  })

  it("knows no lines", () => {
    assert.deepStrictEqual(readAll("seq", "\x1e{}\n").items, [{ _tag: "Record", index: 1, value: {} }])
  })
})

describe("jq", () => {
  it("reads values that blanks or nothing keeps apart", () => {
    assert.deepStrictEqual(read("jq", '{"a":1}{"b":2} {"c":3}'), [{ a: 1 }, { b: 2 }, { c: 3 }])
    assert.deepStrictEqual(read("jq", '\n{\n"a":[1,2]}\r\n[3]"s"4 true null"t"{}5'), [
      { a: [1, 2] },
      [3],
      "s",
      4,
      true,
      null,
      "t",
      {},
      5
    ])
  })

  it("delivers a value with its last byte", () => {
    const reader = makeRecordReader({ mode: "jq", resume: false, parse: parseJson })
    assert.deepStrictEqual(outline(reader.push(bytesOf('{"a":{}'))), [])
    assert.deepStrictEqual(outline(reader.push(bytesOf('}{"b":'))), [{ a: {} }])
    assert.deepStrictEqual(outline(reader.push(bytesOf("1} 12"))), [{ b: 1 }])
    assert.deepStrictEqual(outline(reader.push(bytesOf("3"))), [])
    assert.deepStrictEqual(outline(reader.push(bytesOf("\n"))), [123])
  })

  it.each(['{"a":1},{"b":2}', '{"a":1}]', '{"a":1}{"b"]', '{"a":1}{"b":"x\n"}', '{"a":1} nope', '{"a":1}{'])(
    "stops at what is no value: %j",
    (input) => {
      assert.deepStrictEqual(outline(readAll("jq", input, { resume: true }).items), [{ a: 1 }, "Parse"])
    }
  )
})

describe("event", () => {
  it("reads the joined data lines of each event", () => {
    assert.deepStrictEqual(read("auto", 'data: {"x":1}\n\ndata: {"x":2}\n\n'), [{ x: 1 }, { x: 2 }])
    assert.deepStrictEqual(read("auto", ': hi\nevent: e\nid: 7\ndata: {"x":\ndata: 1}\n\n'), [{ x: 1 }])
    assert.deepStrictEqual(read("auto", 'data: {"x":1}\n'), [{ x: 1 }])
    assert.deepStrictEqual(read("event", 'data:{"x":1}\r\n\r\ndata:  {"x":2}'), [{ x: 1 }, { x: 2 }])
  })

  it("joins with line feeds and takes one blank from each line", () => {
    const texts: Array<string> = []
    const parse = (text: string) => {
      texts.push(text)
      return { ok: true as const, value: text }
    }
    readAll("event", "data:[\ndata: 1,\ndata:  2\ndata:]\n\n", { parse })
    assert.deepStrictEqual(texts, ["[\n1,\n 2\n]"])
  })

  it("passes over comments, other fields and events without data", () => {
    assert.deepStrictEqual(
      read("event", ": ping\n\nevent: e\n\nretry: 1\nnonsense\ndata\ndatum: 1\n\rata: 1\n\r\n"),
      []
    )
    assert.isTrue(readAll("auto", ": ping\n\n: pong\n").isEmpty)
  })

  it("delivers an event at its empty line", () => {
    const reader = makeRecordReader({ mode: "auto", resume: false, parse: parseJson })
    assert.deepStrictEqual(outline(reader.push(bytesOf('data: {"n":1}\n'))), [])
    assert.deepStrictEqual(outline(reader.push(bytesOf("\n"))), [{ n: 1 }])
  })

  it("fails what is not JSON, and resumes at the next event", () => {
    const { items } = readAll("event", 'data: {"x":1}\n\nevent: end\ndata: [DONE]\n\ndata: {"x":2}\n\n', {
      resume: true
    })
    assert.deepStrictEqual(outline(items), [{ x: 1 }, "Parse", { x: 2 }])
    assert.deepStrictEqual(
      items.map((item) => item.line),
      [1, 4, 6]
    )
    assert.strictEqual(failuresOf(items)[0]?.snippet, "[DONE]")
    assert.deepStrictEqual(read("event", "data:\n\n"), ["Parse"])
  })
})

describe("an input without records", () => {
  it.each(["auto", "jsonl", "json", "seq", "event", "jq"] as const)("is empty in mode %s", (mode) => {
    for (const input of ["", "\n", " \r\n\t\n \n"]) {
      assert.deepStrictEqual(readAll(mode, input), { items: [], isEmpty: true })
    }
    assert.isTrue(readAll("seq", "\x1e\n\x1e \x1e").isEmpty)
    assert.isFalse(readAll(mode, "data: nope").isEmpty)
  })
})
