// Which pools an address opens together, and that each can be told from the others.
import { assert, describe, it } from "vitest"
import { groupOf, poolMarks, viewOfPools } from "../../http/page/logic/poolGroup.js"

describe("pools that are opened together", () => {
  it("are those of the address, each once, and no more than there are connections for", () => {
    assert.isUndefined(groupOf({ pool: undefined, others: ["a", "b"] }))
    assert.isUndefined(groupOf({ pool: "a", others: [] }))
    assert.isUndefined(groupOf({ pool: "a", others: ["a"] }))
    assert.deepEqual(groupOf({ pool: "b", others: ["a", "b", "c"] }), { pools: ["b", "a", "c"], leftOut: [] })
    assert.deepEqual(groupOf({ pool: "a", others: ["b", "c", "d", "e", "f"] }), {
      pools: ["a", "b", "c", "d"],
      leftOut: ["e", "f"]
    })
    assert.deepEqual(viewOfPools(["a", "b"]), { pool: "a", others: ["b"] })
    assert.deepEqual(viewOfPools([]), { pool: undefined, others: [] })
  })

  it("have a colour that goes with the name, wherever it stands", () => {
    const hueOf = (names: ReadonlyArray<string>, name: string): number =>
      poolMarks(names).find((mark) => mark.name === name)!.hue
    assert.strictEqual(hueOf(["orders", "mail"], "orders"), hueOf(["search", "orders"], "orders"))
    assert.notStrictEqual(hueOf(["orders", "mail"], "orders"), hueOf(["orders", "mail"], "mail"))
  })

  it("have short names that differ, even where the names differ only in the middle", () => {
    const shorts = (...names: ReadonlyArray<string>): ReadonlyArray<string> =>
      poolMarks(names).map(({ short }) => short)
    assert.deepEqual(shorts("orders", "mail"), ["orders", "mail"])
    assert.deepEqual(shorts("service-eu-west-orders", "service-eu-west-payments"), [
      "servic…west-orders",
      "servic…st-payments"
    ])
    const alike = shorts("service-eu-west-orders", "service-us-west-orders")
    assert.strictEqual(new Set(alike).size, 2)
    assert.deepEqual(shorts("🦊".repeat(30)), [`${"🦊".repeat(6)}…${"🦊".repeat(11)}`])
  })
})
