/**
 * Every broken variant still applies to the sources of today. That each is caught takes minutes: `npm run mutants`.
 */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { applyVariant } from "./Variant.js"
import { variants } from "./variants.js"

const root = new URL("../../", import.meta.url)

describe("a broken variant", () => {
  it("has a name of its own", () => {
    const names = variants.map(({ name }) => name)
    assert.deepStrictEqual(names, [...new Set(names)])
    assert.isAtLeast(names.length, 24)
  })

  it("makes no edit that another one makes", () => {
    const edits = variants.map(({ file, replace, search }) => JSON.stringify([file, search, replace]))
    assert.strictEqual(new Set(edits).size, edits.length)
  })

  for (const variant of variants) {
    it(`${variant.name} applies exactly once`, () => {
      const source = readFileSync(new URL(variant.file, root), "utf8")
      assert.notStrictEqual(applyVariant(variant, source), source)
    })
  }

  it("fails to apply when its place is gone, or there twice", () => {
    const variant = { name: "v", breaks: "", file: "f.ts", search: "seek", replace: "found" }
    assert.throws(() => applyVariant(variant, "nothing"), /not in f.ts/)
    assert.throws(() => applyVariant(variant, "seek seek"), /more than once/)
    assert.throws(() => applyVariant({ ...variant, replace: "seek" }, "seek"), /changes nothing/)
    assert.strictEqual(applyVariant(variant, "a seek b"), "a found b")
  })
})
