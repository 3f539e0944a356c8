/**
 * The commands that the documentation shows are run, and must have the output printed beside them. A document that stops
 * being true fails here, by its line. Its programs are in `programs.test.ts`.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type ConsoleBlock, pattern, readDocument } from "./document.js"
import { documents, makeBin, root } from "./documents.js"

const work = fs.mkdtempSync(path.join(os.tmpdir(), "pls-docs-"))
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))
let bin = ""
beforeAll(() => {
  bin = makeBin(work)
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

    it("commands shown without output are those that other tests or the build run", () => {
      const run = [
        /^npm ci && npm (run demo|test)$/,
        /^npm run (demo|check|lint|smoke|bench|bounds|test:upstream|sim|crash|kill|fuzz|mutants)( -- --[a-z]+( \d+)?)?$/,
        /^npm run bench( -- (--[a-z-]+( (\d+|'[^']+'|\/\S+))? ?)+)?$/,
        /^npm (ci|test)$/,
        /^npm install (--global effect-plasmite|effect-plasmite effect@3|--save-dev typescript tsx @types\/node)$/,
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
