// `peek --cursor` with a pool on a server: nothing is skipped, whoever is killed on either side; and cursors that are forgotten.
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { failed, refused, succeeded } from "./answers.js"
import { eventually, finish, type Outcome } from "./harness.js"
import { makeRoom } from "./room.js"
import { ask, startServing } from "./serving.js"

const dieAtWrite = path.join(import.meta.dirname, "dieAtWrite.cjs")

const seqs = (text: string): ReadonlyArray<number> =>
  text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { readonly seq: number }).seq)

const records = (count: number): string => Array.from({ length: count }, (_, n) => `{"n":${n}}`).join("\n")

describe("peek --cursor, with a server", () => {
  it("goes on behind what was printed, and pool info and forget know the cursor", async () => {
    const room = makeRoom()
    await room.run(["poke", "orders", "--create", "--quiet"], { stdin: records(5) })
    const url = `http://${(await startServing(room)).listen}/orders`
    const one = ["peek", url, "--cursor", "billing", "--jsonl", "--one"]
    assert.deepStrictEqual(seqs(succeeded(await room.run(one)).stdout), [1])
    assert.deepStrictEqual(seqs(succeeded(await room.run(one)).stdout), [2])
    const rest = await room.run(["peek", url, "--cursor", "billing", "--jsonl", "--timeout", "300ms"])
    assert.deepStrictEqual([rest.code, ...seqs(rest.stdout)], [124, 3, 4, 5])
    assert.match(succeeded(await room.run(["pool", "info", url])).stdout, /^Cursor: billing seq=5 lag=0 committed=2/m)

    assert.include(failed(await room.run(["pool", "forget", url, "shipping"]), "NotFound").hint, "It has billing.")
    assert.strictEqual(
      succeeded(await room.run(["pool", "forget", url, "billing", "--json"])).stdout,
      `${JSON.stringify({ forgotten: { pool: url, cursor: "billing" } })}\n`
    )
    assert.deepStrictEqual(seqs(succeeded(await room.run(one)).stdout), [1])
    // The same cursor, from the server's machine.
    const local = ["peek", "orders", "--cursor", "billing", "--jsonl", "--one"]
    assert.deepStrictEqual(seqs(succeeded(await room.run(local)).stdout), [2])
  })

  it("of two consumers of a name, the one that commits second ends, with Busy", async () => {
    const room = makeRoom()
    await room.run(["poke", "orders", "--create", "--quiet"], { stdin: records(1) })
    const server = await startServing(room)
    const url = `http://${server.listen}/orders`
    const peek = ["peek", url, "--cursor", "billing", "--jsonl", "--reconnect"]
    const first = room.start(peek)
    await first.waitForLines(1)
    const second = room.start(peek)
    await eventually("both follow", () => first.isRunning() && second.isRunning())
    await sleep(700)
    for (let n = 0; first.isRunning() && second.isRunning() && n < 100; n++) {
      await room.run(["poke", "orders", `{"more":${n}}`])
    }
    const ended = await finish(first.isRunning() ? second : first)
    assert.strictEqual(ended.code, 5)
    assert.include(failed(ended, "Busy").message, "cursor billing of pool orders was moved or removed by another")
  })

  it("a server that only lets read is refused before anything is printed", async () => {
    const room = makeRoom()
    await room.run(["poke", "orders", "--create", "--quiet"], { stdin: records(3) })
    const server = await startServing(room, ["--access", "read-only"])
    const outcome = await room.run(["peek", `http://${server.listen}/orders`, "--cursor", "billing"])
    assert.include(refused(outcome, "Permission").message, "does not allow writes")
    assert.isFalse(fs.existsSync(`${room.file("orders")}.cursors`))
  })

  it("dies at any write, and what was committed had left", async () => {
    const room = makeRoom()
    const count = 3000
    await room.run(["poke", "orders", "--create", "--create-size", "4M", "--quiet"], { stdin: records(count) })
    const url = `http://${(await startServing(room)).listen}/orders`
    for (const die of ["before:1", "after:1", "before:2"]) {
      const peek = ["peek", url, "--cursor", die.replace(":", "-"), "--jsonl", "--timeout", "1s"]
      const env = { NODE_OPTIONS: `--require ${dieAtWrite}`, DIE_AT: die }
      const died = await room.run(peek, { env })
      assert.strictEqual(died.signal, "SIGKILL", die)
      const printed = seqs(died.stdout)
      assert.strictEqual(printed.length > 0, die !== "before:1", die)
      const after = seqs((await room.run(peek)).stdout)
      assert.isAtMost(after[0]!, printed.length + 1, `${die}: skipped`)
      assert.deepStrictEqual(
        after,
        Array.from({ length: count - after[0]! + 1 }, (_, index) => after[0]! + index)
      )
    }
  })

  it("skips nothing, whether the server or the consumer is killed, at whatever moment", async () => {
    const room = makeRoom()
    await room.run(["pool", "create", "orders", "--size", "16M"])
    let server = await startServing(room)
    const port = String(server.port)
    const url = `http://127.0.0.1:${port}/orders`
    const producer = room.start(["poke", "orders", "--quiet"], { stdin: "open" })
    let appended = 0
    const produce = setInterval(() => {
      for (let n = 0; n < 20; n++) producer.write(`{"n":${appended++}}\n`)
    }, 5)

    const runs: Array<ReadonlyArray<number>> = []
    const start = () => room.start(["peek", url, "--cursor", "billing", "--jsonl", "--reconnect"])
    let consumer = start()
    const keep = ({ stdout }: Outcome): void => void runs.push(seqs(stdout))
    for (let round = 0; round < 12; round++) {
      await sleep(150 + Math.random() * 250)
      if (!consumer.isRunning()) {
        // Its server was killed before it had begun to follow: whoever watches over it starts it again.
        const ended = await consumer.exited
        assert.strictEqual(ended.code, 8, ended.stderr)
        keep(ended)
        consumer = start()
      }
      if (round % 3 !== 1) {
        server.kill("SIGKILL")
        await server.exited
      }
      if (round % 3 !== 0) {
        consumer.kill("SIGKILL")
        keep(await consumer.exited)
      }
      if (round % 3 !== 1) server = await startServing(room, ["--bind", `127.0.0.1:${port}`])
      if (round % 3 !== 0) consumer = start()
    }
    clearInterval(produce)
    producer.end()
    succeeded(await finish(producer))
    const place = async (): Promise<number> => {
      const { body, status } = await ask(`http://127.0.0.1:${port}/v0/pools/orders/cursors/billing`)
      return status === 200 ? (JSON.parse(body) as { cursor: { seq: number } }).cursor.seq : 0
    }
    for (let waited = 0; (await place()) < appended && waited < 400; waited++) {
      if (!consumer.isRunning()) {
        keep(await consumer.exited)
        consumer = start()
      }
      await sleep(50)
    }
    assert.strictEqual(await place(), appended, consumer.stderr())
    consumer.kill("SIGINT")
    keep(await finish(consumer))

    let reached = 0
    for (const run of runs) {
      if (run.length === 0) continue
      assert.isAtMost(run[0]!, reached + 1, "skipped between two consumers")
      run.forEach((seq, index) => assert.strictEqual(seq, run[0]! + index, "skipped within one"))
      reached = Math.max(reached, run.at(-1)!)
    }
    assert.strictEqual(reached, appended)
    assert.isAbove(runs.length, 5)
  })
})

describe("pool forget", () => {
  it("removes one cursor of a pool of this machine, and not one in use", async () => {
    const room = makeRoom()
    await room.run(["poke", "orders", "--create", "--quiet"], { stdin: records(3) })
    assert.include(failed(await room.run(["pool", "forget", "orders", "billing"]), "NotFound").hint, "It has none.")
    for (const cursor of ["billing", "shipping"]) {
      succeeded(await room.run(["peek", "orders", "--cursor", cursor, "--one", "--jsonl"]))
    }
    const busy = room.start(["peek", "orders", "--cursor", "shipping", "--jsonl"])
    await busy.waitForLines(2)
    const outcome = await room.run(["pool", "forget", "orders", "shipping"])
    assert.strictEqual(outcome.code, 5)
    assert.include(failed(outcome, "Busy").message, "cursor shipping of pool orders is in use")
    const forgotten = await room.run(["pool", "forget", "orders", "billing", "--no-json"])
    assert.strictEqual(succeeded(forgotten).stdout, "Forgot cursor billing of orders.\n")
    const again = await room.run(["peek", "orders", "--cursor", "billing", "--one", "--jsonl"])
    assert.deepStrictEqual(seqs(succeeded(again).stdout), [1])
    assert.strictEqual(
      failed(await room.run(["pool", "forget", "nowhere", "billing"]), "NotFound").message,
      "pool nowhere not found"
    )
    refused(await room.run(["pool", "forget", "orders", "../orders"]), "Usage")
  })
})
