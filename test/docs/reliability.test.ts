/**
 * The long-running commands that the documentation names, run for a moment as `npm run` would run them, but for the
 * build that has just been made.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>
}
const build = "npm run --silent build && "

const moments: ReadonlyArray<readonly [name: string, args: string, said: RegExp]> = [
  ["sim", "--seeds 3", /violations in 0/],
  ["crash", "--images 500", /lost 0, torn 0/],
  ["kill", "--minutes 0.05", /lost 0/],
  ["fuzz", "--minutes 0.03", /findings 0/],
  ["mutants", "--list", /\w/],
  ["bench", "--only '^(encode|append raw)$' --rounds 1", /[✗✓★] {2}encode tiny [^]*[✗✓★] {2}raw append [^]*kept in /]
]

describe("the commands of docs/reliability.md and docs/performance.md", () => {
  for (const [name, args, said] of moments) {
    it(`npm run ${name} -- ${args}`, { timeout: 90_000 }, () => {
      const script = scripts[name]!
      assert.isTrue(script.startsWith(build), script)
      const result = spawnSync(`${script.slice(build.length)} ${args}`, {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, PATH: `${path.join(root, "node_modules/.bin")}:${process.env["PATH"]}` },
        shell: true,
        timeout: 80_000
      })
      assert.strictEqual(result.status, 0, result.stdout + result.stderr)
      assert.match(result.stdout, said)
    })
  }
})
