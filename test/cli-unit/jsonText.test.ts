// Pretty and coloured JSON: layout and colours change, tokens never do.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { stripVTControlCharacters } from "node:util"
import { colorJson, prettyJson } from "../../cli/output/jsonText.js"

describe("prettyJson", () => {
  it("lays out with two blanks per level", () => {
    assert.strictEqual(
      prettyJson('{"seq":1,"meta":{"tags":["a","b"]},"data":{}}'),
      `{
  "seq": 1,
  "meta": {
    "tags": [
      "a",
      "b"
    ]
  },
  "data": {}
}`
    )
  })

  it("keeps every spelling of numbers and strings", () => {
    const text = '{"id":9007199254740993,"f":23.50,"e":1E+2,"z":-0,"one":1.0,"s":"na\\u00efve ☃ \\/ \\" {,:}"}'
    assert.strictEqual(
      prettyJson(text),
      '{\n  "id": 9007199254740993,\n  "f": 23.50,\n  "e": 1E+2,\n  "z": -0,\n  "one": 1.0,\n  "s": "na\\u00efve ☃ \\/ \\" {,:}"\n}'
    )
  })

  it("writes empty containers and bare values on one line", () => {
    for (const text of ["[]", "{}", "1", '"x"', "null", "true", "[[],{}]"]) {
      assert.strictEqual(prettyJson(text), JSON.stringify(JSON.parse(text), null, 2))
    }
  })

  it("does not mind the layout it is given", () => {
    assert.strictEqual(
      prettyJson(' { "a" : [ 1 ,\t2 ] , "b" : { } , "c":[\n] }\r\n'),
      prettyJson('{"a":[1,2],"b":{},"c":[]}')
    )
  })

  it("agrees with JSON.stringify", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const expected = JSON.stringify(value, null, 2)
        return prettyJson(JSON.stringify(value)) === expected && prettyJson(expected) === expected
      }),
      { seed: 3, numRuns: 500 }
    )
  })

  it("takes linear time", () => {
    const text = JSON.stringify({ rows: Array.from({ length: 20_000 }, (_, n) => ({ n, s: "x".repeat(20) })) })
    const started = process.cpuUsage()
    assert.strictEqual(JSON.stringify(JSON.parse(prettyJson(text))), text)
    assert.isBelow(process.cpuUsage(started).user, 2_000_000)
  })
})

describe("colorJson", () => {
  it("wraps each token on its own", () => {
    const k = (text: string) => `\u001b[36m${text}\u001b[0m`
    const s = (text: string) => `\u001b[32m${text}\u001b[0m`
    const n = (text: string) => `\u001b[33m${text}\u001b[0m`
    const b = (text: string) => `\u001b[35m${text}\u001b[0m`
    const p = (text: string) => `\u001b[39m${text}\u001b[0m`
    assert.strictEqual(
      colorJson('{"name":"a:b","n":-1.5,"ok":true,"no":false,"z":null,"l":[1],"e":[]}'),
      [
        p("{"),
        `  ${k('"name"')}${p(":")} ${s('"a:b"')}${p(",")}`,
        `  ${k('"n"')}${p(":")} ${n("-1.5")}${p(",")}`,
        `  ${k('"ok"')}${p(":")} ${b("true")}${p(",")}`,
        `  ${k('"no"')}${p(":")} ${b("false")}${p(",")}`,
        `  ${k('"z"')}${p(":")} ${p("null")}${p(",")}`,
        `  ${k('"l"')}${p(":")} ${p("[")}`,
        `    ${n("1")}`,
        `  ${p("]")}${p(",")}`,
        `  ${k('"e"')}${p(":")} ${p("[")}${p("]")}`,
        p("}")
      ].join("\n")
    )
  })

  it("is the plain form once the colours are taken away", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        return stripVTControlCharacters(colorJson(text)) === prettyJson(text)
      }),
      { seed: 4, numRuns: 300 }
    )
  })
})
