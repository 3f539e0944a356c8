// Sizes, ages, times, tables, blocks and paths as people read them.
import { assert, describe, it } from "@effect/vitest"
import { displayWidth } from "../../cli/output/displayWidth.js"
import {
  block,
  counted,
  displayPath,
  displayPoolDirectory,
  humanAge,
  humanSize,
  table,
  visible
} from "../../cli/output/human.js"
import { formatMillis, toTheSecond } from "../../cli/output/timestamps.js"

const kibibyte = 1024
const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3

describe("sizes", () => {
  it.each([
    [0, "0"],
    [1023, "1023"],
    [kibibyte, "1K"],
    [1536, "1.5K"],
    [1025, "1.0K"],
    [65_536, "64K"],
    [978_944, "956K"],
    [mebibyte - 1, "1.0M"],
    [mebibyte, "1M"],
    [8 * mebibyte, "8M"],
    [mebibyte + mebibyte / 4, "1.3M"],
    [gibibyte - 1, "1.0G"],
    [gibibyte, "1G"],
    [2048 * gibibyte, "2048G"]
  ])("%d is %s", (bytes, text) => {
    assert.strictEqual(humanSize(bytes), text)
  })
})

describe("ages", () => {
  const second = 1000
  const minute = 60 * second
  const hour = 60 * minute
  const day = 24 * hour
  it.each([
    [-5 * second, "1s ago"],
    [0, "1s ago"],
    [999, "1s ago"],
    [5 * second, "5s ago"],
    [minute - 1, "59s ago"],
    [61_500, "1m ago"],
    [hour - 1, "59m ago"],
    [hour, "1h ago"],
    [day - 1, "23h ago"],
    [day, "1d ago"],
    [7 * day - 1, "6d ago"],
    [7 * day, "1w ago"],
    [400 * day, "57w ago"]
  ])("%d ms is %s", (millis, text) => {
    assert.strictEqual(humanAge(millis), text)
  })
})

describe("times", () => {
  it("are RFC 3339, to the second for people", () => {
    assert.strictEqual(formatMillis(1_772_615_787_000), "2026-03-04T09:16:27Z")
    assert.strictEqual(formatMillis(1_772_615_787_500.9), "2026-03-04T09:16:27.5Z")
    assert.strictEqual(formatMillis(1_772_615_790_010), "2026-03-04T09:16:30.01Z")
    assert.strictEqual(toTheSecond("2026-03-04T09:16:30.000000042Z"), "2026-03-04T09:16:30Z")
    assert.strictEqual(toTheSecond("2026-03-04T09:16:30Z"), "2026-03-04T09:16:30Z")
  })
})

describe("display width", () => {
  it.each([
    ["", 0],
    ["plain", 5],
    ["naïve", 5],
    ["nai\u0308ve", 5],
    ["日本語", 6],
    ["한국", 4],
    ["ｶﾅ", 2],
    ["Ａ", 2],
    ["😀", 2],
    ["👨‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["👍🏽", 2],
    ["✓", 1],
    ["—", 1],
    ["☃", 1],
    ["a\u200bb", 2],
    ["ไม้", 2]
  ])("%s takes %d", (text, columns) => {
    assert.strictEqual(displayWidth(text), columns)
  })
})

describe("tables", () => {
  it("align columns by what they look like, and end lines without blanks", () => {
    assert.strictEqual(
      table(
        ["NAME", "SIZE", "DETAIL"],
        [
          ["日本", "1M", "-"],
          ["x", "1024K", ""],
          ["longer-name", "8", "two\nlines"]
        ]
      ),
      [
        "NAME         SIZE   DETAIL",
        "日本         1M     -",
        "x            1024K",
        "longer-name  8      two\\nlines"
      ].join("\n")
    )
  })

  it("are a header when there is nothing to show", () => {
    assert.strictEqual(table(["NAME", "SIZE"], []), "NAME  SIZE")
  })

  it("have dim headers in colour", () => {
    assert.strictEqual(table(["NAME"], [["x"]], { color: true }), "\u001b[2mNAME\u001b[0m\nx")
  })
})

describe("blocks", () => {
  it("have their values in one column", () => {
    assert.strictEqual(
      block("demo: healthy", [
        ["path", "demo.plasmite"],
        ["messages", "4 (seq 1..4)"]
      ]),
      ["demo: healthy", "  path:     demo.plasmite", "  messages: 4 (seq 1..4)"].join("\n")
    )
  })
})

describe("text from elsewhere", () => {
  it("is made visible", () => {
    assert.strictEqual(
      visible("a\tb\r\n\0\u001b[1m\u007f\u0085\u2028\u202e"),
      "a\\tb\\r\\n\\x00\\x1b[1m\\x7f\\x85\\u2028\\u202e"
    )
    assert.strictEqual(visible("naïve ☃ 😀 👨‍👩‍👧"), "naïve ☃ 😀 👨‍👩‍👧")
  })

  it("counts in words", () => {
    assert.deepStrictEqual(
      [0, 1, 2].map((count) => counted(count, "issue")),
      ["0 issues", "1 issue", "2 issues"]
    )
  })
})

describe("paths", () => {
  const places = (poolDirectory: string, currentDirectory = "/here", homeDirectory = "/home/ana") => ({
    poolDirectory,
    currentDirectory,
    homeDirectory
  })

  it("are relative to the pool directory when inside it", () => {
    const within = places("/home/ana/.plasmite/pools")
    assert.strictEqual(displayPath("/home/ana/.plasmite/pools/demo.plasmite", within), "demo.plasmite")
    assert.strictEqual(
      displayPath("/home/ana/.plasmite/pools-old/demo.plasmite", within),
      "/home/ana/.plasmite/pools-old/demo.plasmite"
    )
    assert.strictEqual(displayPath("./demo.plasmite", within), "./demo.plasmite")
    assert.strictEqual(displayPath("/demo.plasmite", places("/")), "/demo.plasmite")
  })

  it.each([
    ["/here/pools", "./pools/"],
    ["/here", "./"],
    ["/home/ana/.plasmite/pools", "~/.plasmite/pools/"],
    ["/home/ana", "~/"],
    ["/srv/pools", "/srv/pools/"],
    ["/workshop", "/workshop/"],
    ["/", "/"]
  ])("name the pool directory %s as %s", (directory, text) => {
    assert.strictEqual(displayPoolDirectory(places(directory)), text)
  })

  it("do not count the root as a surrounding", () => {
    assert.strictEqual(displayPoolDirectory(places("/srv/pools", "/", "/")), "/srv/pools/")
  })
})
