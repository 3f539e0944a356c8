/**
 * Help pages: every command, every option, every default is on its page, because the pages come from the table.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { CommandRow } from "../../cli/commandTable.js"
import { exclusions } from "../../cli/exclusions.js"
import { findCommand, LATER_COMMANDS } from "../../cli/grammar.js"
import { outcomeOf, printed, program } from "./recordedCall.js"

const page = (argv: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.map(outcomeOf(argv), (outcome) => {
    const { text, stream, exitCode } = printed(outcome)
    assert.deepStrictEqual([stream, exitCode], ["stdout", 0])
    return text
  })

const everyCommand = (row: CommandRow): ReadonlyArray<CommandRow> => [
  ...row.commands,
  ...row.commands.flatMap(everyCommand)
]

const commands = everyCommand(program.table)

/** The text of a page without its line breaks, so that wrapping does not matter. */
const flat = (text: string): string => text.replace(/\s+/g, " ")

describe("the page of the program", () => {
  it.effect("has every command with its other spelling and a summary", () =>
    Effect.gen(function* () {
      const text = yield* page(["--help"])
      for (const line of [
        /^ {2}poke, feed +\S/m,
        /^ {2}peek, follow +\S/m,
        /^ {2}get, fetch +\S/m,
        /^ {2}pool create +\S/m,
        /^ {2}pool list +\S/m,
        /^ {2}pool info +\S/m,
        /^ {2}pool delete +\S/m,
        /^ {2}pool forget +\S/m,
        /^ {2}doctor +\S/m,
        /^ {2}serve +\S/m,
        /^ {2}serve init +\S/m,
        /^ {2}serve check +\S/m,
        /^ {2}completion +\S/m,
        /^ {2}version +\S/m,
        /^ {2}help +\S/m
      ]) {
        assert.match(text, line)
      }
      for (const heading of ["USAGE", "COMMANDS", "EXIT CODES", "POOLS"])
        assert.match(text, new RegExp(`^${heading}$`, "m"))
      assert.include(text, "~/.plasmite/pools")
      for (const name of LATER_COMMANDS) assert.notMatch(text, new RegExp(`\\b${name}\\b`))
    })
  )

  it.effect("comes in many ways", () =>
    Effect.gen(function* () {
      const text = yield* page(["--help"])
      for (const argv of [["-h"], ["help"], ["---help"], ["--dir", "D", "--help"], ["--help", "poke"], []]) {
        assert.strictEqual(yield* page(argv), text, argv.join(" "))
      }
    })
  )
})

describe("the page of each command", () => {
  for (const row of commands) {
    const name = row.words.join(" ")
    it.effect(name, () =>
      Effect.gen(function* () {
        const text = yield* page([...row.words, "--help"])
        assert.include(text, `Usage: plasmite ${name}`)
        for (const option of [...row.options, ...program.table.options]) {
          const spelled = option.short === undefined ? option.long : `${option.short}, ${option.long}`
          assert.include(text, option.kind._tag === "Flag" ? spelled : `${spelled} ${option.value}`)
          if (option.fallback !== undefined) assert.include(flat(text), `default: ${option.fallback}`)
          if (option.kind._tag === "Choice") assert.include(flat(text), `one of: ${option.kind.choices.join(", ")}`)
          assert.isNotEmpty(option.description)
        }
        for (const positional of row.positionals) assert.match(text, new RegExp(`^  ${positional.name} +\\S`, "m"))
        for (const line of text.split("\n")) assert.isAtMost(line.length, 100)
        for (const mark of ["\u001b", "undefined", "[object", "--wizard", "--completions", "--log-level"]) {
          assert.notInclude(text, mark)
        }
        assert.isTrue(text.endsWith("\n") && !text.endsWith("\n\n"))
        assert.notMatch(text, / $/m)
        for (const argv of [
          [...row.words, "-h"],
          [...row.words, "---help"],
          ["help", ...row.words],
          ["--dir", "D", ...row.words, "--help"],
          [...row.words, "--dir", "D", "-h"]
        ]) {
          assert.strictEqual(yield* page(argv), text, argv.join(" "))
        }
      })
    )
  }

  it.effect("names the defaults and constraints that single declarations do not show", () =>
    Effect.gen(function* () {
      const poke = flat(yield* page(["poke", "--help"]))
      for (const fact of [
        "default: 1M",
        "requires --create",
        "default: 50ms",
        "requires --retry",
        "default: 0",
        "not with DATA"
      ]) {
        assert.include(poke, fact)
      }
      const peek = flat(yield* page(["peek", "--help"]))
      for (const fact of [
        "default: 0",
        "not with --since",
        "not with --tail",
        "exit 124",
        "needs --tail of at least 1 or --since"
      ]) {
        assert.include(peek, fact)
      }
      assert.include(flat(yield* page(["pool", "create", "--help"])), "at most half of SIZE")
      const doctor = flat(yield* page(["doctor", "--help"]))
      for (const fact of ["not with POOL", "requires --repair", "a healthy pool is never touched"])
        assert.include(doctor, fact)
    })
  )

  it.effect("a group lists its commands", () =>
    Effect.gen(function* () {
      const text = yield* page(["help", "pool"])
      for (const name of ["create", "info", "list", "delete"])
        assert.match(text, new RegExp(`^  pool ${name} +\\S`, "m"))
    })
  )

  it.effect("version explains both of its forms", () =>
    Effect.gen(function* () {
      const text = flat(yield* page(["version", "--help"]))
      assert.include(text, "plasmite X.Y.Z")
      assert.include(text, '{"name":"plasmite","version":"X.Y.Z"}')
    })
  )

  it.effect("is shown whatever else is wrong, unless it is behind --", () =>
    Effect.gen(function* () {
      const text = yield* page(["poke", "--help"])
      for (const argv of [
        ["poke", "--bogus", "--help"],
        ["poke", "p", "x", "y", "-h"],
        ["poke", "--tag", "--help"],
        ["poke", "-qh"]
      ]) {
        assert.strictEqual(yield* page(argv), text, argv.join(" "))
      }
      assert.strictEqual((yield* outcomeOf(["poke", "p", "--", "--help"]))._tag, "Ran")
      assert.strictEqual((yield* outcomeOf(["poke", "p", "--tag=--help"]))._tag, "Ran")
    })
  )
})

it("every rule about arguments speaks of arguments that exist", () => {
  for (const [name, rules] of Object.entries(exclusions)) {
    const row = findCommand(program.table, name.split(" "))!
    const known = [...row.options.map((option) => option.long), ...row.positionals.map((positional) => positional.name)]
    for (const { between } of rules) for (const argument of between) assert.include(known, argument, name)
  }
})

it("the table has the defaults and the kinds of the contract", () => {
  const facts = (command: string) =>
    Object.fromEntries(
      findCommand(program.table, [command])!.options.map((option) => [
        option.long,
        [option.kind._tag, option.fallback, option.repeatable]
      ])
    )
  const poke = facts("poke")
  assert.deepStrictEqual(poke["--in"], ["Choice", "auto", false])
  assert.deepStrictEqual(poke["--errors"], ["Choice", "stop", false])
  assert.deepStrictEqual(poke["--durability"], ["Choice", "fast", false])
  assert.deepStrictEqual(poke["--tag"], ["Text", undefined, true])
  assert.deepStrictEqual(poke["--file"], ["File", undefined, false])
  assert.deepStrictEqual(poke["--create"], ["Flag", undefined, false])
  const peek = facts("peek")
  assert.deepStrictEqual(peek["--where"], ["Text", undefined, true])
  assert.deepStrictEqual(peek["--tail"], ["Text", undefined, false])
  assert.deepStrictEqual(peek["--format"], ["Choice", undefined, false])
  assert.deepStrictEqual(
    program.table.options.map((option) => [option.long, option.kind._tag, option.fallback]),
    [
      ["--dir", "Directory", undefined],
      ["--color", "Choice", "auto"]
    ]
  )
})

it("the table has the options of the contract, in both spellings", () => {
  const optionsOf = (...words: ReadonlyArray<string>) =>
    findCommand(program.table, words)!.options.map((option) => [option.short, option.long].filter(Boolean).join(" "))
  const client = ["--token", "--token-file", "--tls-ca", "--tls-skip-verify", "--tls-fingerprint"]
  const poke = [
    "--tag",
    "--key",
    "--key-from",
    "-f --file",
    "-i --in",
    "-e --errors",
    "--create",
    "--create-size",
    "--durability",
    "--retry"
  ]
  assert.deepStrictEqual(optionsOf("poke"), [...poke, "--retry-delay", ...client, "-q --quiet"])
  assert.deepStrictEqual(optionsOf("feed"), optionsOf("poke"))
  const peek = [
    "-n --tail",
    "--since",
    "--cursor",
    "--one",
    "--timeout",
    "--where",
    "--tag",
    "--data-only",
    "--format",
    "--jsonl"
  ]
  assert.deepStrictEqual(optionsOf("peek"), [
    ...peek,
    "--replay",
    "--quiet-drops",
    "--no-notify",
    "--create",
    "--reconnect",
    ...client
  ])
  assert.deepStrictEqual(optionsOf("follow"), optionsOf("peek"))
  assert.deepStrictEqual(optionsOf("fetch"), ["--data-only", ...client])
  assert.deepStrictEqual(optionsOf("pool", "create"), ["--size", "--index-capacity", "--json", "--no-json"])
  assert.deepStrictEqual(optionsOf("pool", "list"), ["--json", "--no-json", ...client])
  assert.deepStrictEqual(optionsOf("pool", "info"), ["--json", ...client])
  assert.deepStrictEqual(optionsOf("pool", "delete"), ["--json", "--no-json"])
  assert.deepStrictEqual(optionsOf("doctor"), [
    "--all",
    "--repair",
    "--no-backup",
    "--drop-damaged",
    "--json",
    "--no-json"
  ])
})
