// One line says what matters, whatever is in the message and however large it is.
import { assert, describe, it } from "vitest"
import { parseExact, printExact } from "../../http/page/logic/exactJson.js"
import {
  columnPath,
  columnText,
  messageSeverity,
  severityOf,
  summarise,
  tagHue
} from "../../http/page/logic/summary.js"

const shown = (dataText: string): string =>
  summarise(dataText)
    .fields.map(({ key, text }) => `${key}=${text}`)
    .join(" ")

describe("a summary", () => {
  it("begins with what says most, and leaves the rest in order", () => {
    assert.strictEqual(
      shown('{"z":1.50,"message":"disk\\nfull","a":[1,2],"Level":"error","b":null,"service":"db"}'),
      "service=db Level=error message=disk full z=1.50 a=[1,2] b=null"
    )
    assert.strictEqual(shown("{}"), "")
  })

  it("cuts long values and many members, never within a character", () => {
    const long = summarise(`{"a":"${"x".repeat(199)}😀${"y".repeat(100)}","b":1}`)
    assert.strictEqual(long.fields[0]!.text, `${"x".repeat(199)}…`)
    assert.isFalse(long.isCut)
    const many = summarise(`{${Array.from({ length: 40 }, (_, index) => `"k${index}":${index}`).join(",")}}`)
    assert.strictEqual(many.fields.length, 24)
    assert.isTrue(many.isCut)
  })

  it("costs no more for a large message, even if its first member is the large one", () => {
    const large = `{"level":"warn","blob":"${"x".repeat(3_000_000)}"}`
    const summary = summarise(large)
    assert.deepEqual([summary.fields[0]?.text, summary.isCut], ["warn", true])
    const first = summarise(`{"blob":"${"x".repeat(3_000_000)}","level":"warn"}`)
    assert.strictEqual(first.fields[0]?.key, "blob")
    assert.match(first.fields[0]!.text, /^x+…$/)
    assert.match(summarise(`{"rows":[${"1,".repeat(100_000)}1]}`).fields[0]!.text, /^\[1,1.*…$/)
  })

  it("knows words of failure, warning and success", () => {
    assert.deepEqual(
      ["ERROR", "deploy-failed", "warn", "http_timeout", "ok", "job done", "information", "broken", "token"].map(
        severityOf
      ),
      ["failure", "failure", "warning", "warning", "success", "success", undefined, undefined, undefined]
    )
    const summary = summarise('{"status":"ok","msg":"error"}')
    assert.strictEqual(messageSeverity({ tags: [] }, summary), "success")
    assert.strictEqual(messageSeverity({ tags: ["retry"] }, summary), "warning")
    assert.isUndefined(messageSeverity({ tags: ["blue"] }, summarise("{}")))
  })

  it("gives a tag its colour for good", () => {
    assert.strictEqual(tagHue("deploy"), tagHue("deploy"))
    const hues = new Set(["a", "b", "c", "deploy", "Deploy", "deploy2"].map(tagHue))
    assert.strictEqual(hues.size, 6)
    for (const hue of hues) assert.isTrue(Number.isInteger(hue) && hue >= 0 && hue < 360)
  })

  it("has columns by path", () => {
    const data = parseExact('{"a":{"b":[{"x y":"text"},1.0]},"n":null}')
    const cell = (path: string) => columnText(data, columnPath(path)!, printExact)
    assert.deepEqual(['a.b[0]["x y"]', ".data.a.b[1]", ".n", "a.c", "a.b[0]"].map(cell), [
      "text",
      "1.0",
      "null",
      "",
      '{"x y":"text"}'
    ])
    for (const path of ["", ".data", "a..b", "a[", '.["\\q"]']) assert.isUndefined(columnPath(path), path)
  })
})
