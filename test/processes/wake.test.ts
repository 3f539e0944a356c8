/**
 * A message of one process wakes a reader of another by itself: the reader here has no timer, so a poll interval cannot
 * be what explains that it got the message. The latencies are printed, not judged.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { createInterface } from "node:readline"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"

const rounds = 21

for (const [storage, way] of [
  ["mapped", "a tail"],
  ["file", "a tail"],
  ["mapped", "forEach"]
] as const) {
  it(`an append wakes a reader in another process by the file event alone (${storage}, ${way})`, async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "pls-wake-"))
    const latencies: Array<number> = []
    const program = Effect.gen(function* () {
      const pool = yield* (yield* Pools).open("wake", { create: true })
      const script = path.join(import.meta.dirname, "follower.mjs")
      const child = spawn(process.execPath, [script, directory, "wake", storage, way], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      const lines = createInterface({ input: child.stdout })
      const nextLine = Effect.promise(() => once(lines, "line") as Promise<[string]>)
      yield* nextLine
      for (let seq = 1; seq <= rounds; seq++) {
        // Long enough for the reader to be done with the last message and to wait.
        yield* Effect.sleep(30)
        const arrived = nextLine.pipe(Effect.timeout(10_000))
        const start = process.hrtime.bigint()
        const [[line]] = yield* Effect.all([arrived, pool.append({ seq })], { concurrency: "unbounded" })
        // By the reader's own clock, which is the machine's: the way back to this process is not counted.
        const [got, at] = line.split(" ")
        assert.strictEqual(got, String(seq))
        latencies.push(Number(BigInt(at!) - start) / 1e6)
      }
    })
    try {
      await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(NodePools.layer({ directory, storage }))))
    } finally {
      fs.rmSync(directory, { recursive: true, force: true })
    }
    const sorted = latencies.sort((a, b) => a - b)
    console.log(`append to other process's reader (${storage}, ${way}): median ${sorted[rounds >> 1]!.toFixed(2)} ms`)
  })
}
