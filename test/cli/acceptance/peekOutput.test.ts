// How messages are printed, played back, and how a reader ends: by a signal, or because nobody reads it any more.
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe } from "vitest"
import { hasColor, payloads, refused, seqs, succeeded, timedOut } from "../answers.js"
import { finish, startShell } from "../harness.js"
import { type Room, row, type Spelling, spelledRow } from "../room.js"

const three = [{ x: 1 }, { x: 2 }, { x: 3 }]

describe("peek: output", () => {
  spelledRow(125, "both", "--format jsonl and --jsonl", async ({ run, pool }, say) => {
    await pool("p", three)
    const args = [say.peek, "p", "--tail", "3", "--replay", "0"]
    const long = succeeded(await run([...args, "--format", "jsonl"]))
    assert.deepEqual(seqs(long.stdout), [1, 2, 3])
    assert.strictEqual(succeeded(await run([...args, "--jsonl"])).stdout, long.stdout)
  })

  spelledRow(126, "both", "--jsonl --format jsonl", async ({ run, pool }, say) => {
    await pool("p")
    const { hint } = refused(await run([say.peek, "p", "--jsonl", "--format", "jsonl"]), "Usage")
    assert.include(hint, "--jsonl")
    assert.include(hint, "--format jsonl")
  })

  spelledRow(127, "both", "--format pretty into a pipe", async ({ run, pool }, say) => {
    await pool("p", [{ x: 1, list: [], deep: { y: [true] } }])
    const args = [say.peek, "p", "--format", "pretty", "--tail", "1", "--timeout", "200ms"]
    const { stdout } = timedOut(await run(args))
    assert.strictEqual(stdout, `${JSON.stringify(JSON.parse(stdout), null, 2)}\n`)
    assert.match(stdout, /^\{\n  "seq": 1,\n/)
  })

  spelledRow(128, "both", "--data-only --jsonl", async ({ run, pool }, say) => {
    await pool("p", [{ x: 1 }])
    const outcome = succeeded(await run([say.peek, "p", "--data-only", "--jsonl", "--tail", "1", "--one"]))
    assert.strictEqual(outcome.stdout, '{"x":1}\n')
  })

  spelledRow(129, "both", "--data-only --format pretty", async ({ run, pool }, say) => {
    await pool("p", [{ x: 1 }])
    const args = [say.peek, "p", "--data-only", "--format", "pretty", "--tail", "1", "--one"]
    assert.strictEqual(succeeded(await run(args)).stdout, '{\n  "x": 1\n}\n')
  })

  spelledRow(130, "both", "--color always --format jsonl", async ({ run, pool }, say) => {
    await pool("p", [{ x: 1 }])
    const args = ["--color", "always", say.peek, "p", "--tail", "1", "--one", "--format", "jsonl"]
    const { stdout } = succeeded(await run(args))
    assert.isFalse(hasColor(stdout))
    assert.deepEqual(seqs(stdout), [1])
  })

  spelledRow("5.3", "both", "--color always asks for pretty, coloured output", async ({ run, pool }, say) => {
    await pool("p", [{ x: 1 }])
    const { stdout } = succeeded(await run(["--color", "always", say.peek, "p", "--tail", "1", "--one"]))
    assert.include(stdout, '\u001b[36m"seq"\u001b[0m')
    assert.isAbove(stdout.split("\n").length, 5)
  })
})

/** Appends the second message so many milliseconds after the first. */
const twoApart = async ({ pool, start }: Room, millis: number): Promise<void> => {
  await pool("p")
  const poke = start(["poke", "p"], { stdin: "open" })
  poke.write('{"i":1}\n')
  await poke.waitForLines(1)
  await sleep(millis)
  poke.end('{"i":2}\n')
  succeeded(await finish(poke))
}

/** How much longer a playback takes than one without any pause, in milliseconds. */
const playbackMillis = async ({ run }: Room, say: Spelling, speed: string): Promise<number> => {
  const play = async (at: string): Promise<number> => {
    const outcome = succeeded(await run([say.peek, "p", "--tail", "100", "--replay", at, "--jsonl"]))
    assert.deepEqual(payloads(outcome.stdout), [{ i: 1 }, { i: 2 }])
    return outcome.elapsedMillis
  }
  return (await play(speed)) - (await play("0"))
}

describe("peek: replay", () => {
  spelledRow(131, "both", "--tail 100 --replay 0", async ({ run, pool }, say) => {
    await pool("p", three)
    const outcome = succeeded(await run([say.peek, "p", "--tail", "100", "--replay", "0", "--jsonl"]))
    assert.deepEqual([payloads(outcome.stdout), outcome.stderr], [three, ""])
  })

  spelledRow(132, "both", "--tail 2 --replay 0 on five", async ({ run, pool }, say) => {
    await pool("p", [...three, ...three.slice(1)])
    assert.deepEqual(seqs(succeeded(await run([say.peek, "p", "--tail", "2", "--replay", "0"])).stdout), [4, 5])
  })

  spelledRow(133, "both", "200 ms apart, --replay 1", async (room, say) => {
    await twoApart(room, 200)
    const outcome = succeeded(await room.run([say.peek, "p", "--tail", "100", "--replay", "1", "--jsonl"]))
    assert.deepEqual(payloads(outcome.stdout), [{ i: 1 }, { i: 2 }])
    assert.isAtLeast(outcome.elapsedMillis, 150)
  })

  spelledRow("133a", "both", "the original pace shows beside a playback without pauses", async (room, say) => {
    await twoApart(room, 1_500)
    assert.isAtLeast(await playbackMillis(room, say, "1"), 1_000)
  })

  spelledRow(134, "both", "400 ms apart, --replay 2", async (room, say) => {
    await twoApart(room, 400)
    const outcome = succeeded(await room.run([say.peek, "p", "--tail", "100", "--replay", "2", "--jsonl"]))
    assert.deepEqual(payloads(outcome.stdout), [{ i: 1 }, { i: 2 }])
    assert.isAtLeast(outcome.elapsedMillis, 150)
    assert.isAtMost(outcome.elapsedMillis, 2_200)
  })

  spelledRow(135, "both", "--replay 0 does not pause", async (room, say) => {
    await twoApart(room, 3_000)
    const outcome = succeeded(await room.run([say.peek, "p", "--tail", "100", "--replay", "0", "--jsonl"]))
    assert.deepEqual(payloads(outcome.stdout), [{ i: 1 }, { i: 2 }])
    assert.isBelow(outcome.elapsedMillis, 2_500)
  })

  spelledRow(136, "both", "--replay without --tail or --since", async ({ run, pool }, say) => {
    await pool("p")
    refused(await run([say.peek, "p", "--replay", "1"]), "Usage")
    refused(await run([say.peek, "p", "--tail", "0", "--replay", "1"]), "Usage")
  })

  spelledRow(137, "both", "--replay -1, nan, inf", async ({ run, pool }, say) => {
    await pool("p")
    for (const speed of ["--replay=-1", "--replay=nan", "--replay=inf", "--replay=x"]) {
      refused(await run([say.peek, "p", "--tail", "5", speed]), "Usage")
    }
    refused(await run([say.peek, "p", "--tail", "5", "--replay", "-1"]), "Usage")
  })

  spelledRow(138, "both", "--replay 0 with a filter", async ({ run, pool }, say) => {
    await pool("p", [{ level: "info" }, { level: "error" }, { level: "error", x: 1 }])
    const args = [say.peek, "p", "--tail", "100", "--replay", "0", "--where", '.data.level == "error"']
    assert.deepEqual(seqs(succeeded(await run(args)).stdout), [2, 3])
  })

  spelledRow(139, "both", "--replay 0 --one", async ({ run, pool }, say) => {
    await pool("p", three)
    const outcome = succeeded(await run([say.peek, "p", "--tail", "100", "--replay", "0", "--one"]))
    assert.deepEqual(seqs(outcome.stdout), [1])
  })

  spelledRow(140, "both", "--replay 0 on an empty pool", async ({ run, pool }, say) => {
    await pool("p")
    const outcome = succeeded(await run([say.peek, "p", "--tail", "100", "--replay", "0"]))
    assert.deepEqual([outcome.stdout, outcome.stderr], ["", ""])
  })

  spelledRow(141, "both", "--since 1m --replay 0", async ({ run, pool }, say) => {
    await pool("p", three)
    const outcome = succeeded(await run([say.peek, "p", "--since", "1m", "--replay", "0", "--jsonl"]))
    assert.deepEqual(payloads(outcome.stdout), three)
  })
})

describe("peek: how it ends", () => {
  const endsBy =
    (signal: "SIGINT" | "SIGTERM") =>
    async ({ start, pool, fill, file }: Room, say: Spelling): Promise<void> => {
      await pool("p")
      const peek = start([say.peek, "p"])
      await peek.waitUntilFollowing(file("p"))
      await fill("p", [{ x: 1 }])
      await peek.waitForLines(1)
      peek.kill(signal)
      const outcome = await finish(peek)
      assert.deepEqual([outcome.code, outcome.signal, outcome.stderr], [null, signal, ""])
      assert.deepEqual(payloads(outcome.stdout), [{ x: 1 }])
    }
  spelledRow(145, "both", "SIGINT to a running peek", endsBy("SIGINT"))
  spelledRow(146, "both", "SIGTERM to a running peek", endsBy("SIGTERM"))

  spelledRow("145a", "both", "a shell sees 130 and 143", async (room, say) => {
    await room.pool("p", [{ x: 1 }])
    for (const [signal, status] of [
      ["SIGINT", "130"],
      ["SIGTERM", "143"]
    ] as const) {
      // The inner shell becomes the program, so its number is the one to send the signal to.
      const script = `bash -c 'echo $$; exec $PLS --dir pools ${say.peek} p --tail 1'; echo $?`
      const outer = startShell(script, { cwd: room.home })
      const [pid] = await outer.waitForLines(2)
      process.kill(Number(pid), signal)
      assert.strictEqual((await finish(outer)).stdout.trimEnd().split("\n").at(-1), status)
    }
  })

  row("A1", "ours", "peek p --tail 5 --jsonl | head -1", async ({ pool, home }) => {
    await pool(
      "p",
      [1, 2, 3, 4, 5].map((i) => ({ i }))
    )
    const script = `$PLS --dir pools peek p --tail 5 --jsonl | head -1; echo "status \${PIPESTATUS[0]}"`
    // Nothing more is appended: that `head` went away is noticed without writing to it.
    const outcome = await finish(startShell(script, { cwd: home }))
    const [line, status, ...more] = outcome.stdout.trimEnd().split("\n")
    assert.deepEqual(payloads(`${line}\n`), [{ i: 1 }])
    assert.deepEqual([status, more, outcome.stderr], ["status 0", [], ""])
  })
})
