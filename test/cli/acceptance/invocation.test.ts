// How the programs are called: help, version, the grammar of arguments, and what is refused before anything happens.
import { assert, describe } from "vitest"
import { failed, jsonLines, messages, oneLine, payloads, refused, succeeded, tags } from "../answers.js"
import { run } from "../harness.js"
import { row, seedSpelling, laterSpelling, spelledRow } from "../room.js"

/** Every command that has a page of its own, by full path. */
const commands = [
  "poke",
  "feed",
  "peek",
  "follow",
  "get",
  "fetch",
  "pool",
  "pool create",
  "pool list",
  "pool info",
  "pool delete",
  "pool forget",
  "doctor",
  "completion",
  "version"
]

/** `word` begins a line and something is said about it. */
const summaryOf = (word: string): RegExp => new RegExp(`^\\s+(pool )?${word}\\b.*\\S+\\s+\\S+`, "m")

describe("help and version", () => {
  row(1, "both", "pls --help lists every command with a summary", async ({ run }) => {
    const help = succeeded(await run(["--help"]))
    for (const command of ["poke", "peek", "get", "pool", "doctor", "completion", "version", "help"]) {
      assert.match(help.stdout, summaryOf(command))
    }
    for (const alias of ["feed", "follow", "fetch"]) assert.include(help.stdout, alias)
    assert.strictEqual(help.stderr, "")
  })

  row("1a", "both", "no arguments: pls helps, plasmite refuses", async ({ home }) => {
    const help = succeeded(await run(["--help"], { cwd: home }))
    assert.strictEqual(succeeded(await run([], { cwd: home })).stdout, help.stdout)
    const plasmite = await run([], { cwd: home, program: "plasmite" })
    assert.deepEqual([plasmite.code, plasmite.stdout, plasmite.stderr], [2, "", help.stdout])
  })

  row(2, "both", "pls help has the headings USAGE and COMMANDS", async ({ run }) => {
    const { stdout } = succeeded(await run(["help"]))
    assert.match(stdout, /^USAGE\b/m)
    assert.match(stdout, /^COMMANDS\b/m)
  })

  row(3, "both", "pls help pool", async ({ run }) => {
    const { stdout } = succeeded(await run(["help", "pool"]))
    assert.include(stdout, "plasmite pool")
    for (const command of ["create", "info", "list", "delete"]) assert.match(stdout, summaryOf(command))
  })

  row(4, "both", "CMD --help for every command and subcommand", async ({ run }) => {
    for (const command of commands) {
      const { stdout, stderr } = succeeded(await run([...command.split(" "), "--help"]))
      assert.include(stdout, `plasmite ${command}`)
      assert.strictEqual(stderr, "")
    }
  })

  row(5, "both", "pls ---help, pls ---version", async ({ run }) => {
    for (const word of ["help", "version"]) {
      const right = succeeded(await run([`--${word}`]))
      assert.strictEqual(succeeded(await run([`---${word}`])).stdout, right.stdout)
    }
  })

  row(6, "both", "pls --version", async ({ run }) => {
    const { stdout } = succeeded(await run(["--version"]))
    assert.match(stdout, /^plasmite \d+\.\d+\.\d+\S*\n$/)
    assert.strictEqual(succeeded(await run(["-V"])).stdout, stdout)
  })

  row(7, "both", "pls version", async ({ run }) => {
    const { stdout, stderr } = succeeded(await run(["version"]))
    const version = oneLine<{ name: string; version: string }>(stdout)
    assert.strictEqual(version.name, "plasmite")
    assert.strictEqual(`plasmite ${version.version}\n`, succeeded(await run(["--version"])).stdout)
    assert.strictEqual(stderr, "")
  })

  row(8, "v0.8", "pls version with stdout a terminal", async ({ run }) => {
    const { stdout } = succeeded(await run(["version"], { terminals: ["stdout"] }))
    assert.match(stdout, /^plasmite \d+\.\d+\.\d+\S*\n$/)
  })

  row(9, "v0.8", "pls version --help explains both output forms", async ({ run }) => {
    const { stdout } = succeeded(await run(["version", "--help"]))
    assert.match(stdout, /terminal/i)
    assert.match(stdout, /JSON/)
  })
})

describe("refusals of the parser", () => {
  spelledRow(10, "both", "peek p --definitely-not-a-flag", async ({ run, pool }, say) => {
    await pool("p")
    const error = refused(await run([say.peek, "p", "--definitely-not-a-flag"]), "Usage")
    assert.notInclude(error.message, "Usage:")
    assert.include(error.hint, "--help")
  })

  row(11, "both", "pls version extra", async ({ run }) => {
    const error = refused(await run(["version", "extra"]), "Usage")
    assert.include(error.message, "unexpected argument")
    assert.include(error.hint, "version --help")
  })

  row(12, "both", "pls completion nope", async ({ run }) => {
    const error = refused(await run(["completion", "nope"]), "Usage")
    assert.include(error.message, "invalid value")
    assert.include(error.hint, "--help")
  })

  row(13, "both", "pls nosuchcommand, pls pool nosuch", async ({ run }) => {
    refused(await run(["nosuchcommand"]), "Usage")
    refused(await run(["pool", "nosuch"]), "Usage")
  })

  row(14, "v0.8", "feed, fetch, follow, pool create, doctor with no arguments", async ({ run }) => {
    for (const command of ["feed", "fetch", "follow", "pool create", "doctor"]) {
      const outcome = await run(command.split(" "))
      assert.deepEqual([outcome.code, outcome.stdout], [2, ""])
      assert.include(outcome.stderr, `Usage: plasmite ${command}`)
    }
  })

  row("14a", "v0.8", "the same with stderr a terminal: the help page of the command", async ({ run }) => {
    const outcome = await run(["feed"], { terminals: ["stderr"] })
    assert.deepEqual([outcome.code, outcome.stdout], [2, ""])
    assert.include(outcome.stderr, "Usage: plasmite feed")
    assert.include(outcome.stderr, "--create-size")
  })

  row(15, "seed", "poke, get, peek with no arguments", async ({ run }) => {
    for (const command of ["poke", "get", "peek"]) {
      assert.include(refused(await run([command]), "Usage").hint, `Usage: plasmite ${command}`)
    }
  })

  spelledRow(16, "both", "peek -n 1 without a pool", async ({ run }, say) => {
    const { hint } = refused(await run([say.peek, "-n", "1"]), "Usage")
    assert.include(hint, "pool ref")
    assert.include(hint, `plasmite ${say.peek} chat -n 1`)
  })

  spelledRow(17, "both", "options and positionals in any order", async ({ run, pool, history }, say) => {
    await pool("p")
    for (const args of [
      ["p", '{"x":1}', "--tag", "a"],
      ["--tag", "a", "p", '{"x":1}'],
      ["p", "--tag=a", '{"x":1}'],
      ["p", "--tag=a", "--", '{"x":1}']
    ]) {
      succeeded(await run([say.poke, ...args]))
    }
    const stored = await history("p")
    assert.deepEqual(
      stored.map(({ meta, data }) => ({ tags: meta.tags, data })),
      Array.from({ length: 4 }, () => ({ tags: ["a"], data: { x: 1 } }))
    )
  })

  spelledRow(18, "both", "an unknown option is never taken as DATA", async ({ run, pool, info }, say) => {
    await pool("p")
    assert.include(refused(await run([say.poke, "p", '{"x":1}', "--bogus"]), "Usage").hint, "--help")
    refused(await run([say.poke, "p", "--bogus"], { stdin: '{"x":1}\n' }), "Usage")
    assert.strictEqual((await info("p")).metrics.message_count, 0)
  })

  spelledRow(19, "both", "two DATA arguments", async ({ run, pool, info }, say) => {
    await pool("p")
    assert.include(refused(await run([say.poke, "p", '{"x":1}', '{"y":2}']), "Usage").message, "unexpected argument")
    assert.strictEqual((await info("p")).metrics.message_count, 0)
  })

  spelledRow(20, "both", "peek p --tail 1 --tail 2", async ({ run, pool }, say) => {
    await pool("p")
    refused(await run([say.peek, "p", "--tail", "1", "--tail", "2"]), "Usage")
    refused(await run([say.peek, "p", "--one", "--one"]), "Usage")
  })

  spelledRow(21, "both", "numbers that are none", async ({ run, pool }, say) => {
    await pool("p")
    refused(await run([say.peek, "p", "--tail", "x"]), "Usage")
    refused(await run([say.get, "p", "x"]), "Usage")
    refused(await run([say.get, "p", "1.0"]), "Usage")
    refused(await run([say.get, "p", "--", "-1"]), "Usage")
  })
})

describe("both programs", () => {
  row(22, "both", "the same call made as plasmite and as pls", async ({ run, pool, info }) => {
    await pool("p")
    for (const program of ["pls", "plasmite"] as const) {
      const receipt = succeeded(await run(["poke", "p", '{"x":1}', "--tag", "a"], { program }))
      assert.deepEqual(payloads(receipt.stdout), [{ x: 1 }])
      assert.deepEqual(tags(receipt.stdout), [["a"]])
    }
    assert.strictEqual((await info("p")).metrics.message_count, 2)
    for (const args of [
      ["get", "p", "1"],
      ["get", "p", "9"],
      ["pool", "list"],
      ["pek"],
      ["--version"],
      ["help", "get"]
    ]) {
      const { elapsedMillis: _, ...short } = await run(args, { program: "pls" })
      const { elapsedMillis: __, ...long } = await run(args, { program: "plasmite" })
      assert.deepEqual(long, short)
    }
  })

  row("A16", "ours", "global options after the command", async ({ home, dir, pool }) => {
    await pool("p", [{ x: 1 }])
    const before = succeeded(await run(["--dir", dir, "get", "p", "1"], { cwd: home }))
    const after = succeeded(await run(["get", "p", "1", "--dir", dir], { cwd: home }))
    assert.strictEqual(after.stdout, before.stdout)
    for (const say of [seedSpelling, laterSpelling]) {
      const peeked = succeeded(await run([say.peek, "p", "--tail", "1", "--one", "--dir", dir], { cwd: home }))
      assert.strictEqual(messages(peeked.stdout)[0]?.seq, 1)
    }
  })

  row("A17", "ours", "pls pek p", async ({ run, pool }) => {
    await pool("p")
    assert.include(refused(await run(["pek", "p"]), "Usage").hint, "peek")
  })

  row("2.4", "both", "short options attached and bundled", async ({ run, pool }) => {
    await pool("p", [{ i: 1 }, { i: 2 }])
    for (const args of [["-n1"], ["-n=1"], ["-n", "1"], ["--tail=1"]]) {
      const outcome = succeeded(await run(["peek", "p", ...args, "--replay", "0", "--jsonl"]))
      assert.strictEqual(jsonLines(outcome.stdout).length, 1)
    }
    assert.strictEqual(failed(await run(["peek", "p", "-n"]), "Usage").kind, "Usage")
    assert.strictEqual(failed(await run(["peek", "p", "--TAIL", "1"]), "Usage").kind, "Usage")
  })
})
