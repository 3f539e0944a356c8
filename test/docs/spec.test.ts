/**
 * Each promise of `spec/` names the test that holds it. Whether it does is for readers to judge; that it exists is
 * checked here.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
const pages = fs.readdirSync(path.join(root, "spec")).filter((name) => name.endsWith(".md") && name !== "README.md")

for (const page of pages) {
  describe(`spec/${page}`, () => {
    const promises = fs
      .readFileSync(path.join(root, "spec", page), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("- "))

    it("names a test for each promise", () => {
      for (const promise of promises) assert.match(promise, / → \S+\.ts: ".+"$/, promise)
      assert.isAbove(promises.length, 0)
    })

    it("names tests that exist", () => {
      for (const promise of promises) {
        const [, file, words] = / → (\S+): "(.+)"$/.exec(promise)!
        const source = fs.readFileSync(path.join(root, file!), "utf8")
        assert.include(source, words!, `${file} has no test named ${words}`)
      }
    })
  })
}
