// Records that are too large, memory that stays bounded, and time that grows with the input and no faster.
import { assert, describe, it } from "@effect/vitest"
import type { InputMode } from "../../cli/input/inputItem.js"
import { defaultMaxRecordBytes, makeRecordReader } from "../../cli/input/recordReader.js"
import { bytesOf, failuresOf, outline, parseJson, readAll } from "./readRecords.js"

const skim = (mode: InputMode, input: string, maxRecordBytes: number) =>
  outline(readAll(mode, input, { resume: true, maxRecordBytes }).items)

describe("the limit of a record", () => {
  it("is 1 MiB, to the byte", () => {
    assert.strictEqual(defaultMaxRecordBytes, 1_048_576)
    const record = (bytes: number) => `{"x":"${"y".repeat(bytes - 8)}"}`
    const framed: ReadonlyArray<readonly [InputMode, (text: string) => string]> = [
      ["jsonl", (text) => `${text}\n`],
      ["jsonl", (text) => `  ${text}  \r\n`],
      ["auto", (text) => text],
      ["json", (text) => `\n${text}\n`],
      ["seq", (text) => `\x1e${text}\n`],
      ["event", (text) => `data: ${text}\r\n\r\n`],
      ["jq", (text) => text]
    ]
    for (const [mode, frame] of framed) {
      assert.strictEqual(readAll(mode, frame(record(1_048_576))).items[0]?._tag, "Record", mode)
      assert.deepStrictEqual(outline(readAll(mode, frame(record(1_048_577))).items), ["Oversize"], mode)
    }
  })

  it("is told apart from damage, with the beginning of the record", () => {
    const [failure] = failuresOf(readAll("jsonl", `{"x":"${"y".repeat(300)}"}`, { maxRecordBytes: 256 }).items)
    assert.deepStrictEqual(failure, {
      _tag: "Failure",
      index: 1,
      line: 1,
      kind: "Oversize",
      message: "the record is larger than 256 bytes",
      snippet: `{"x":"${"y".repeat(191)}...`,
      mode: "jsonl"
    })
  })

  it("is noticed as soon as it is crossed", () => {
    for (const mode of ["auto", "jsonl", "json", "seq", "event", "jq"] as const) {
      const reader = makeRecordReader({ mode, resume: false, parse: parseJson, maxRecordBytes: 10_000 })
      reader.push(bytesOf(mode === "event" ? "data: [" : "["))
      assert.deepStrictEqual(reader.push(bytesOf("1,".repeat(4_000))), [], mode)
      assert.deepStrictEqual(outline(reader.push(bytesOf("1,".repeat(1_000)))), ["Oversize"], mode)
      assert.isTrue(reader.isFinished)
    }
  })
})

describe("what is too large is skipped", () => {
  const big = `{"x":"${"y".repeat(100)}"}`

  it("to the next line", () => {
    for (const mode of ["auto", "jsonl"] as const) {
      assert.deepStrictEqual(skim(mode, `${big}\n{"ok":1}\n`, 50), ["Oversize", { ok: 1 }], mode)
      assert.deepStrictEqual(skim(mode, `${"n".repeat(60)}\n{"ok":1}\n`, 50), ["Oversize", { ok: 1 }], mode)
    }
  })

  it("in auto mode to the end of the document", () => {
    assert.deepStrictEqual(skim("auto", `{\n"a":\n"${"y".repeat(60)}",\n"b": 2\n}\n{"ok":1}\n`, 50), [
      "Oversize",
      { ok: 1 }
    ])
    assert.deepStrictEqual(skim("auto", `${big.slice(0, -1)},\n"b": 2\n}\n{"ok":1}\n`, 50), ["Oversize", { ok: 1 }])
  })

  it("in auto mode to a line that starts another one", () => {
    assert.deepStrictEqual(skim("auto", `{\n"a":\n"${"y".repeat(60)}",\n{"ok":1}\n`, 50), ["Oversize", { ok: 1 }])
    assert.deepStrictEqual(skim("auto", `{"a":"${"y".repeat(60)}\nnope\n{"ok":1}\n`, 50), [
      "Oversize",
      "Parse",
      { ok: 1 }
    ])
  })

  it("to the next separator, and to the next event", () => {
    assert.deepStrictEqual(skim("seq", `\x1e${big}\n{"no":1}\n\x1e{"ok":1}\n`, 50), ["Oversize", { ok: 1 }])
    assert.deepStrictEqual(skim("event", `data: ${big}\ndata: x\n\ndata: {"ok":1}\n\n`, 50), ["Oversize", { ok: 1 }])
    const lines = `data: 1,${"y".repeat(20)}\n`.repeat(5)
    assert.deepStrictEqual(skim("event", `data: [\n${lines}\ndata: {"ok":1}\n\n`, 50), ["Oversize", { ok: 1 }])
  })

  it("nowhere without boundaries", () => {
    assert.deepStrictEqual(skim("json", big, 50), ["Oversize"])
    assert.deepStrictEqual(skim("jq", `${big} {"ok":1}`, 50), ["Oversize"])
  })
})

describe("blanks and comments", () => {
  it("are not held, however many there are", () => {
    assert.deepStrictEqual(skim("jsonl", `${" ".repeat(200)}{"ok":1}${" ".repeat(200)}\n`, 50), [{ ok: 1 }])
    assert.deepStrictEqual(skim("event", `:${"c".repeat(200)}\ndata: {"ok":1}\n\n`, 50), [{ ok: 1 }])
    assert.deepStrictEqual(skim("json", `${"\n".repeat(200)}{"ok":1}${"\n".repeat(200)}`, 50), [{ ok: 1 }])
    assert.deepStrictEqual(skim("jsonl", `{"ok":1}${" ".repeat(200)}x\n`, 50), ["Oversize"])
  })
})

describe("memory", () => {
  const growthOf = (mode: InputMode, start: string, repeated: string): number => {
    const chunk = Buffer.alloc(1 << 20, repeated)
    const reader = makeRecordReader({ mode, resume: true, parse: parseJson })
    const items = [...reader.push(bytesOf(start)), ...reader.push(chunk), ...reader.push(chunk)]
    const held = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    const before = held()
    for (let times = 0; times < 24; times++) items.push(...reader.push(chunk))
    assert.deepStrictEqual(outline(items), ["Oversize"], mode)
    return held() - before
  }

  it("does not grow with a record that is skipped", () => {
    for (const mode of ["auto", "jsonl", "seq"] as const) {
      assert.isBelow(growthOf(mode, "[", '{"k":[1,2,3]},'), 16 << 20, mode)
    }
    assert.isBelow(growthOf("event", "data: [", '{"k":[1,2,3]},'), 16 << 20)
    assert.isBelow(growthOf("auto", "", '{"kk":1}'), 16 << 20)
  })
})

describe("time", () => {
  /** Of this process's own work, so that a busy machine does not matter. */
  const millisFor = (mode: InputMode, input: string, chunkBytes: number): number => {
    const bytes = bytesOf(input)
    const reader = makeRecordReader({ mode, resume: false, parse: () => ({ ok: true, value: 0 }) })
    const started = process.cpuUsage()
    for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes))
    assert.isFalse(reader.isEmpty && reader.end().length === 0)
    return process.cpuUsage(started).user / 1000
  }

  it("is little for 200,000 short lines", () => {
    const lines = '{"from":"alice","msg":"hello bob"}\n'.repeat(200_000)
    for (const mode of ["auto", "jsonl", "jq"] as const) assert.isBelow(millisFor(mode, lines, 65_536), 1000, mode)
  })

  it("is linear for a large pretty document, also byte by byte", () => {
    const rows = Array.from({ length: 12_000 }, (_, n) => ({ n, s: "x".repeat(20) }))
    const document = JSON.stringify({ rows }, null, 2).slice(0, 1_000_000)
    for (const mode of ["auto", "seq"] as const) {
      assert.isBelow(millisFor(mode, document, 65_536), 1000, mode)
      assert.isBelow(millisFor(mode, document, 1), 2000, mode)
    }
  })

  it("is linear for inputs made to hurt", () => {
    assert.isBelow(millisFor("seq", "\x1e".repeat(1 << 20) + "1", 1 << 20), 2000)
    assert.isBelow(millisFor("auto", '{"a":1}'.repeat(140_000), 65_536), 2000)
    assert.isBelow(millisFor("auto", '{"a":1\n}'.repeat(140_000), 65_536), 2000)
    assert.isBelow(millisFor("auto", "[\n".repeat(1 << 19), 65_536), 2000)
    assert.isBelow(millisFor("auto", `${" ".repeat(1 << 20)}{"a":1}\n`, 1024), 2000)
  })
})
