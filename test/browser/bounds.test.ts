// That the measures of the page run and say what they measured; the figures themselves are judged by `npm run bounds`.
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "vitest"
import { isMet, line } from "./bounds/Bound.js"
import { chromiumPath } from "./findChromium.js"

const repository = new URL("../..", import.meta.url).pathname
const bounds = (...args: ReadonlyArray<string>) =>
  spawnSync(`${repository}node_modules/.bin/vite-node`, [`${repository}test/browser/bounds/run.ts`, "--", ...args], {
    encoding: "utf8",
    cwd: repository,
    timeout: 80_000
  })

describe("npm run bounds", () => {
  it("refuses what it does not know", { timeout: 90_000 }, () => {
    for (const args of [["--only", "nothing"], ["--rounds", "none"], ["--speed"]]) {
      const { status, stderr } = bounds(...args)
      assert.strictEqual(status, 2, args.join(" "))
      assert.include(stderr, "--check")
    }
  })

  it("judges a figure by its bound, and by nothing when it was not to be believed", () => {
    const figure = { what: "a", value: 301, unit: "ms", most: 300 }
    assert.isFalse(isMet(figure))
    assert.include(line(figure), "FALLS SHORT")
    assert.isTrue(isMet({ ...figure, value: 300 }))
    assert.isTrue(isMet({ ...figure, excuse: "busy" }))
    assert.include(line({ ...figure, excuse: "busy" }), "not judged: busy")
    assert.isFalse(isMet({ what: "a", value: 1, unit: "x", least: 2 }))
    assert.isTrue(isMet({ what: "a", value: 1, unit: "x" }))
  })

  it.skipIf(chromiumPath === undefined)("measures the first view in a browser", { timeout: 90_000 }, () => {
    const { status, stdout } = bounds("--only", "opening", "--rounds", "1")
    assert.strictEqual(status, 0, stdout)
    assert.match(stdout, /first view of 50 pools: [1-9]\d* ms/)
    assert.match(stdout, /newest of 200 messages of a pool: [1-9]\d* ms/)
  })
})
