/**
 * Every `ts` block of the documentation and every example of a docstring is a program: it is checked with the types that a
 * user of the built package gets, and run in an empty home. `// prints:` says what has to be in its output.
 */
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type CodeBlock, readDocument, readExamples } from "./document.js"
import { documents, root, sources } from "./documents.js"

const work = fs.mkdtempSync(path.join(os.tmpdir(), "pls-programs-"))
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))

/** Within the package, so that its name leads to the build as it does for users. */
const programs = path.join(root, "dist", "docs")

const all: ReadonlyArray<readonly [file: string, blocks: ReadonlyArray<CodeBlock>]> = [
  ...documents.map((file) => [file, readDocument(path.join(root, file)).programs] as const),
  ...sources.map((file) => [file, readExamples(path.join(root, file))] as const)
]
const nameOf = (file: string, { line }: CodeBlock): string => `${file.replaceAll(/\W/g, "-")}-${line}`

let complaints = ""
beforeAll(() => {
  fs.rmSync(programs, { recursive: true, force: true })
  fs.mkdirSync(programs, { recursive: true })
  for (const [file, blocks] of all) {
    for (const block of blocks) fs.writeFileSync(path.join(programs, `${nameOf(file, block)}.ts`), block.code)
  }
  const compilerOptions = {
    module: "nodenext",
    target: "es2022",
    lib: ["es2023", "esnext.disposable"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    moduleDetection: "force",
    types: ["node"]
  }
  fs.writeFileSync(path.join(programs, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
  const compiled = spawnSync(path.join(root, "node_modules/.bin/tsc"), ["-p", programs], {
    cwd: programs,
    encoding: "utf8"
  })
  complaints = compiled.stdout
}, 60_000)

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (program: string, home: string): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program], { cwd: home, env: { PATH: process.env["PATH"], HOME: home } })
    const output = { stdout: "", stderr: "" }
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
    const deadline = setTimeout(() => child.kill("SIGKILL"), 25_000)
    child.on("close", (status) => {
      clearTimeout(deadline)
      resolve({ status, ...output })
    })
  })

for (const [file, blocks] of all) {
  if (blocks.length === 0) continue
  describe.concurrent(file, () => {
    for (const block of blocks) {
      it(`line ${block.line}: the program has no type error and runs`, async () => {
        const name = nameOf(file, block)
        const mine = complaints.split("\n").filter((line) => line.includes(`${name}.ts(`))
        assert.deepStrictEqual(mine, [])
        const home = fs.mkdtempSync(path.join(work, "home-"))
        const { status, stderr, stdout } = await run(path.join(programs, `${name}.js`), home)
        assert.strictEqual(status, 0, stdout + stderr)
        for (const [, expected] of block.code.matchAll(/\/\/ prints: (.*)/g)) assert.include(stdout, expected!)
      })
    }
  })
}
