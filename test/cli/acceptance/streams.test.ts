// Standard output and standard error: what goes where, in which dress, and when.
import * as fs from "node:fs"
import { assert, describe } from "vitest"
import { failed, hasColor, messages, oneLine, refused, succeeded } from "../answers.js"
import { eventually, type Outcome } from "../harness.js"
import { type Room, row } from "../room.js"

interface FailingCall {
  readonly kind: string
  readonly args: ReadonlyArray<string>
  readonly unprivileged?: true
}

/** Every kind of failure that a local call can be brought to. Nobody but a server is too busy or has a gap to report. */
const failingCalls: ReadonlyArray<FailingCall> = [
  { kind: "Usage", args: ["nosuchcommand"] },
  { kind: "Usage", args: ["poke", "p", "not json"] },
  { kind: "Usage", args: ["peek", "p", "--where", "not valid jq"] },
  { kind: "Usage", args: ["pool", "create", "a", "--size", "x"] },
  { kind: "NotFound", args: ["poke", "missing", "{}"] },
  { kind: "NotFound", args: ["peek", "missing"] },
  { kind: "NotFound", args: ["get", "p", "999"] },
  { kind: "NotFound", args: ["pool", "info", "missing"] },
  { kind: "NotFound", args: ["doctor", "missing"] },
  { kind: "AlreadyExists", args: ["pool", "create", "p"] },
  { kind: "Permission", args: ["poke", "locked", "{}"], unprivileged: true },
  { kind: "Corrupt", args: ["poke", "bad", "{}"] },
  { kind: "Corrupt", args: ["peek", "bad"] },
  { kind: "Corrupt", args: ["get", "bad", "1"] },
  { kind: "Corrupt", args: ["pool", "info", "bad"] },
  { kind: "Io", args: ["poke", "p", "--file", "nosuch"] },
  { kind: "Io", args: ["get", "folder", "1"] }
]

const furnished = async ({ pool, file }: Room): Promise<void> => {
  await pool("p", [{}])
  await pool("locked")
  fs.chmodSync(file("locked"), 0o000)
  fs.writeFileSync(file("bad"), "junk")
  fs.mkdirSync(file("folder"))
}

/** How each of them ends off a terminal: asked once, for the two rows that look at it. */
const endings = async (room: Room): Promise<ReadonlyArray<readonly [FailingCall, Outcome]>> => {
  await furnished(room)
  const ended: Array<readonly [FailingCall, Outcome]> = []
  for (const call of failingCalls) {
    const launch = call.unprivileged === true ? { unprivileged: true } : {}
    ended.push([call, await room.run(["--color", "always", ...call.args], launch)])
  }
  return ended
}
let knownEndings: ReturnType<typeof endings> | undefined

describe("streams in general", () => {
  row(231, "both", "a failure off a terminal is one line of JSON without colour", async (room) => {
    for (const [{ kind }, outcome] of await (knownEndings ??= endings(room))) {
      refused(outcome, kind)
      assert.isFalse(hasColor(outcome.stderr))
    }
  })

  row(232, "both", "a failure on a terminal is text", async (room) => {
    await furnished(room)
    for (const { kind: _, args, ...launch } of failingCalls) {
      const plain = await room.run(["--color", "never", ...args], { ...launch, terminals: ["stderr"] })
      assert.strictEqual(plain.stdout, "")
      assert.match(plain.stderr, /^error: \S/)
      assert.isFalse(hasColor(plain.stderr))
    }
    const colored = await room.run(["get", "p", "999"], { terminals: ["stderr"] })
    assert.isTrue(colored.stderr.startsWith("\u001b[31merror"), colored.stderr)
    assert.include(colored.stderr, "\n\u001b[33mhint")
    const line = await room.run(["--color", "never", "get", "p", "999"], { terminals: ["stderr"] })
    assert.match(line.stderr, /^error: [^\n]+\nhint: [^\n]+\n(path: [^\n]+\n)?seq: 999\n$/)
  })

  row(233, "both", "every error has kind, message and the status of its kind", async (room) => {
    for (const [{ kind, args }, outcome] of await (knownEndings ??= endings(room))) {
      const { message, hint } = failed(outcome, kind)
      assert.isNotEmpty(message)
      assert.isNotEmpty(hint, `${args.join(" ")} fails without advice`)
    }
  })

  row(234, "both", "each message is in the file before the next append", async ({ pool, start, home, file }) => {
    await pool("p")
    const stdoutFile = `${home}/seen.jsonl`
    const peek = start(["peek", "p"], { stdoutFile })
    await peek.waitUntilFollowing(file("p"))
    const poke = start(["poke", "p"], { stdin: "open" })
    for (let seq = 1; seq <= 3; seq++) {
      poke.write("{}\n")
      await eventually("the message is in the file", () => {
        const text = fs.readFileSync(stdoutFile, "utf8")
        return text.endsWith("\n") && messages(text).at(-1)?.seq === seq
      })
    }
  })

  row("A14", "ours", "NO_COLOR on a terminal", async ({ pool, run }) => {
    await pool("p", [{}])
    const launch = { terminals: ["stdout", "stderr"], env: { NO_COLOR: "1" } } as const
    const shown = succeeded(await run(["get", "p", "1"], launch))
    const error = await run(["get", "p", "2"], launch)
    assert.strictEqual(error.code, 3)
    for (const text of [shown.stdout, shown.stderr, error.stdout, error.stderr]) assert.isFalse(hasColor(text))
    const colored = succeeded(await run(["get", "p", "1"], { terminals: ["stdout"] }))
    assert.isTrue(hasColor(colored.stdout))
  })

  row("P3", "both", "redirecting one stream does not change the other", async ({ pool, run }) => {
    await pool("p", [{}])
    const outTerminal = await run(["get", "p", "2"], { terminals: ["stdout"] })
    assert.strictEqual(outTerminal.stdout, "")
    oneLine(outTerminal.stderr)
    const errTerminal = succeeded(await run(["get", "p", "1"], { terminals: ["stderr"] }))
    oneLine(errTerminal.stdout)
  })
})
