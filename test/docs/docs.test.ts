/**
 * Everything that the documentation shows is run: commands with the output printed beside them, programs with the types
 * a user would get. A document that stops being true fails here, by its line.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type ConsoleBlock, pattern, readDocument } from "./document.js"

const root = path.resolve(import.meta.dirname, "../..")
const documents = [
  "README.md",
  ...fs
    .readdirSync(path.join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
]

const work = fs.mkdtempSync(path.join(os.tmpdir(), "pls-docs-"))
const programs = path.join(root, "dist", "docs")
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))

const bin = path.join(work, "bin")
beforeAll(() => {
  fs.mkdirSync(bin)
  for (const name of ["pls", "plasmite"]) {
    const program = path.join(root, "dist/bin", `${name}.cjs`)
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, { mode: 0o755 })
  }
})

const marker = "\u0001step"

const runBlock = (block: ConsoleBlock, home: string): Array<string> => {
  // The status of each command is there for the next one to ask about.
  const script = block.steps.map(({ command }) => `s=$?; echo "${marker}"; (exit $s)\n${command}\n`).join("")
  const result = spawnSync("bash", ["-c", `exec 2>&1\n${script}`], {
    cwd: home,
    env: {
      PATH: `${bin}:${path.join(root, "test/cli/bin")}:${process.env["PATH"]}`,
      HOME: home,
      LANG: "C.UTF-8"
    },
    encoding: "utf8",
    timeout: 60_000
  })
  return result.stdout.split(`${marker}\n`).slice(1)
}

for (const name of documents) {
  const document = readDocument(path.join(root, name))
  describe(name, () => {
    const home = path.join(work, name.replaceAll("/", "-"))
    fs.mkdirSync(home)

    for (const block of document.consoles) {
      it(`line ${block.line}: ${block.steps[0]?.command ?? ""}`, () => {
        const outputs = runBlock(block, home)
        for (const [index, { command, expected }] of block.steps.entries()) {
          const output = outputs[index] ?? ""
          assert.match(output, pattern(expected), `${name}: $ ${command}`)
        }
      })
    }

    for (const program of document.programs) {
      it(`line ${program.line}: the program has no type error and runs`, () => {
        fs.mkdirSync(programs, { recursive: true })
        const base = path.join(programs, `${name.replaceAll(/\W/g, "-")}-${program.line}`)
        fs.writeFileSync(`${base}.ts`, program.code)
        const compilerOptions = {
          module: "nodenext",
          target: "es2022",
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
          types: ["node"]
        }
        fs.writeFileSync(`${base}.tsconfig.json`, JSON.stringify({ compilerOptions, files: [`${base}.ts`] }))
        const compiled = spawnSync(path.join(root, "node_modules/.bin/tsc"), ["-p", `${base}.tsconfig.json`], {
          encoding: "utf8"
        })
        assert.strictEqual(compiled.status, 0, compiled.stdout)
        const env = { ...process.env, HOME: home }
        const result = spawnSync(process.execPath, [`${base}.js`], { env, encoding: "utf8", timeout: 30_000 })
        assert.strictEqual(result.status, 0, result.stderr)
        for (const [, expected] of program.code.matchAll(/\/\/ prints: (.*)/g)) {
          assert.include(result.stdout, expected!)
        }
      })
    }

    it("commands shown without output are those that other tests or the build run", () => {
      const run = [
        /^npm ci && npm (run demo|test)$/,
        /^npm run (demo|check|lint|smoke|bench|test:upstream|sim|crash|kill|fuzz|mutants)( -- --[a-z]+( \d+)?)?$/,
        /^npm run bench( -- (--[a-z-]+( (\d+|'[^']+'|\/\S+))? ?)+)?$/,
        /^npm (ci|test)$/,
        /^npm install (--global )?effect-plasmite( effect)?$/,
        /^cargo install plasmite /,
        /^PLASMITE_UPSTREAM_BIN=\S+ npm run (test:upstream|bench)$/
      ]
      for (const command of document.shell) {
        assert.isTrue(
          run.some((known) => known.test(command)),
          `${name} shows \`${command}\`, which nothing runs`
        )
      }
    })
  })
}

describe("npm run demo", () => {
  it("shows the main job on a real pool", () => {
    const result = spawnSync(process.execPath, [path.join(root, "build/demo.mjs")], {
      cwd: work,
      env: { ...process.env, HOME: work },
      encoding: "utf8",
      timeout: 60_000
    })
    assert.strictEqual(result.status, 0, result.stderr)
    assert.match(
      result.stdout,
      /follower sees: \{"status":"running","step":"compile"\}|follower sees: \{"step":"compile"/
    )
    assert.match(result.stdout, /"data":\{"line":500\}/)
    assert.match(result.stdout, /OK: build/)
    assert.match(result.stdout, /build\.plasmite: 65536 bytes/)
  })
})
