/**
 * The programs of docs/examples, compiled as a user would, run as processes against the built package and programs.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest"
import { makeBin, root } from "../docs/documents.js"

const work = fs.mkdtempSync(path.join(os.tmpdir(), "pls-examples-"))
let bin = ""
const started: Array<ChildProcess> = []
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL")
})

beforeAll(() => {
  bin = makeBin(work)
  const tsc = path.join(root, "node_modules/.bin/tsc")
  const compiled = spawnSync(tsc, ["-p", path.join(root, "docs/examples")], { encoding: "utf8" })
  assert.strictEqual(compiled.status, 0, compiled.stdout)
}, 60_000)

class Home {
  readonly directory = fs.mkdtempSync(path.join(work, "home-"))
  private readonly env = { PATH: `${bin}:${process.env["PATH"]}`, HOME: this.directory }

  pls(...args: ReadonlyArray<string>): string {
    const result = spawnSync("pls", args, { env: this.env, encoding: "utf8", timeout: 20_000 })
    assert.strictEqual(result.status, 0, result.stderr)
    return result.stdout
  }

  start(example: string, ...args: ReadonlyArray<string>): ChildProcess {
    return this.spawn(process.execPath, [path.join(root, "dist/examples", `${example}.js`), ...args])
  }

  spawn(command: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(command, args, { env: { ...this.env, ...env }, stdio: ["ignore", "pipe", "inherit"] })
    started.push(child)
    return child
  }

  dataOf(pool: string): Array<Record<string, unknown>> {
    const lines = this.pls("peek", pool, "--create", "--tail", "1000", "--replay", "0", "--data-only")
    return lines.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]))
  }
}

const ended = async (child: ChildProcess): Promise<{ readonly status: number | null; readonly stdout: string }> => {
  let stdout = ""
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve))
  return { status, stdout }
}

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
}

describe("docs/examples", () => {
  it("ci-gate opens when all jobs are green, whoever comes first, and not for another commit", async () => {
    const home = new Home()
    const report = (commit: string, job: string, status: string) =>
      home.pls("poke", "ci", "--create", "--tag", commit, JSON.stringify({ job, status }))
    report("c1", "build", "green")
    report("c2", "test", "green")
    const gate = ended(home.start("ci-gate/gate", "c1", "20", "build", "test"))
    report("c1", "test", "green")
    assert.deepStrictEqual(await gate, { status: 0, stdout: "build is green\ntest is green\n" })

    report("c2", "build", "red")
    assert.strictEqual((await ended(home.start("ci-gate/gate", "c2", "20", "build", "test"))).status, 1)
    assert.strictEqual((await ended(home.start("ci-gate/gate", "c3", "0.2", "build"))).status, 124)
  })

  it("job-pipeline loses no job, killed three times", { timeout: 60_000 }, async () => {
    const home = new Home()
    const jobs = Array.from({ length: 60 }, (_, n) => (n === 20 ? { n: "no number" } : { n }))
    const file = path.join(home.directory, "jobs.jsonl")
    fs.writeFileSync(file, jobs.map((job) => JSON.stringify(job)).join("\n"))
    home.pls("poke", "jobs", "--create", "--quiet", "--file", file)
    for (const enough of [5, 15, 30]) {
      const worker = home.start("job-pipeline/worker")
      await until(() => home.dataOf("results").length >= enough)
      worker.kill("SIGKILL")
      await ended(worker)
    }
    home.start("job-pipeline/worker")
    await until(() => home.dataOf("results").at(-1)?.["job"] === 60)
    const expected = jobs.flatMap(({ n }, index) => (typeof n === "number" ? [{ job: index + 1, square: n * n }] : []))
    assert.deepStrictEqual(home.dataOf("results"), expected)
    assert.includeDeepMembers(
      home.dataOf("jobs-dead").map(({ data, seq }) => ({ data, seq })),
      [{ data: { n: "no number" }, seq: 21 }]
    )
  })

  it("two-services: an answer, a failure, and a question that was there first", async () => {
    const home = new Home()
    const early = ended(home.start("two-services/shop", "bolt", "4"))
    await until(() => fs.existsSync(path.join(home.directory, ".plasmite/pools/quote-requests.plasmite")))
    home.start("two-services/prices")
    assert.strictEqual((await early).stdout, "100 cents\n")
    assert.strictEqual((await ended(home.start("two-services/shop", "egg"))).stdout, "nobody sells egg\n")
  })

  it("live-dashboard: what the producer measures comes out of the server", async () => {
    const home = new Home()
    const producer = home.start("live-dashboard/producer")
    const ready = path.join(home.directory, "address")
    home.spawn("pls", ["serve", "--bind", "127.0.0.1:0", "--max-tail-timeout-ms", "5000"], {
      PLASMITE_SERVE_READY_FILE: ready,
      PLASMITE_LOG: "error"
    })
    await until(() => fs.existsSync(ready) && fs.readFileSync(ready, "utf8") !== "" && home.dataOf("load").length > 0)
    const server = `http://${fs.readFileSync(ready, "utf8").trim()}`
    const page = await fetch(`${server}/ui`)
    assert.deepStrictEqual([page.status, page.headers.get("content-type")?.split(";")[0]], [200, "text/html"])
    await page.body?.cancel()
    const tail = await fetch(`${server}/v0/pools/load/tail?max=3`)
    const lines = (await tail.text()).trim().split("\n")
    assert.strictEqual(lines.length, 3)
    for (const line of lines) assert.match(line, /"freeMegabytes":\d+/)
    producer.kill("SIGTERM")
    assert.strictEqual((await ended(producer)).status, 0)
  })

  it("crash-test: two hundred runs with deaths, nothing lost, and what is there twice is known", async () => {
    const { status, stdout } = await ended(new Home().start("crash-test/crash"))
    assert.strictEqual(status, 0, stdout)
    const said = /^200 runs, (\d+) deaths: nothing lost, nothing out of order, (\d+) repeats$/m.exec(stdout)
    assert.isAbove(Number(said?.[1]), 100)
    assert.isAbove(Number(said?.[2]), 0)
  })
})
