// Which messages a reader gets: history, live, how long it waits, and where it starts.
import * as fs from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe } from "vitest"
import { type Message, payloads, refused, seqs, succeeded, timedOut } from "../answers.js"
import { finish, type Outcome } from "../harness.js"
import { type Room, row, type Spelling, spelledRow } from "../room.js"

const objects = (count: number): Array<{ i: number }> => Array.from({ length: count }, (_, index) => ({ i: index + 1 }))

/** Far above any start-up, far below any wait that would show a mistake. */
const startUpMillis = 3_000

/** Starts a reader of p, appends once its position is fixed, and returns how it ended. */
const readWhileAppending = async (
  { start, fill, file }: Room,
  args: ReadonlyArray<string>,
  ...appends: ReadonlyArray<number>
): Promise<Outcome> => {
  const peek = start(args)
  await peek.waitUntilFollowing(file("p"))
  for (const i of appends) await fill("p", [{ i }])
  return finish(peek)
}

/** An instant as another clock shows it, two hours ahead of Greenwich. */
const twoHoursAhead = (time: string): string => {
  const fraction = /\.\d+/.exec(time)?.[0] ?? ""
  const ahead = new Date(Date.parse(time) + 2 * 3_600_000).toISOString().slice(0, 19)
  return `${ahead}${fraction}+02:00`
}

describe("peek: live and history", () => {
  spelledRow(83, "both", "history is not shown", async ({ run, pool }, say) => {
    await pool("p", objects(1))
    assert.strictEqual(timedOut(await run([say.peek, "p", "--timeout", "300ms"])).stdout, "")
  })

  const live =
    (...options: ReadonlyArray<string>) =>
    async ({ start, pool, fill, file }: Room, say: Spelling): Promise<void> => {
      await pool("p", objects(1))
      const peek = start([say.peek, "p", "--jsonl", ...options])
      await peek.waitUntilFollowing(file("p"))
      const [receipt] = await fill("p", [{ i: "new" }])
      const lines = await peek.waitForLines(1, 1_000)
      assert.deepEqual(
        lines.map((line) => JSON.parse(line) as Message),
        [receipt!]
      )
      assert.isTrue(peek.isRunning())
    }
  spelledRow(84, "both", "a live reader gets what is appended", live())

  spelledRow(85, "both", "--tail 1, then live", async ({ start, pool, fill }, say) => {
    await pool("p", objects(1))
    const peek = start([say.peek, "p", "--tail", "1", "--jsonl"])
    await peek.waitForLines(1)
    await fill("p", [{ i: 2 }])
    assert.deepEqual(payloads((await peek.waitForLines(2)).join("\n") + "\n"), objects(2))
    assert.isTrue(peek.isRunning())
  })

  spelledRow(86, "both", "--tail 2 of five, then the timeout", async ({ run, pool }, say) => {
    await pool("p", objects(5))
    const outcome = timedOut(await run([say.peek, "p", "--tail", "2", "--timeout", "200ms", "--jsonl"]))
    assert.deepEqual(seqs(outcome.stdout), [4, 5])
  })

  spelledRow(87, "both", "--tail 10 on three messages", async ({ run, pool }, say) => {
    await pool("p", objects(3))
    const outcome = timedOut(await run([say.peek, "p", "--tail", "10", "--timeout", "200ms", "--jsonl"]))
    assert.deepEqual(seqs(outcome.stdout), [1, 2, 3])
  })

  spelledRow(88, "both", "-n 2 is --tail 2", async ({ run, pool }, say) => {
    await pool("p", objects(5))
    assert.deepEqual(seqs(timedOut(await run([say.peek, "p", "-n", "2", "--timeout", "200ms"])).stdout), [4, 5])
  })

  const one =
    (...options: ReadonlyArray<string>) =>
    async (room: Room, say: Spelling): Promise<void> => {
      await room.pool("p", objects(1))
      const args = [say.peek, "p", "--one", "--jsonl", ...options]
      assert.deepEqual(payloads(succeeded(await readWhileAppending(room, args, 2, 3)).stdout), [{ i: 2 }])
    }
  spelledRow(89, "both", "--one, then two appends", one())

  spelledRow(90, "both", "--tail 1 --one on an empty pool", async (room, say) => {
    await room.pool("p")
    const args = [say.peek, "p", "--tail", "1", "--one", "--jsonl"]
    assert.deepEqual(seqs(succeeded(await readWhileAppending(room, args, 1)).stdout), [1])
  })

  spelledRow(91, "both", "--tail 2 --one on an empty pool", async (room, say) => {
    await room.pool("p")
    const args = [say.peek, "p", "--tail", "2", "--one", "--jsonl"]
    assert.deepEqual(seqs(succeeded(await readWhileAppending(room, args, 1, 2)).stdout), [2])
  })

  spelledRow(92, "both", "--tail 2 --one on three messages", async ({ run, pool }, say) => {
    await pool("p", objects(3))
    const outcome = succeeded(await run([say.peek, "p", "--tail", "2", "--one", "--jsonl"]))
    assert.deepEqual(seqs(outcome.stdout), [3])
    assert.isBelow(outcome.elapsedMillis, startUpMillis)
  })

  spelledRow(108, "both", "--no-notify: as row 84", live("--no-notify"))
  spelledRow("108a", "both", "--no-notify: as row 89", one("--no-notify"))
})

describe("peek: waiting", () => {
  spelledRow(93, "both", "--timeout 500ms on an idle pool", async ({ run, pool }, say) => {
    await pool("p")
    const outcome = timedOut(await run([say.peek, "p", "--timeout", "500ms"]))
    assert.strictEqual(outcome.stdout, "")
    assert.isAtLeast(outcome.elapsedMillis, 500)
    assert.isBelow(outcome.elapsedMillis, 500 + startUpMillis)
  })

  spelledRow(94, "v0.8", "the same on a terminal says so", async ({ run, pool }, say) => {
    await pool("p")
    const args = [say.peek, "p", "--one", "--timeout", "200ms"]
    const outcome = await run(args, { terminals: ["stderr"] })
    assert.deepEqual([outcome.code, outcome.stdout], [124, ""])
    assert.match(outcome.stderr, /^[^\n]*200ms[^\n]*\n$/)
  })

  spelledRow(95, "both", "--one --timeout 5s, append soon", async (room, say) => {
    await room.pool("p")
    const args = [say.peek, "p", "--one", "--timeout", "5s", "--jsonl"]
    const outcome = succeeded(await readWhileAppending(room, args, 1))
    assert.deepEqual(seqs(outcome.stdout), [1])
    assert.isBelow(outcome.elapsedMillis, 5_000)
  })

  spelledRow(96, "both", "filtered messages do not extend the wait", async ({ start, pool, file }, say) => {
    await pool("p")
    const poke = start([say.poke, "p"], { stdin: "open" })
    const appending = setInterval(() => poke.write("{}\n"), 100)
    try {
      await poke.waitForLines(1)
      const peek = start([say.peek, "p", "--where", ".data.k == 1", "--timeout", "400ms"])
      await peek.waitUntilOpen(file("p"))
      const outcome = timedOut(await finish(peek, 400 + startUpMillis))
      assert.strictEqual(outcome.stdout, "")
      const appended = poke.lines().length
      await poke.waitForLines(appended + 1)
    } finally {
      clearInterval(appending)
    }
  })

  spelledRow("8.2", "both", "every printed message restarts the wait", async ({ start, pool, file }, say) => {
    await pool("p")
    const poke = start([say.poke, "p"], { stdin: "open" })
    const peek = start([say.peek, "p", "--timeout", "2s", "--jsonl"])
    await peek.waitUntilFollowing(file("p"))
    for (let count = 1; count <= 5; count++) {
      poke.write("{}\n")
      await peek.waitForLines(count, 1_500)
      await sleep(600)
    }
    assert.isTrue(peek.isRunning())
    const outcome = timedOut(await finish(peek))
    assert.strictEqual(outcome.stdout.split("\n").length, 6)
  })

  spelledRow(97, "both", "--timeout 5, 1d, x", async ({ run, pool }, say) => {
    await pool("p")
    for (const timeout of ["5", "1d", "x", "1.5s", "5S"]) {
      assert.match(refused(await run([say.peek, "p", "--timeout", timeout]), "Usage").hint, /\bms\b/)
    }
  })
})

describe("peek: since", () => {
  spelledRow(98, "both", "--since 1h goes live after history", async ({ run, pool }, say) => {
    await pool("p", objects(3))
    const outcome = timedOut(await run([say.peek, "p", "--since", "1h", "--jsonl", "--timeout", "300ms"]))
    assert.deepEqual(seqs(outcome.stdout), [1, 2, 3])
  })

  const sinceSecond = async (
    { run, pool, fill }: Room,
    say: Spelling,
    spelled: (time: string) => string
  ): Promise<Array<number>> => {
    await pool("p")
    const [, second] = [...(await fill("p", [{}])), ...(await fill("p", [{}])), ...(await fill("p", [{}]))]
    return seqs(succeeded(await run([say.peek, "p", "--since", spelled(second!.time), "--replay", "0"])).stdout)
  }
  spelledRow(99, "both", "--since the exact time of message 2", async (room, say) => {
    assert.deepEqual(await sinceSecond(room, say, (time) => time), [2, 3])
  })

  spelledRow(100, "both", "--since in the future", async ({ run, pool }, say) => {
    await pool("p", objects(1))
    const outcome = succeeded(await run([say.peek, "p", "--since", "2999-01-01T00:00:00Z"]))
    assert.deepEqual([outcome.stdout, outcome.stderr], ["", ""])
    assert.isBelow(outcome.elapsedMillis, startUpMillis)
  })

  spelledRow(101, "v0.8", "--since in the future of a missing pool", async ({ run }, say) => {
    refused(await run([say.peek, "missing", "--since", "2999-01-01T00:00:00Z"]), "NotFound")
  })

  spelledRow(102, "both", "--since with --tail", async ({ run, pool }, say) => {
    await pool("p")
    refused(await run([say.peek, "p", "--since", "5m", "--tail", "1"]), "Usage")
    refused(await run([say.peek, "p", "--since", "5m", "--tail", "0"]), "Usage")
  })

  spelledRow(103, "both", "--since bogus", async ({ run, pool }, say) => {
    await pool("p")
    for (const since of ["bogus", "5", "5ms", "2026-01-15"]) {
      refused(await run([say.peek, "p", "--since", since]), "Usage")
    }
  })

  spelledRow(104, "both", "--since with an offset", async (room, say) => {
    assert.deepEqual(await sinceSecond(room, say, twoHoursAhead), [2, 3])
  })
})

describe("peek: missing pools", () => {
  spelledRow(105, "both", "peek missing", async ({ run, dir }, say) => {
    const error = refused(await run([say.peek, "missing"]), "NotFound")
    assert.match(error.path!, /missing\.plasmite$/)
    assert.match(error.hint, /--create|pool create|--dir/)
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  spelledRow(106, "v0.8", "the hint repeats the exact command", async ({ run }, say) => {
    const { hint } = refused(await run([say.peek, "missing", "--tail", "3"]), "NotFound")
    assert.include(hint, "exact command")
    assert.include(hint, `plasmite ${say.peek} missing --create`)
    assert.include(hint, "--tail 3")
  })

  spelledRow(107, "v0.8", "--create", async ({ run, file }, say) => {
    timedOut(await run([say.peek, "new", "--create", "--timeout", "20ms"]))
    assert.strictEqual(fs.statSync(file("new")).size, 1_048_576)
  })
})

describe("peek: on a terminal", () => {
  row("5.2", "both", "messages are pretty, and only stdout decides", async ({ run, pool }) => {
    await pool("p", objects(1))
    const args = ["peek", "p", "--tail", "1", "--one", "--color", "never"]
    const onTerminal = succeeded(await run(args, { terminals: ["stdout"] }))
    assert.match(onTerminal.stdout, /^\{\n  "seq": 1,\n/)
    const onPipe = succeeded(await run(args, { terminals: ["stdin", "stderr"] }))
    assert.strictEqual(JSON.stringify(JSON.parse(onTerminal.stdout)) + "\n", onPipe.stdout)
  })
})
