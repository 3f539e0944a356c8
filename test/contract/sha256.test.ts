/**
 * The hash in the names of semaphores against Node's: a name that differs by one letter wakes nobody.
 */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { sha256 } from "../../layers/sha256.js"

const expected = (text: string): string => createHash("sha256").update(text).digest("hex")

describe("sha256", () => {
  it("agrees with Node at every length around the blocks", () => {
    for (let length = 0; length <= 200; length++) {
      const text = "/pool".repeat(40).slice(0, length)
      assert.strictEqual(sha256(text), expected(text), String(length))
    }
  })

  it("agrees with Node for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 150 }), (text) => {
        assert.strictEqual(sha256(text), expected(text))
      })
    )
  })
})
