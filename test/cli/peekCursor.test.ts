// `peek --cursor`: what left the process is not printed again, what did not is, whoever is killed on the way.
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { finish } from "./harness.js"
import { makeRoom } from "./room.js"

const dieAtWrite = path.join(import.meta.dirname, "dieAtWrite.cjs")

const seqs = (text: string): ReadonlyArray<number> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { readonly seq: number }).seq)

describe("peek --cursor", () => {
  it("goes on behind what was printed, and pool info shows how far that is", async () => {
    const { run } = makeRoom()
    const lines = Array.from({ length: 10 }, (_, n) => `{"n":${n}}`).join("\n")
    await run(["poke", "orders", "--create", "--quiet"], { stdin: lines })
    const one = ["peek", "orders", "--cursor", "billing", "--jsonl", "--one"]
    assert.deepStrictEqual(seqs((await run(one)).stdout), [1])
    assert.deepStrictEqual(seqs((await run(one)).stdout), [2])
    const rest = await run(["peek", "orders", "--cursor", "billing", "--jsonl", "--timeout", "300ms"])
    assert.strictEqual(rest.code, 124)
    assert.deepStrictEqual(seqs(rest.stdout), [3, 4, 5, 6, 7, 8, 9, 10])
    await run(["peek", "orders", "--cursor", "shipping", "--jsonl", "--one"])
    const info = JSON.parse((await run(["pool", "info", "orders", "--json"])).stdout) as {
      readonly cursors: ReadonlyArray<{ readonly name: string; readonly seq: number; readonly lag: number }>
    }
    assert.deepStrictEqual(
      info.cursors.map(({ lag, name, seq }) => [name, seq, lag]),
      [
        ["billing", 10, 0],
        ["shipping", 1, 9]
      ]
    )
    assert.match((await run(["pool", "info", "orders"])).stdout, /^Cursor: shipping seq=1 lag=9 committed=2/m)
  })

  it("repeats what did not leave the process before a kill, and skips nothing", async () => {
    const { run, start } = makeRoom()
    const count = 20_000
    const lines = Array.from({ length: count }, (_, n) => `{"n":${n},"pad":"${"x".repeat(100)}"}`).join("\n")
    await run(["poke", "orders", "--create", "--create-size", "16M", "--quiet"], { stdin: lines })
    const peek = ["peek", "orders", "--cursor", "billing", "--jsonl"]
    // Nobody reads: the pipe is full long before the pool is printed.
    const stuck = start(peek, { paused: true })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const busy = await run([...peek, "--one"])
    assert.strictEqual(busy.code, 5, busy.stderr)
    assert.include(busy.stderr, "cursor billing of pool orders is in use")
    stuck.kill("SIGKILL")
    stuck.resume()
    const before = (await finish(stuck)).stdout
    const printed = seqs(before.slice(0, before.lastIndexOf("\n") + 1))
    const after = seqs((await run([...peek, "--timeout", "1s"])).stdout)
    assert.isAtMost(after[0]!, printed.length + 1, "skipped")
    assert.strictEqual(after.at(-1), count)
    assert.strictEqual(after.length, count - after[0]! + 1)
  })

  it("dies at any write, and what was committed had left", async () => {
    const { run } = makeRoom()
    const count = 4000
    const lines = Array.from({ length: count }, (_, n) => `{"n":${n},"pad":"${"x".repeat(100)}"}`).join("\n")
    await run(["poke", "orders", "--create", "--create-size", "16M", "--quiet"], { stdin: lines })
    for (const when of ["before", "after"]) {
      for (const nth of [1, 2, 4]) {
        const cursor = `${when}-${nth}`
        const peek = ["peek", "orders", "--cursor", cursor, "--jsonl", "--timeout", "500ms"]
        const env = { NODE_OPTIONS: `--require ${dieAtWrite}`, DIE_AT: `${when}:${nth}` }
        const died = await run(peek, { env })
        assert.strictEqual(died.signal, "SIGKILL", cursor)
        const printed = seqs(died.stdout.slice(0, died.stdout.lastIndexOf("\n") + 1))
        assert.strictEqual(printed.length > 0, when === "after" || nth > 1, cursor)
        const after = seqs((await run(peek)).stdout)
        assert.isAtMost(after[0]!, printed.length + 1, `${cursor} skipped`)
        assert.deepStrictEqual(
          after,
          Array.from({ length: count - after[0]! + 1 }, (_, index) => after[0]! + index)
        )
      }
    }
  })
})
