// Does the built bundle stand on its own? Runs the programs from another directory, with an empty home, and checks that
// the bundle contains what it should: no package that carries binaries, nothing that is loaded only on request.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = `${root}dist/bin/`
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
  // The first had to create the pool, the second had nothing in its way: one cache for the part that each of them took.
  const caches = readdirSync(`${home}/.cache/effect-plasmite`).map((name) => name.slice(0, name.indexOf("-")))
  assert.deepEqual(caches.sort(), ["poke", "pokeNow", "versionLine"])

  const filtered = run("pls", ["peek", "smoke", "--tail", "9", "--replay", "0", "--where", ".seq == 2"])
  assert.equal(filtered.code, 0, filtered.stderr)
  assert.equal(JSON.parse(filtered.stdout).seq, 2)
  assert.equal(run("plasmite", ["doctor", "--all"]).code, 0)
  assert.equal(run("pls", ["nosuchcommand"]).code, 2)
  assert.match(run("pls", ["completion", "bash"]).stdout, /_plasmite/)

  const metafiles = JSON.parse(readFileSync(`${bin}meta.json`, "utf8"))
  const bundled = (part) => Object.keys(metafiles[part].inputs)
  const holds = (part, outside) => bundled(part).some((input) => input.includes(`node_modules/${outside}`))
  for (const part of Object.keys(metafiles)) {
    for (const outside of ["koffi/", "jq-wasm/", "vitest/"]) {
      assert.ok(!holds(part, outside), `${outside} is in ${part}.cjs`)
    }
  }
  // Who works with files does not load what reaches a server.
  for (const part of ["main", "quick", "pokeNow", "pls", "plasmite"]) {
    assert.ok(!bundled(part).some((input) => /^(http|cli\/remote)\//.test(input)), `the client is in ${part}.cjs`)
  }
  assert.ok(bundled("remote").includes("http/remote/Wire.ts") && !holds("remote", "@effect/cli"), "remote.cjs")
  assert.equal(run("pls", ["peek", "http://127.0.0.1:1/p"]).code, 8)
  // What every call pays for: no package at all in the launchers, and in the quick part nothing but Effect's core.
  for (const program of ["pls", "plasmite"]) assert.ok(!holds(program, ""), `a package is in ${program}.cjs`)
  for (const outside of ["@effect/", "effect/dist/esm/Schema", "effect/dist/esm/ParseResult"]) {
    assert.ok(holds("main", outside) && !holds("quick", outside), `${outside} is in quick.cjs, or not in main.cjs`)
  }
  // The server is a part of its own: no other call pays for it, or for the package that makes certificates.
  const server = ["http/server/", "node_modules/@peculiar/", "node_modules/reflect-metadata/"]
  for (const part of Object.keys(metafiles)) {
    for (const piece of server) {
      const isThere = bundled(part).some((input) => input.includes(piece))
      assert.equal(isThere, part === "serve", `${piece} in ${part}.cjs: ${isThere}`)
    }
  }
  const check = run("pls", ["serve", "--tls-self-signed", "check"])
  assert.equal(check.code, 0, check.stderr)
  assert.equal(JSON.parse(check.stdout).check.tls, "self-signed")
  const init = run("pls", ["serve", "init", "--output-dir", `${home}/secrets`])
  assert.equal(init.code, 0, init.stderr)
  assert.deepEqual(readdirSync(`${home}/secrets`).length, 3)

  const packed = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, encoding: "utf8" })
  const files = JSON.parse(packed.stdout)[0].files.map(({ path }) => path)
  for (const part of Object.keys(metafiles)) {
    assert.ok(files.includes(`dist/bin/${part}.cjs`), `${part}.cjs is not in the package`)
  }
  const sizes = Object.keys(metafiles).map((part) => {
    const kibibytes = Math.round(statSync(`${bin}${part}.cjs`).size / 1024)
    return `${part} ${kibibytes} KiB of ${bundled(part).length} modules`
  })
  console.log(`smoke: the bundles work (${sizes.join(", ")})`)
} finally {
  rmSync(home, { recursive: true, force: true })
}
