// Appending one message: what is stored, what is acknowledged, and what is refused without a trace.
import * as fs from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import koffi from "koffi"
import { assert, describe } from "vitest"
import { type Message, messages, oneLine, payloads, refused, seqs, succeeded, tags } from "../answers.js"
import { finish, shell } from "../harness.js"
import { row, spelledRow } from "../room.js"

/** Holds the exclusive lock of a file, as another writer would. */
const lockFile = (file: string): (() => void) => {
  const libc = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6")
  const flock = libc.func("int flock(int descriptor, int operation)")
  const descriptor = fs.openSync(file, "r+")
  const exclusiveNow = 2 | 4
  assert.strictEqual(flock(descriptor, exclusiveNow), 0)
  return () => fs.closeSync(descriptor)
}

describe("poke: receipts", () => {
  row(31, "seed", `poke p '{"x":1}' --tag ping`, async ({ run, pool }) => {
    await pool("p")
    const { stdout, stderr } = succeeded(await run(["poke", "p", '{"x":1}', "--tag", "ping"]))
    const receipt = oneLine<Message>(stdout)
    assert.deepEqual([receipt.seq, receipt.meta, receipt.data], [1, { tags: ["ping"] }, { x: 1 }])
    assert.strictEqual(JSON.stringify(receipt) + "\n", stdout)
    assert.deepEqual(Object.keys(receipt), ["seq", "time", "meta", "data"])
    assert.strictEqual(stderr, "")
  })

  row(32, "v0.8", `feed p '{"x":1}' --tag ping`, async ({ run, pool }) => {
    await pool("p")
    const { stdout } = succeeded(await run(["feed", "p", '{"x":1}', "--tag", "ping"]))
    const receipt = oneLine<Message>(stdout)
    assert.deepEqual(Object.keys(receipt), ["seq", "time", "meta"])
    assert.deepEqual([receipt.seq, receipt.meta], [1, { tags: ["ping"] }])
    assert.strictEqual(JSON.stringify(receipt) + "\n", stdout)
  })

  spelledRow(33, "both", "three appends in a row", async ({ run, pool }, say) => {
    await pool("p")
    for (const seq of [1, 2, 3]) {
      assert.deepEqual(seqs(succeeded(await run([say.poke, "p", '{"x":1}'])).stdout), [seq])
    }
  })

  spelledRow(34, "both", "append without --tag", async ({ run, pool }, say) => {
    await pool("p")
    assert.deepEqual(tags(succeeded(await run([say.poke, "p", "{}"])).stdout), [[]])
  })

  spelledRow(35, "both", "--tag b --tag a --tag b", async ({ run, pool }, say) => {
    await pool("p")
    const outcome = succeeded(await run([say.poke, "p", "{}", "--tag", "b", "--tag", "a", "--tag", "b"]))
    assert.deepEqual(tags(outcome.stdout), [["b", "a", "b"]])
    assert.deepEqual(tags(succeeded(await run([say.get, "p", "1"])).stdout), [["b", "a", "b"]])
  })

  spelledRow(36, "both", "time of a receipt", async ({ run, pool }, say) => {
    await pool("p")
    const before = Date.now()
    const [receipt] = messages(succeeded(await run([say.poke, "p", "{}"])).stdout)
    const after = Date.now()
    assert.match(receipt!.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/)
    assert.isAtLeast(Date.parse(receipt!.time), before)
    assert.isAtMost(Date.parse(receipt!.time), after)
  })

  row("A13", "ours", "poke p '{}' --quiet", async ({ run, pool, info }) => {
    await pool("p")
    const { stdout, stderr } = succeeded(await run(["poke", "p", "{}", "--quiet"]))
    assert.deepEqual([stdout, stderr], ["", ""])
    assert.strictEqual((await info("p")).metrics.message_count, 1)
  })

  row("A18", "ours", "a whole poke takes less than 400 ms", async ({ run, pool }) => {
    await pool("p")
    let fastestMillis = Infinity
    // Other tests compete for the processors: the best of several calls is the one that was let alone.
    for (let attempt = 0; attempt < 20 && fastestMillis >= 400; attempt++) {
      const { elapsedMillis } = succeeded(await run(["poke", "p", '{"x":1}']))
      fastestMillis = Math.min(fastestMillis, elapsedMillis)
    }
    assert.isBelow(fastestMillis, 400)
  })
})

describe("poke: creating", () => {
  spelledRow(37, "both", "--create makes a pool of 1M", async ({ run, file }, say) => {
    succeeded(await run([say.poke, "new", '{"x":1}', "--create"]))
    assert.strictEqual(fs.statSync(file("new")).size, 1_048_576)
  })

  spelledRow(38, "both", "--create --create-size 2M", async ({ run, file }, say) => {
    succeeded(await run([say.poke, "new", '{"x":1}', "--create", "--create-size", "2M"]))
    assert.strictEqual(fs.statSync(file("new")).size, 2_097_152)
  })

  spelledRow(39, "both", "--create on an existing pool", async ({ run, pool, file }, say) => {
    await pool("p")
    succeeded(await run([say.poke, "p", "{}", "--create"]))
    const second = succeeded(await run([say.poke, "p", "{}", "--create", "--create-size", "2M"]))
    assert.deepEqual(seqs(second.stdout), [2])
    assert.strictEqual(fs.statSync(file("p")).size, 1_048_576)
  })

  spelledRow(40, "both", "--create-size without --create", async ({ run, dir }, say) => {
    refused(await run([say.poke, "new", "{}", "--create-size", "2M"]), "Usage")
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  spelledRow(41, "both", "poke missing", async ({ run, dir }, say) => {
    const error = refused(await run([say.poke, "missing", '{"x":1}']), "NotFound")
    assert.match(error.path!, /missing\.plasmite$/)
    assert.include(error.hint, "--create")
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  spelledRow(42, "v0.8", "the hint repeats the exact command", async ({ run }, say) => {
    const { hint } = refused(await run([say.poke, "missing", '{"x":1}', "--tag", "a"]), "NotFound")
    assert.include(hint, "exact command")
    assert.include(hint, `plasmite ${say.poke} missing --create`)
    assert.include(hint, String.raw`"{\"x\":1}"`)
    assert.include(hint, "--tag a")
  })

  spelledRow(43, "v0.8", "no exact command when the data came from stdin", async ({ run }, say) => {
    const { hint } = refused(await run([say.poke, "missing"], { stdin: "{}\n" }), "NotFound")
    assert.include(hint, "--create")
    assert.notInclude(hint, "exact command")
  })
})

describe("poke: refusals", () => {
  spelledRow(44, "both", "data that is not JSON", async ({ run, pool, info }, say) => {
    await pool("p")
    refused(await run([say.poke, "p", "not json"]), "Usage")
    refused(await run([say.poke, "p", ""]), "Usage")
    assert.strictEqual((await info("p")).metrics.message_count, 0)
  })

  spelledRow(45, "both", "data that is no object", async ({ run, pool, info }, say) => {
    await pool("p")
    for (const data of ["[1]", "1", '"s"', "null", "true"]) {
      assert.include(refused(await run([say.poke, "p", data]), "Usage").message, "object")
    }
    assert.strictEqual((await info("p")).metrics.message_count, 0)
  })

  spelledRow(46, "both", "a missing pool wins over bad data", async ({ run }, say) => {
    refused(await run([say.poke, "missing", "not json"]), "NotFound")
  })

  spelledRow(47, "both", "empty stdin", async ({ run, pool }, say) => {
    await pool("p")
    for (const launch of [{}, { stdin: "" }]) {
      assert.match(refused(await run([say.poke, "p"], launch), "Usage").hint, /--file|pipe JSON/)
    }
  })

  spelledRow(48, "both", "stdin a terminal", async ({ run, pool }, say) => {
    await pool("p")
    const error = refused(await run([say.poke, "p"], { terminals: ["stdin"], withinMillis: 5_000 }), "Usage")
    assert.include(error.message, "missing data input")
    assert.include(error.hint, "--file")
    assert.include(error.hint, "pipe JSON")
  })

  spelledRow(49, "both", "DATA and --file", async ({ run, pool, write }, say) => {
    await pool("p")
    refused(await run([say.poke, "p", '{"x":1}', "--file", write("f", '{"x":2}')]), "Usage")
  })

  spelledRow(50, "both", "--durability flush, fast, sometimes", async ({ run, pool }, say) => {
    await pool("p")
    succeeded(await run([say.poke, "p", "{}", "--durability", "flush"]))
    succeeded(await run([say.poke, "p", "{}", "--durability", "fast"]))
    refused(await run([say.poke, "p", "{}", "--durability", "sometimes"]), "Usage")
  })

  spelledRow(51, "both", "--retry-delay without --retry", async ({ run, pool }, say) => {
    await pool("p")
    const error = refused(await run([say.poke, "p", "{}", "--retry-delay", "1s"]), "Usage")
    assert.include(error.message, "--retry-delay requires --retry")
    assert.include(error.hint, "Add --retry")
  })

  spelledRow(54, "both", "a message larger than the ring", async ({ run, sized }, say) => {
    await sized("small", "64K")
    const error = refused(await run([say.poke, "small", JSON.stringify({ pad: "x".repeat(70_000) })]), "Usage")
    assert.include(error.message, "ring")
    succeeded(await run(["doctor", "small"]))
  })

  spelledRow(56, "v0.8", "options for remote refs with a local one", async ({ run, pool, info, write }, say) => {
    await pool("p")
    const file = write("f", "secret")
    for (const option of [["--token", "t"], ["--token-file", file], ["--tls-ca", file], ["--tls-skip-verify"]]) {
      refused(await run([say.poke, "p", "{}", ...option]), "Usage")
      refused(await run([say.peek, "p", ...option]), "Usage")
    }
    assert.strictEqual((await info("p")).metrics.message_count, 0)
  })
})

describe("poke: among others", () => {
  spelledRow(52, "both", "another process holds the lock for 150 ms", async ({ start, pool, file }, say) => {
    await pool("p")
    const unlock = lockFile(file("p"))
    const poke = start([say.poke, "p", "{}", "--retry", "5", "--retry-delay", "50ms"])
    await poke.waitUntilOpen(file("p"))
    await sleep(150)
    assert.isTrue(poke.isRunning())
    unlock()
    assert.deepEqual(seqs(succeeded(await finish(poke, 2_000)).stdout), [1])
  })

  spelledRow(53, "both", "numbers and text come back as they were", async ({ run, pool }, say) => {
    await pool("p")
    const data = '{"id":9007199254740993,"f":23.5,"s":"naïve ☃"}'
    succeeded(await run([say.poke, "p", data]))
    const { stdout } = succeeded(await run([say.get, "p", "1"]))
    for (const part of ['"id":9007199254740993', '"f":23.5', '"s":"naïve ☃"']) assert.include(stdout, part)
    assert.deepEqual(payloads(stdout), [JSON.parse(data)])
  })

  spelledRow(55, "both", "a call inside while read leaves the loop's input alone", async (room, say) => {
    await room.pool("p")
    const loop = `printf 'a\\nb\\nc\\n' | while read -r l; do $PLS --dir pools ${say.poke} p '{"x":1}'; done`
    const { stdout } = succeeded(await shell(loop, { cwd: room.home }))
    assert.deepEqual(seqs(stdout), [1, 2, 3])
  })
})
