// A tree shows what is open, costs what it shows, and says where its rows are.
import { assert, describe, it } from "vitest"
import { parseExact } from "../../http/page/logic/exactJson.js"
import { countText, JsonTree, rowPath } from "../../http/page/logic/tree.js"

const treeOf = (text: string, depth?: number): JsonTree => new JsonTree(parseExact(text), ["data"], depth)
const paths = (tree: JsonTree): Array<string> => tree.rows.map(rowPath)

describe("the tree", () => {
  it("opens, closes, and keeps what was open below", () => {
    const tree = treeOf('{"a":{"b":[1,{"c":2}],"empty":{}},"d":"x"}')
    assert.deepEqual(paths(tree), [".data", ".data.a", ".data.d"])
    tree.toggle(tree.rows[1]!)
    tree.toggle(tree.rows[2]!)
    assert.deepEqual(paths(tree), [
      ".data",
      ".data.a",
      ".data.a.b",
      ".data.a.b[0]",
      ".data.a.b[1]",
      ".data.a.empty",
      ".data.d"
    ])
    tree.toggle(tree.rows[1]!)
    assert.strictEqual(tree.rows.length, 3)
    tree.toggle(tree.rows[1]!)
    assert.strictEqual(tree.rows.length, 7)
    assert.strictEqual(tree.parentIndex(4), 2)
    assert.strictEqual(tree.parentIndex(0), -1)
    assert.isUndefined(tree.rows[5]!.isOpen)
  })

  it("opens all, or down to a depth", () => {
    const tree = treeOf('{"a":{"b":[1,{"c":2}]}}', 0)
    assert.strictEqual(tree.rows.length, 1)
    tree.openTo(2)
    assert.deepEqual(paths(tree), [".data", ".data.a", ".data.a.b"])
    tree.openAll()
    assert.strictEqual(paths(tree).at(-1), ".data.a.b[1].c")
    tree.openTo(0)
    assert.strictEqual(tree.rows.length, 1)
  })

  it("shows ten thousand children a thousand at a time", () => {
    const tree = treeOf(`{"items":[${Array.from({ length: 10_000 }, (_, index) => index).join(",")}],"z":1}`)
    tree.toggle(tree.rows[1]!)
    assert.strictEqual(tree.rows.length, 1_004)
    const more = tree.rows[1_002]!
    assert.strictEqual(more.hiddenCount, 9_000)
    tree.showMore(more)
    assert.strictEqual(tree.rows.length, 2_004)
    assert.strictEqual(rowPath(tree.rows[2_001]!), ".data.items[1999]")
    assert.strictEqual(rowPath(tree.rows.at(-1)!), ".data.z")
  })

  it("does not open without end", () => {
    const row = `[${"[1,2],".repeat(900)}[1,2]]`
    const tree = treeOf(`[${`${row},`.repeat(99)}${row}]`)
    tree.openAll()
    assert.isBelow(tree.rows.length, 100_000)
    assert.isAbove(tree.rows.length, 10_000)
  })

  it("tells members of the same name, and names that look like indices, from each other", () => {
    const tree = treeOf('{"1":{"a":1},"x":[0,{"a":1}]}')
    tree.openAll()
    assert.strictEqual(new Set(tree.rows.map(({ id }) => id)).size, tree.rows.length)
    assert.strictEqual(rowPath(tree.rows[1]!), '.data["1"]')
  })

  it("counts in words", () => {
    assert.deepEqual(
      ["[1]", "[1,2]", '{"a":1}', "{}", "1"].map((text) => countText(parseExact(text))),
      ["1 item", "2 items", "1 member", "0 members", ""]
    )
  })
})
