// What the detail view adds to a value: what it probably is, how two differ, how they are copied and repeated.
import * as fc from "fast-check"
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "vitest"
import { curlCommand, nodeProgram, peekCommand, pokeCommand, shellWord } from "../../http/page/logic/commandText.js"
import { diffValues, equalExact } from "../../http/page/logic/diff.js"
import { jqPath, parseExact, printExact } from "../../http/page/logic/exactJson.js"
import { exportCsv, exportJson, exportJsonLines, exportName } from "../../http/page/logic/exportText.js"
import { recognise } from "../../http/page/logic/recognise.js"
import { message } from "./messages.js"

const now = Date.parse("2026-03-04T09:15:30Z")
const seen = (text: string, key = "x"): string => {
  const found = recognise(parseExact(text), { key, zone: "utc", now })
  if (found === undefined) return "nothing"
  return `${found.kind}: ${found.kind === "link" ? found.href : found.kind === "stack" ? found.lines.length : found.text}`
}

describe("what a value probably is", () => {
  it("a time, in words or as a number in any unit", () => {
    const expected = "time: 2026-03-04 09:15:00.000000000 UTC (30 s ago)"
    for (const [text, key] of [
      ['"2026-03-04T09:15:00Z"', "x"],
      ['"2026-03-04T10:15:00+01:00"', "x"],
      ["1772615700", "created_at"],
      ["1772615700000", "x"],
      ["1772615700000000", "x"],
      ["1772615700000000000", "ts"]
    ] as const) {
      assert.strictEqual(seen(text, key), expected, text)
    }
    assert.include(seen('"2026-03-04T09:15:00.123456789Z"'), ".123456789 UTC")
    for (const text of ["1772615700", "4000000000000", "123", '"2026-03-04"', '"2026-13-45T99:99:99Z"']) {
      assert.strictEqual(seen(text), "nothing", text)
    }
  })

  it("a duration or a size, by the name of its field", () => {
    assert.strictEqual(seen("1500", "latency_ms"), "duration: 1.5 s")
    assert.strictEqual(seen("1500000", "elapsedNs"), "duration: 1.5 ms")
    assert.strictEqual(seen("90", "timeout_seconds"), "duration: 1 min 30 s")
    assert.strictEqual(seen('"PT1H30M"'), "duration: 1 h 30 min")
    assert.strictEqual(seen("1048576", "body_bytes"), "size: 1 MiB")
    assert.strictEqual(seen("1500", "count"), "nothing")
    assert.strictEqual(seen('"P"'), "nothing")
  })

  it("an address of the web, and nothing that would run", () => {
    assert.strictEqual(seen('"https://example.com/a?b=c"'), "link: https://example.com/a?b=c")
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "https://a b",
      "see https://x.y"
    ]) {
      assert.strictEqual(seen(JSON.stringify(text)), "nothing", text)
    }
  })

  it("encoded text, if it reads as text", () => {
    assert.strictEqual(seen(`"${Buffer.from('{"level": "info"}').toString("base64")}"`), 'encoded: {"level": "info"}')
    for (const text of ["abcdefghijklmnop", "AAAAAAAAAAAAAAAAAAAAAAAA", "deadbeefdeadbeefdead"]) {
      assert.strictEqual(seen(`"${text}"`), "nothing", text)
    }
  })

  it("a stack trace", () => {
    assert.strictEqual(seen('"Error: x\\n    at f (a.js:1:2)\\n    at g (b.js:3:4)"'), "stack: 3")
    assert.strictEqual(
      seen('"Traceback:\\n  File \\"a.py\\", line 3, in f\\n  File \\"b.py\\", line 4, in g"'),
      "stack: 3"
    )
    assert.strictEqual(seen('"two\\nlines"'), "nothing")
  })
})

describe("a comparison", () => {
  const told = (before: string, after: string): Array<string> =>
    diffValues(parseExact(before), parseExact(after)).rows.map(
      ({ after: now, before: was, kind, path }) =>
        `${kind} ${jqPath(path)} ${was === undefined ? "" : printExact(was)}|${now === undefined ? "" : printExact(now)}`
    )

  it("is by member and by place", () => {
    assert.deepEqual(told('{"a":1,"b":{"c":[1,2],"d":"x"},"e":null}', '{"b":{"c":[1,3,4],"d":"x"},"a":1,"f":true}'), [
      "same .data.a 1|1",
      "same .data.b.c[0] 1|1",
      "changed .data.b.c[1] 2|3",
      "added .data.b.c[2] |4",
      'same .data.b.d "x"|"x"',
      "removed .data.e null|",
      "added .data.f |true"
    ])
    assert.deepEqual(told('{"a":[1,2,3]}', '{"a":[1,9,2,3]}'), [
      "same .data.a[0] 1|1",
      "added .data.a[1] |9",
      "same .data.a[2] 2|2",
      "same .data.a[3] 3|3"
    ])
    assert.deepEqual(told("[1,2,3,4]", "[1,4]"), [
      "same .data[0] 1|1",
      "removed .data[1] 2|",
      "removed .data[2] 3|",
      "same .data[1] 4|4"
    ])
  })

  it("takes the order of members for nothing, digits for something", () => {
    assert.isTrue(equalExact(parseExact('{"a":1,"b":2}'), parseExact('{"b":2,"a":1}')))
    assert.isFalse(equalExact(parseExact("9007199254740993"), parseExact("9007199254740992")))
  })

  it("has no differences exactly for equal values, and says each once", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.json({ maxDepth: 3 }), (left, right) => {
        const [before, after] = [parseExact(left), parseExact(right)]
        const { added, changed, removed } = diffValues(before, after)
        assert.strictEqual(added + changed + removed === 0, equalExact(before, after))
        const mirror = diffValues(after, before)
        assert.deepEqual([mirror.added, mirror.changed, mirror.removed], [removed, changed, added])
      }),
      { numRuns: 500 }
    )
  })
})

describe("an export", () => {
  const held = [
    message(1, '{"a":9007199254740993,"s":"x,\\"y\\""}', { tags: ["p", "q r"] }),
    message(2, '{"a":-1,"s":"=1+1"}')
  ]

  it("is what was sent, a line each, or an array", () => {
    const lines = exportJsonLines(held)
    assert.strictEqual(
      lines.split("\n")[0],
      `{"seq":1,"time":"${held[0]!.time}","meta":{"tags":["p","q r"]},"data":{"a":9007199254740993,"s":"x,\\"y\\""}}`
    )
    assert.strictEqual(lines.split("\n").length, 3)
    assert.strictEqual((JSON.parse(exportJson(held)) as Array<{ seq: number }>)[1]?.seq, 2)
    assert.deepEqual(JSON.parse(exportJson([])), [])
  })

  it("is a table that a spreadsheet neither breaks nor runs", () => {
    const csv = exportCsv(held, [
      { name: "a", path: ["a"] },
      { name: "s", path: ["s"] }
    ])
    assert.deepEqual(csv.split("\r\n"), [
      "seq,time,tags,a,s",
      `1,${held[0]!.time},p q r,9007199254740993,"x,""y"""`,
      `2,${held[1]!.time},,-1,'=1+1`,
      ""
    ])
  })

  it("has a harmless name", () => {
    assert.strictEqual(exportName("../../etc/pass wd%", "jsonl"), "etc-pass-wd.jsonl")
    assert.strictEqual(exportName("größe", "csv"), "größe.csv")
    assert.strictEqual(exportName("//", "json"), "pool.json")
  })
})

describe("commands", () => {
  const source = { origin: "http://127.0.0.1:9700", pool: "it's 100 %", needsToken: true }
  const words = (command: string): Array<string> =>
    execFileSync("sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" })
      .split("\0")
      .slice(0, -1)

  it("reach the program word for word", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom(..."a '\"$`\\-=;&|\n*ü"), maxLength: 8 }), {
          minLength: 1,
          maxLength: 30
        }),
        (texts) => {
          assert.deepEqual(words(texts.map(shellWord).join(" ")), texts)
        }
      ),
      { numRuns: 30 }
    )
  })

  it("show the same, publish the same", () => {
    const peek = peekCommand(source, { tags: ["a b", "-x"], withoutTags: ["it's"], where: [".data.n > 1"], tail: 20 })
    assert.deepEqual(words(peek), [
      "pls",
      "peek",
      "http://127.0.0.1:9700/it's%20100%20%25",
      "--token-file",
      "token.txt",
      "--tail",
      "20",
      "--tag",
      "a b",
      "--tag=-x",
      "--where",
      `any(.meta.tags[]; . == "it's") | not`,
      "--where",
      ".data.n > 1",
      "--jsonl"
    ])
    const publication = { dataText: '{"msg":"it\'s $HOME"}', tags: ["t"], durability: "flush" } as const
    assert.deepEqual(words(pokeCommand({ ...source, needsToken: false }, publication)).slice(3), [
      '{"msg":"it\'s $HOME"}',
      "--tag",
      "t",
      "--durability",
      "flush"
    ])
    const curl = curlCommand({ ...source, needsToken: false }, publication)
    assert.deepEqual(words(curl), [
      "curl",
      "http://127.0.0.1:9700/v0/pools/it's%20100%20%25/append",
      "-H",
      "content-type: application/json",
      "--data-binary",
      '{"data":{"msg":"it\'s $HOME"},"tags":["t"],"durability":"flush"}'
    ])
    assert.include(curlCommand(source, publication), "$PLASMITE_TOKEN")
  })

  it("make a program that sends these bytes", async () => {
    const requests: Array<readonly [string, RequestInit]> = []
    const fakeFetch = (url: string, init: RequestInit) => {
      requests.push([url, init])
      return Promise.resolve(new Response("done"))
    }
    const program = nodeProgram(source, { dataText: '{"a":"\u2028`${x}"}', tags: [], durability: "fast" })
    const script = `export default async (fetch, console, process) => {\n${program}\n}`
    const module = (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as {
      readonly default: (fetch: typeof fakeFetch, console: object, process: object) => Promise<void>
    }
    await module.default(fakeFetch, { log: () => undefined }, { env: { PLASMITE_TOKEN: "t" } })
    assert.strictEqual(requests[0]?.[1].body, '{"data":{"a":"\u2028`${x}"},"tags":[],"durability":"fast"}')
    assert.deepEqual(requests[0]?.[1].headers, { "content-type": "application/json", authorization: "Bearer t" })
  })
})
