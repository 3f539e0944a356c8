/**
 * A private copy of the project in which sources may be broken and tests run. The working tree itself is never touched.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Variant } from "./Variant.js"
import { applyVariant } from "./Variant.js"

/** What the tests said about the sources as they are now. */
export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly test: string; readonly message: string }
  | { readonly kind: "hung"; readonly test: string; readonly message: string }

/** The part of vitest's JSON report that matters here. */
interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly message?: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<{
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: ReadonlyArray<string>
    }>
  }>
}

/** Not copied: installed, built, or no part of the sources. */
const leftOut = new Set(["node_modules", "dist", ".git", "coverage"])

const projectRoot = path.resolve(import.meta.dirname, "../..")

export class Workspace {
  /** Leader of the process group of a run, while there is one. */
  private running: number | undefined

  private constructor(private readonly root: string) {}

  static create(): Workspace {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-mutants-"))
    for (const entry of fs.readdirSync(projectRoot)) {
      if (!leftOut.has(entry)) fs.cpSync(path.join(projectRoot, entry), path.join(root, entry), { recursive: true })
    }
    // A directory of links, not a link: what vitest caches beside the packages stays in the copy.
    const modules = path.join(projectRoot, "node_modules")
    fs.mkdirSync(path.join(root, "node_modules"))
    for (const entry of fs.readdirSync(modules)) {
      if (!entry.startsWith(".vite")) fs.symlinkSync(path.join(modules, entry), path.join(root, "node_modules", entry))
    }
    return new Workspace(root)
  }

  dispose(): void {
    this.stopTests()
    fs.rmSync(this.root, { recursive: true, force: true })
  }

  has(testPath: string): boolean {
    return fs.existsSync(path.join(this.root, testPath))
  }

  /** Runs `body` with the variant in place, and takes it out again. */
  async withVariant<A>(variant: Variant, body: () => Promise<A>): Promise<A> {
    const file = path.join(this.root, variant.file)
    const source = fs.readFileSync(file, "utf8")
    fs.writeFileSync(file, applyVariant(variant, source))
    try {
      return await body()
    } finally {
      fs.writeFileSync(file, source)
    }
  }

  /** Runs test files up to the first failure. A broken variant may loop without end: that too is an answer. */
  async runTests(paths: ReadonlyArray<string>, limitSeconds: number): Promise<Outcome> {
    const reportFile = path.join(this.root, "report.json")
    fs.rmSync(reportFile, { force: true })
    const args = [
      path.join(projectRoot, "node_modules/vitest/vitest.mjs"),
      "run",
      "--config=test/vitest.config.ts",
      "--bail=1",
      "--testTimeout=60000",
      "--passWithNoTests",
      "--maxWorkers=1",
      "--minWorkers=1",
      // The modules under test keep nothing between files, and loading them again for each takes longer than the tests.
      "--no-isolate",
      "--reporter=json",
      `--outputFile=${reportFile}`,
      ...paths
    ]
    const child = spawn(process.execPath, args, { cwd: this.root, detached: true, stdio: ["ignore", "ignore", "pipe"] })
    this.running = child.pid
    let complaints = ""
    child.stderr.on("data", (chunk) => (complaints += chunk))
    const status = await new Promise<number | "hung">((resolve, reject) => {
      const limit = setTimeout(() => {
        this.stopTests()
        resolve("hung")
      }, limitSeconds * 1000)
      child.once("error", reject)
      child.once("close", (code) => {
        clearTimeout(limit)
        this.running = undefined
        resolve(code ?? 1)
      })
    })
    if (status === 0) return { kind: "passed" }
    if (status === "hung") return { kind: "hung", test: paths.join(" "), message: `no end after ${limitSeconds} s` }
    if (!fs.existsSync(reportFile)) throw new Error(`vitest ended with ${status} and no report: ${complaints}`)
    return firstFailure(JSON.parse(fs.readFileSync(reportFile, "utf8")) as Report, this.root, complaints)
  }

  /** The workers of a run that hangs would outlive it: the whole group goes. */
  private stopTests(): void {
    if (this.running !== undefined) process.kill(-this.running, "SIGKILL")
    this.running = undefined
  }
}

const firstFailure = ({ testResults }: Report, root: string, complaints: string): Outcome => {
  for (const { assertionResults, message, name, status } of testResults) {
    const file = path.relative(root, name)
    for (const test of assertionResults) {
      if (test.status !== "failed") continue
      return { kind: "failed", test: `${file} > ${test.fullName}`, message: firstLine(test.failureMessages?.[0] ?? "") }
    }
    if (status === "failed" && message !== undefined && message !== "")
      return { kind: "failed", test: file, message: firstLine(message) }
  }
  return { kind: "failed", test: "no test: the run itself", message: firstLine(complaints) }
}

/** The first line, and the seed that repeats the failure if it is named further down. */
const firstLine = (text: string): string => {
  const [first = "", ...rest] = text.trim().split("\n")
  const seed = /\{ seed: [^}]*\}|\bseed[ =:]+\d+/i.exec(rest.join("\n"))
  return seed === null ? first : `${first} (${seed[0]})`
}
