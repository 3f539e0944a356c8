// Does the built bundle stand on its own? Runs the programs from another directory, with an empty home, and checks that
// the bundle contains what it should: no package that carries binaries, nothing that is loaded only on request.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const bin = fileURLToPath(new URL("../dist/bin/", import.meta.url))
const home = mkdtempSync(`${tmpdir()}/pls-smoke-`)
const run = (program, args, input = "") => {
  const result = spawnSync(process.execPath, [`${bin}${program}.cjs`, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    input,
    encoding: "utf8"
  })
  return { code: result.status, stdout: result.stdout, stderr: result.stderr }
}

try {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  for (const program of ["pls", "plasmite"]) {
    assert.equal(run(program, ["--version"]).stdout, `plasmite ${version}\n`)
  }
  // Twice: the first run writes the code cache, the second uses it.
  for (const seq of [1, 2]) {
    const { code, stderr, stdout } = run("pls", ["poke", "smoke", "--create", '{"big":9007199254740993,"one":1.0}'])
    assert.equal(code, 0, stderr)
    assert.equal(JSON.parse(stdout).seq, seq)
    assert.match(stdout, /"big":9007199254740993,"one":1\.0/)
  }
  const filtered = run("pls", ["peek", "smoke", "--tail", "9", "--replay", "0", "--where", ".seq == 2"])
  assert.equal(filtered.code, 0, filtered.stderr)
  assert.equal(JSON.parse(filtered.stdout).seq, 2)
  assert.equal(run("plasmite", ["doctor", "--all"]).code, 0)
  assert.equal(run("pls", ["nosuchcommand"]).code, 2)
  assert.match(run("pls", ["completion", "bash"]).stdout, /_plasmite/)

  const { inputs } = JSON.parse(readFileSync(`${bin}meta.json`, "utf8"))
  const bundled = Object.keys(inputs)
  for (const outside of ["koffi", "jq-wasm", "vitest"]) {
    assert.ok(!bundled.some((input) => input.includes(`node_modules/${outside}/`)), `${outside} is in the bundle`)
  }
  const kilobytes = Math.round(statSync(`${bin}main.cjs`).size / 1024)
  console.log(`smoke: the bundle works (${kilobytes} KiB, ${bundled.length} modules)`)
} finally {
  rmSync(home, { recursive: true, force: true })
}
