/**
 * The tables of offsets in docs/file-format.md are those that the code reads and writes by.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { childrenAt, entriesAt, hashesAt, sizeAt, ValueType } from "../../src/internal/lite3/layout.js"
import { frameAt, groupAt, groupOffset, headerAt } from "../../src/internal/ring/layout.js"
import { root } from "./documents.js"

const lines = fs.readFileSync(path.join(root, "docs/file-format.md"), "utf8").split("\n")

/** By the heading they stand under, the tables that begin with an offset: field and offset of each row. */
const tablesUnder = (heading: string): Record<string, number> => {
  const from = lines.indexOf(`## ${heading}`)
  const behind = lines.findIndex((line, at) => at > from && line.startsWith("## "))
  const rows = lines.slice(from, behind).flatMap((line) => {
    const row = /^\| (\d+) \| u\d[^|]* \| (\w+) \|/.exec(line)
    return row === null ? [] : [[row[2]!, Number(row[1])] as const]
  })
  return Object.fromEntries(rows)
}

describe("docs/file-format.md", () => {
  it("has the header as it is", () => {
    const group = Object.entries(groupAt).map(([field, at]) => [field, groupOffset + at] as const)
    assert.deepStrictEqual(tablesUnder("Header"), { ...headerAt, ...Object.fromEntries(group) })
  })

  it("has the frame as it is", () => {
    const { reserved: _, ...fields } = frameAt
    assert.deepStrictEqual(tablesUnder("Frame"), fields)
  })

  it("has the node and the types of values as they are", () => {
    const node = { type: 0, hashes: hashesAt, size: sizeAt, entries: entriesAt, children: childrenAt }
    assert.deepStrictEqual(tablesUnder("Payload"), node)
    const cells = lines.map((line) => line.split("|").map((cell) => cell.trim().split(", ")))
    for (const [name, type] of Object.entries(ValueType)) {
      const row = cells.find(([, , value]) => value?.includes(name.toLowerCase()) === true)
      assert.include(row?.[1] ?? [], String(type), name)
    }
  })
})
