/**
 * Completion scripts. The bash one is run: sourced twice in a strict shell, then asked what it offers for lines split
 * into words as bash splits them. The other two are held to the table of commands.
 */
import { assert, afterAll, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { SHELLS } from "../../cli/arguments.js"
import type { CommandRow } from "../../cli/commandTable.js"
import { ownCommands } from "../../cli/grammar.js"
import { outcomeOf, printed, program } from "./recordedCall.js"

const scripts = new Map<string, string>()
const scriptOf = (shell: string): string => scripts.get(shell) ?? assert.fail(shell)

let work = ""
beforeAll(async () => {
  for (const shell of SHELLS) {
    const { text, stream, exitCode } = printed(await Effect.runPromise(outcomeOf(["completion", shell])))
    assert.deepStrictEqual([stream, exitCode], ["stdout", 0])
    scripts.set(shell, text)
  }
  work = fs.mkdtempSync(path.join(os.tmpdir(), "completion-"))
  const files = {
    "home/.plasmite/pools": ["chat", "orders", "we ird", "a$b"],
    named: ["alpha", "beta", "a:c"],
    "my dir": ["inner"]
  }
  for (const [directory, pools] of Object.entries(files)) {
    fs.mkdirSync(path.join(work, directory), { recursive: true })
    for (const pool of pools) fs.writeFileSync(path.join(work, directory, `${pool}.plasmite`), "")
  }
  fs.writeFileSync(path.join(work, "home/.plasmite/pools/notes.txt"), "")
  fs.writeFileSync(path.join(work, "file.json"), "")
  fs.writeFileSync(path.join(work, "completion.bash"), scriptOf("bash"))
})
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))

const listing = (): ReadonlyArray<string> => (fs.readdirSync(work, { recursive: true }) as Array<string>).sort()

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/**
 * What the function offers when Tab is pressed at the end of a line. `line` marks with `|` where bash ends a word
 * without a blank, as it does around `=` and `:`.
 */
const offered = (line: string, strict = "set -eu; shopt -s failglob"): ReadonlyArray<string> => {
  const pieces = line.split(/ (?=(?:[^'"]|'[^']*'|"[^"]*")*$)|\|/)
  const source = [
    strict,
    "source ./completion.bash; source ./completion.bash",
    `COMP_LINE=${single(line.replaceAll("|", ""))}; COMP_POINT=\${#COMP_LINE}`,
    `COMP_WORDS=(${pieces.map(single).join(" ")}); COMP_CWORD=${pieces.length - 1}`,
    "_plasmite",
    `[ \${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`
  ]
  const before = listing()
  const result = spawnSync("bash", ["--norc", "-c", source.join("\n")], {
    cwd: work,
    env: { PATH: process.env["PATH"], HOME: path.join(work, "home") },
    encoding: "utf8"
  })
  assert.strictEqual(result.stderr, "", line)
  assert.strictEqual(result.status, 0, line)
  assert.deepStrictEqual(listing(), before, line)
  return result.stdout.split("\n").slice(0, -1)
}

describe("bash", () => {
  const cases: ReadonlyArray<readonly [line: string, expected: ReadonlyArray<string>]> = [
    ["pls pe", ["peek"]],
    ["plasmite f", ["feed", "follow", "fetch"]],
    ["pls pool ", ["create", "list", "info", "delete", "forget"]],
    ["pls serve ", ["init", "check"]],
    ["pls serve --bind 127.0.0.1:0 --access r", ["read-only", "read-write"]],
    ["pls serve --bind 127.0.0.1:0 c", ["check"]],
    ["pls serve --tls-k", ["--tls-key"]],
    ["pls serve --tls-key f", ["file.json"]],
    ["pls serve --bind 127.0.0.1:0 check --j", ["--json"]],
    ["pls serve init --f", ["--force"]],
    ["pls pool create --", ["--size", "--index-capacity", "--json", "--no-json", "--dir", "--color", "--help"]],
    ["pls --", ["--dir", "--color", "--help", "--version"]],
    ["pls version -", ["--dir", "--color", "-h", "--help"]],
    // Names of pools, of the default directory or of the one typed.
    ["pls peek ", ["a\\$b", "chat", "orders", "we\\ ird"]],
    ["pls follow ch", ["chat"]],
    ["pls poke --tag x ch", ["chat"]],
    ["pls poke -qi jsonl -f file.json or", ["orders"]],
    ["pls peek -n5 or", ["orders"]],
    ["pls peek -- ch", ["chat"]],
    ["pls --dir named peek ", ["a:c", "alpha", "beta"]],
    ["pls --dir|=|named peek al", ["alpha"]],
    ["pls peek --dir named al", ["alpha"]],
    ["pls --dir 'my dir' peek ", ["inner"]],
    ["pls --dir ~/.plasmite/pools peek ch", ["chat"]],
    ["pls --dir named peek a|:|", ["c"]],
    ["pls --dir nosuch peek ", []],
    ["pls pool info o", ["orders"]],
    ["pls pool delete chat or", ["orders"]],
    ["pls pool forget or", ["orders"]],
    ["pls pool forget orders ", []],
    ["pls doctor c", ["chat"]],
    ["pls doctor chat --re", ["--repair"]],
    ["pls peek ./named/al", ["./named/alpha.plasmite"]],
    // Where there is nothing to offer.
    ["pls poke chat ", []],
    ["pls get chat ", []],
    ["pls pool create ", []],
    ["pls poke --tag ", []],
    ["pls nosuch ", []],
    ["pls pool nosuch ", []],
    // Values.
    ["pls peek chat --format ", ["pretty", "jsonl"]],
    ["pls peek chat --format|=|", ["pretty", "jsonl"]],
    ["pls peek chat --format|=|p", ["pretty"]],
    ["pls peek chat --format=p", ["--format=pretty"]],
    ["pls poke -i j", ["jsonl", "json", "jq"]],
    ["pls poke -qi j", ["jsonl", "json", "jq"]],
    ["pls poke x --durability ", ["fast", "flush"]],
    ["pls --color ", ["auto", "always", "never"]],
    ["pls poke x --file fi", ["file.json"]],
    ["pls --dir na", ["named"]],
    ["pls completion ", ["bash", "zsh", "fish"]],
    ["pls help pool ", ["create", "list", "info", "delete", "forget"]],
    ["pls help pool create ", []]
  ]
  for (const [line, expected] of cases) {
    it(line, () => {
      assert.deepStrictEqual(offered(line), expected)
    })
  }

  it("all commands at the start", () => {
    const names = program.table.commands.map((row) => row.words.join(" "))
    assert.deepStrictEqual(offered("pls "), names)
    assert.deepStrictEqual(offered("pls help "), names)
  })

  it("is accepted by the shell, announces both programs and survives a shell without glob", () => {
    const script = scriptOf("bash")
    for (const mark of ["_plasmite()", "pool", "poke", "peek", "complete -F _plasmite plasmite pls"]) {
      assert.include(script, mark)
    }
    const checked = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" })
    assert.deepStrictEqual([checked.status, checked.stdout, checked.stderr], [0, "", ""])
    assert.deepStrictEqual(offered("pls follow ch", "set -f"), ["chat"])
    assert.deepStrictEqual(offered("pls pool ", "set -u; IFS=o"), ["create", "list", "info", "delete", "forget"])
  })

  it("prefers PLASMITE_DIR to the directory in HOME", () => {
    assert.deepStrictEqual(offered("pls peek al", "set -u; PLASMITE_DIR=named"), ["alpha"])
    assert.deepStrictEqual(offered("pls peek ch", "unset HOME; set -u"), [])
  })
})

const leaves = (row: CommandRow): ReadonlyArray<CommandRow> =>
  ownCommands(row).flatMap((command) => (command.commands.length > 0 ? leaves(command) : [command]))

/** Single quotes pair up on every line; `closed` is how a quote is written inside of them. */
const assertQuotesPair = (script: string, closed: string): void => {
  for (const line of script.split("\n")) {
    if (line.trimStart().startsWith("#")) continue
    assert.strictEqual(line.replaceAll(closed, "").split("'").length % 2, 1, line)
  }
}

describe("zsh", () => {
  it("knows both programs and every command with its options", () => {
    const script = scriptOf("zsh")
    assert.isTrue(script.startsWith("#compdef plasmite pls\n"))
    assert.include(script, "compdef _plasmite plasmite pls")
    assertQuotesPair(script, "'\\''")
    for (const row of leaves(program.table)) {
      const names = [row.words.join("\\ "), ...row.aliases].join("|")
      const start = script.indexOf(`    (${names})\n`)
      assert.notStrictEqual(start, -1, names)
      const spec = script.slice(start, script.indexOf(";;", start))
      for (const option of [...row.options, ...program.table.options]) {
        assert.match(spec, new RegExp(`[{,'*]${option.long}(=?)[}\\[]`), `${names} ${option.long}`)
        if (option.short !== undefined) assert.include(spec, `{${option.short}`)
        if (option.kind._tag === "Choice") assert.include(spec, `:(${option.kind.choices.join(" ")})`)
        if (option.repeatable) assert.include(spec, `'*${option.long}=`)
      }
      for (const positional of row.positionals.filter((each) => each.name === "POOL")) {
        assert.include(spec, `:${positional.name}:_plasmite_pools`)
      }
    }
  })
})

describe("fish", () => {
  it("knows both programs and every command with its options", () => {
    const script = scriptOf("fish")
    assert.include(script, "complete -c plasmite -f\n")
    assert.include(script, "complete -c pls -w plasmite\n")
    assertQuotesPair(script, "\\'")
    for (const row of leaves(program.table)) {
      const condition = `-n '__plasmite_is ${[row.words.join(" "), ...row.aliases].map((name) => `"${name}"`).join(" ")}`
      const lines = script.split("\n").filter((line) => line.startsWith(`complete -c plasmite ${condition}`))
      for (const option of row.options) {
        const line = lines.find((each) => each.includes(` -l ${option.long.slice(2)} `))
        assert.isDefined(line, `${row.words.join(" ")} ${option.long}`)
        if (option.short !== undefined) assert.include(line, ` -s ${option.short.slice(1)} `)
        if (option.kind._tag === "Choice") assert.include(line, `-x -a '${option.kind.choices.join(" ")}'`)
        if (option.kind._tag === "File") assert.include(line, " -r -F ")
      }
      assert.strictEqual(
        lines.some((line) => line.includes("(__plasmite_pools)")),
        row.positionals.some((positional) => positional.name === "POOL")
      )
    }
    // Options that take a value must be known as such, whatever the command.
    const valued = /^set -g __plasmite_valued (.*)$/m.exec(script)![1]!.split(" ")
    for (const row of leaves(program.table)) {
      for (const option of row.options) {
        assert.strictEqual(valued.includes(option.long), option.kind._tag !== "Flag", option.long)
      }
    }
  })
})
