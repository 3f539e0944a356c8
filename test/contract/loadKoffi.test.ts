/**
 * The short way to koffi's binary leads to the same koffi, and where it is not to be had the long one is taken.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { loadKoffi } from "../../layers/loadKoffi.js"

const require = createRequire(import.meta.url)
const koffiFile = require.resolve("koffi")
const { version } = JSON.parse(fs.readFileSync(path.join(path.dirname(koffiFile), "package.json"), "utf8")) as {
  readonly version: string
}

describe("koffi", () => {
  it("is the installed one, and works", () => {
    const koffi = loadKoffi()
    assert.strictEqual(koffi.version, version)
    assert.strictEqual(koffi.load(null).func("int getpid()")(), process.pid)
    // Here at least the short way must be the one that was taken.
    const isUsual = process.platform === "linux" && process.arch === "x64"
    if (isUsual) assert.isUndefined(require.cache[koffiFile], "koffi's own loader ran")
  })

  it("loads its own way when its binary is elsewhere", () => {
    // A package of the same name, without binaries beside it: only its loader can answer.
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-koffi-"))
    try {
      const layers = path.join(root, "layers")
      const koffi = path.join(root, "node_modules", "koffi")
      fs.mkdirSync(layers, { recursive: true })
      fs.mkdirSync(koffi, { recursive: true })
      for (const name of ["loadKoffi.js", "lazyModules.js"]) {
        fs.copyFileSync(new URL(`../../dist/layers/${name}`, import.meta.url), path.join(layers, name))
      }
      fs.writeFileSync(path.join(root, "package.json"), JSON.stringify({ type: "module" }))
      fs.writeFileSync(path.join(koffi, "package.json"), JSON.stringify({ name: "koffi", version, main: "index.cjs" }))
      fs.writeFileSync(path.join(koffi, "index.cjs"), `module.exports = { version: "its own way" }`)
      const url = pathToFileURL(path.join(layers, "loadKoffi.js")).href
      const script = `import(${JSON.stringify(url)}).then((m) => console.log(m.loadKoffi().version))`
      assert.strictEqual(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }), "its own way\n")
    } finally {
      fs.rmSync(root, { recursive: true })
    }
  })
})
