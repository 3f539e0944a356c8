/**
 * The grammar of the command line, seen from the handlers: what they are given, and what is refused before them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import type { Handlers } from "../../cli/arguments.js"
import { colorOf } from "../../cli/colorOf.js"
import type { OptionRow } from "../../cli/commandTable.js"
import { findCommand, LATER_COMMANDS } from "../../cli/grammar.js"
import { exactCommand } from "../../cli/typed.js"
import { complaint, outcomeOf, printed, program, ranWith } from "./recordedCall.js"

/** A command line without quotes or blanks in its words. */
const words = (line: string): ReadonlyArray<string> => line.split(" ").filter((word) => word !== "")

/** Only the fields that matter to a case. */
const assertFields = (record: Record<string, unknown>, expected: Record<string, unknown>): void => {
  for (const [name, value] of Object.entries(expected)) assert.deepStrictEqual(record[name], value, name)
}

describe("what handlers are given", () => {
  it.effect("poke with nothing but a pool: every field is there", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(ranWith(yield* outcomeOf(["poke", "chat"])), {
        spelling: "poke",
        pool: "chat",
        data: undefined,
        tags: [],
        key: undefined,
        keyFrom: undefined,
        file: undefined,
        inputMode: "auto",
        errors: "stop",
        create: false,
        createSize: undefined,
        durability: "fast",
        retry: 0,
        retryDelay: undefined,
        token: undefined,
        tokenFile: undefined,
        tlsCa: undefined,
        tlsSkipVerify: false,
        tlsFingerprint: undefined,
        quiet: false,
        dir: undefined,
        color: "auto",
        call: { words: ["poke"], positionals: ["chat"], options: [], globals: [] }
      })
    })
  )

  it.effect("peek with nothing but a pool", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(ranWith(yield* outcomeOf(["follow", "chat"])), {
        spelling: "follow",
        pool: "chat",
        tail: undefined,
        since: undefined,
        cursor: undefined,
        one: false,
        timeout: undefined,
        where: [],
        tags: [],
        dataOnly: false,
        format: undefined,
        replay: undefined,
        quietDrops: false,
        noNotify: false,
        create: false,
        reconnect: false,
        token: undefined,
        tokenFile: undefined,
        tlsCa: undefined,
        tlsSkipVerify: false,
        tlsFingerprint: undefined,
        dir: undefined,
        color: "auto",
        call: { words: ["follow"], positionals: ["chat"], options: [], globals: [] }
      })
    })
  )

  const cases: ReadonlyArray<
    readonly [line: string, handler: keyof Handlers<never, never>, fields: Record<string, unknown>]
  > = [
    ["feed p x --create --create-size 2M", "poke", { spelling: "feed", create: true, createSize: "2M", data: "x" }],
    ["poke p --file - --in jq --errors skip", "poke", { file: "-", inputMode: "jq", errors: "skip" }],
    [
      "poke p -f f.json -i event -e stop -q",
      "poke",
      { file: "f.json", inputMode: "event", errors: "stop", quiet: true }
    ],
    [
      "poke p x --durability flush --retry 5 --retry-delay 1s",
      "poke",
      { durability: "flush", retry: 5, retryDelay: "1s" }
    ],
    ["poke p x --token t --tls-ca c --tls-skip-verify", "poke", { token: "t", tlsCa: "c", tlsSkipVerify: true }],
    ["peek p --token-file f", "peek", { tokenFile: "f" }],
    ["peek p --tail 0", "peek", { tail: 0 }],
    ["peek p --tail 9007199254740991", "peek", { tail: Number.MAX_SAFE_INTEGER }],
    ["peek p --since nonsense --timeout 5 --replay nan", "peek", { since: "nonsense", timeout: "5", replay: "nan" }],
    ["peek p --jsonl", "peek", { format: "jsonl" }],
    ["peek p --format pretty", "peek", { format: "pretty" }],
    [
      "peek p --one --data-only --quiet-drops --no-notify --create",
      "peek",
      { one: true, dataOnly: true, quietDrops: true, noNotify: true, create: true }
    ],
    ["peek p --where .a --where .b --tag x --tag y --tag x", "peek", { where: [".a", ".b"], tags: ["x", "y", "x"] }],
    ["get p 42", "get", { spelling: "get", pool: "p", seq: 42, dataOnly: false }],
    ["fetch p 0 --data-only", "get", { spelling: "fetch", seq: 0, dataOnly: true }],
    ["get p 007", "get", { seq: 7 }],
    [
      "pool create a b --size 8M --index-capacity 0",
      "poolCreate",
      { names: ["a", "b"], size: "8M", indexCapacity: 0, json: undefined }
    ],
    ["pool create a --json", "poolCreate", { indexCapacity: undefined, json: true }],
    ["pool list --no-json", "poolList", { json: false }],
    ["pool info a", "poolInfo", { pool: "a", json: false }],
    ["pool info --json a", "poolInfo", { pool: "a", json: true }],
    ["pool delete a http://h/p b", "poolDelete", { pools: ["a", "http://h/p", "b"] }],
    ["pool forget a billing", "poolForget", { pool: "a", cursor: "billing", json: undefined }],
    ["doctor a", "doctor", { pool: "a", all: false, repair: false, noBackup: false, dropDamaged: false }],
    ["doctor --all --repair --no-backup", "doctor", { all: true, repair: true, noBackup: true }],
    ["doctor a --repair --drop-damaged", "doctor", { pool: "a", repair: true, dropDamaged: true }],
    ["doctor --all --json", "doctor", { pool: undefined, all: true, json: true }],
    ["version", "version", { dir: undefined, color: "auto" }]
  ]
  for (const [line, handler, fields] of cases) {
    it.effect(line, () =>
      Effect.gen(function* () {
        const outcome = yield* outcomeOf(words(line))
        assertFields(ranWith(outcome), fields)
        assert.strictEqual(outcome._tag === "Ran" ? outcome.handler : outcome._tag, handler)
      })
    )
  }

  it.effect("sequence numbers and counts take the whole 64-bit range", () =>
    Effect.gen(function* () {
      const { seq } = ranWith(yield* outcomeOf(words("get p 18446744073709551615")))
      assert.isAbove(seq as number, Number.MAX_SAFE_INTEGER)
      assertFields(ranWith(yield* outcomeOf(words("peek p -n 18446744073709551615"))), {
        tail: Number.MAX_SAFE_INTEGER
      })
      complaint(yield* outcomeOf(words("get p 18446744073709551616")))
    })
  )
})

describe("the same call in other words", () => {
  const same: ReadonlyArray<ReadonlyArray<ReadonlyArray<string>>> = [
    [
      ["poke", "p", '{"x":1}', "--tag", "a"],
      ["poke", "--tag", "a", "p", '{"x":1}'],
      ["poke", "p", "--tag=a", '{"x":1}'],
      ["poke", "--tag=a", "--", "p", '{"x":1}']
    ],
    [
      ["peek", "p", "--tail", "5"],
      ["peek", "p", "--tail=5"],
      ["peek", "-n", "5", "p"],
      ["peek", "-n5", "p"],
      ["peek", "-n=5", "p"]
    ],
    [
      ["poke", "p", "-q", "-i", "jq", "-f", "x"],
      ["poke", "p", "-qi", "jq", "-fx"],
      ["poke", "p", "-qijq", "-f=x"],
      ["poke", "-qi=jq", "--file=x", "p"]
    ],
    [
      ["--dir", "D", "peek", "p", "--color", "never"],
      ["peek", "p", "--dir", "D", "--color=never"],
      ["--color=never", "peek", "--dir=D", "p"]
    ],
    [
      ["--dir", "D", "pool", "list"],
      ["pool", "--dir", "D", "list"],
      ["pool", "list", "--dir", "D"]
    ]
  ]
  for (const [first = [], ...others] of same) {
    it.effect(first.join(" "), () =>
      Effect.gen(function* () {
        const { call: _, ...expected } = ranWith(yield* outcomeOf(first))
        for (const other of others) {
          const { call: _, ...record } = ranWith(yield* outcomeOf(other))
          assert.deepStrictEqual(record, expected, other.join(" "))
        }
      })
    )
  }

  it.effect("the name of the program makes no difference", () =>
    Effect.gen(function* () {
      for (const line of ["poke p x", "pool list", "poke p --bogus", "get p 1"]) {
        assert.deepStrictEqual(
          yield* outcomeOf(words(line), { programName: "plasmite" }),
          yield* outcomeOf(words(line), { programName: "pls" })
        )
      }
    })
  )
})

describe("values arrive as they were typed", () => {
  /** What the framework would trim, drop, split, or take for an option, a flag's value or a command. */
  const awkward = [
    "",
    " ",
    " a ",
    "\ta\n",
    "-x",
    "--create",
    "--",
    "-",
    "true",
    "yes",
    "1",
    "poke",
    "a=b",
    "=",
    ":",
    "::",
    "--a=b",
    "☃"
  ]

  it.effect("attached, or separate where that is possible, or as positionals", () =>
    Effect.gen(function* () {
      for (const value of awkward) {
        const attached = yield* outcomeOf([
          "poke",
          "p",
          `--tag=${value}`,
          "--create",
          `--file=${value}`,
          `--dir=${value}`
        ])
        assertFields(ranWith(attached), { tags: [value], file: value, dir: value, create: true })
        if (value === "-" || !value.startsWith("-")) {
          const separate = yield* outcomeOf([
            "--dir",
            value,
            "poke",
            "--create",
            value,
            value,
            "--tag",
            value,
            "--file",
            "f"
          ])
          assert.strictEqual(complaint(separate).message, "DATA cannot be combined with --file")
          const positional = yield* outcomeOf(["--dir", value, "poke", "--create", value, value, "--tag", value])
          assertFields(ranWith(positional), { pool: value, data: value, tags: [value], dir: value, create: true })
        }
        const behind = yield* outcomeOf(["poke", "--create", "--", value, value])
        assertFields(ranWith(behind), { pool: value, data: value, create: true })
      }
    })
  )

  const optionsOf = (command: string): ReadonlyArray<OptionRow> => findCommand(program.table, [command])!.options

  /** An option with a value of its kind, as tokens in one of the spellings. */
  const option = (row: OptionRow): fc.Arbitrary<ReadonlyArray<string>> => {
    if (row.kind._tag === "Flag") return fc.constantFrom(row.long).map((name) => [name])
    const value =
      row.kind._tag === "Choice"
        ? fc.constantFrom(...row.kind.choices)
        : row.value === "N"
          ? fc.nat().map(String)
          : fc.oneof(fc.string(), fc.constantFrom(...awkward))
    return fc.tuple(value, fc.boolean(), fc.boolean()).map(([text, isAttached, isShort]) => {
      const name = isShort && row.short !== undefined ? row.short : row.long
      return isAttached || (text.startsWith("-") && text !== "-") ? [`${name}=${text}`] : [name, text]
    })
  }

  it("any options in any order, between any positionals", () => {
    // Those that cannot stand beside others have tests of their own.
    const lonely = ["--file", "--key-from", "--token-file", "--tls-fingerprint"]
    const rows = optionsOf("poke").filter((row) => !lonely.includes(row.long))
    const call = fc.tuple(
      fc.subarray([...rows]).chain((chosen) => fc.tuple(...chosen.map(option))),
      fc.array(fc.tuple(fc.nat(100), fc.string()), { minLength: 1, maxLength: 2 })
    )
    fc.assert(
      fc.property(call, ([options, positionals]) => {
        const tokens: Array<ReadonlyArray<string>> = [...options]
        const typed: Array<string> = []
        for (const [place, text] of positionals) {
          const value = text.startsWith("-") ? `x${text}` : text
          // Later positionals go behind earlier ones.
          const from =
            typed.length === 0 ? 0 : tokens.findIndex((token) => token[0] === typed[0] && token.length === 1) + 1
          tokens.splice(from + (place % (tokens.length - from + 1)), 0, [value])
          typed.push(value)
        }
        const record = ranWith(Effect.runSync(outcomeOf(["poke", ...tokens.flat()])))
        assert.deepStrictEqual([record["pool"], record["data"]], [typed[0], typed[1]])
        const expectText = (long: string, field: string) => {
          const given = options.find(
            ([name]) => name!.startsWith(long) && (name === long || name![long.length] === "=")
          )
          if (given !== undefined) assert.strictEqual(record[field], given[1] ?? given[0]!.slice(long.length + 1))
          else assert.isUndefined(record[field])
        }
        expectText("--key", "key")
        expectText("--create-size", "createSize")
        expectText("--retry-delay", "retryDelay")
        expectText("--token", "token")
        expectText("--tls-ca", "tlsCa")
        assert.strictEqual(
          record["create"],
          options.some(([name]) => name === "--create")
        )
      }),
      { seed: 20260115, numRuns: 150 }
    )
  })
})

describe("refusals", () => {
  const refused: ReadonlyArray<readonly [line: string, message: RegExp, hint?: RegExp]> = [
    ["peek p --definitely-not-a-flag", /unexpected argument "--definitely-not-a-flag"/, /`plasmite peek --help`/],
    ["follow p --bogus", /unexpected argument/, /`plasmite follow --help`/],
    ["poke p x --bogus", /unexpected argument "--bogus"/],
    ["poke p x y", /unexpected argument "y"/, /DATA is one argument: put it in single quotes/],
    ["poke p --create --size 8M", /unexpected argument "--size"/, /did you mean `--create-size`/],
    ["peek http://h/p --fingerprint x", /unexpected argument/, /did you mean `--tls-fingerprint`/],
    ["version extra", /unexpected argument "extra"/, /version --help/],
    ["pool list http://h extra", /unexpected argument/, /`plasmite pool list --help`/],
    ["completion nope", /invalid value "nope"/, /--help/],
    ["nosuchcommand", /unknown command "nosuchcommand"/, /^try `plasmite --help`$/],
    ["pool nosuch", /unknown command "nosuch"/, /`plasmite pool --help`/],
    ["pek p", /unknown command "pek"/, /did you mean `peek`\? try/],
    ["pool lst", /unknown command/, /did you mean `list`/],
    ["peek p --tial 5", /unexpected argument/, /did you mean `--tail`/],
    ["poke p --durab fast", /unexpected argument/, /did you mean `--durability`/],
    ["peek p --format jsonnl", /invalid value/, /did you mean `jsonl`/],
    // Names are case-sensitive.
    ["peek p --Tail 3", /unexpected argument "--Tail"/],
    ["Peek p", /unknown command "Peek"/],
    ["peek p -N 3", /unexpected argument "-N"/],
    ["poke p --durability Fast", /invalid value "Fast"/],
    // Given twice.
    ["peek p --tail 1 --tail 2", /--tail was given more than once/],
    ["peek p --tail 1 -n 2", /-n was given more than once/],
    ["poke p --create --create", /--create was given more than once/],
    ["poke p -qq", /-q was given more than once/],
    ["--dir a peek p --dir b", /--dir was given more than once/],
    // Values missing, or where none belongs.
    ["peek p --tail", /--tail needs a value/],
    ["poke p --tag --create", /--tag needs a value/],
    ["poke p --tag -- x", /--tag needs a value/],
    ["peek p --tail 5 --replay -1", /--replay needs a value/, /--replay=-1/],
    ["peek p -n", /-n needs a value/],
    ["poke p -qf", /-f needs a value/],
    ["poke p --create=true", /--create takes no value/],
    ["poke p -q=1", /-q takes no value/],
    ["--dir", /--dir needs a value/],
    // Values that make no sense.
    ["poke p x --durability sometimes", /invalid value "sometimes"/, /poke --help/],
    ["poke p --in xml", /invalid value/],
    ["poke p --errors ignore", /invalid value/],
    ["peek p --format xml", /invalid value/],
    ["--color blue peek p", /invalid value "blue"/],
    ["peek p --color=", /invalid value ""/],
    ["peek p --tail x", /invalid value "x" for --tail/, /`plasmite peek --help`/],
    ["follow p --tail x", /invalid value/, /`plasmite follow --help`/],
    ["peek p --tail=-1", /invalid value "-1"/],
    ["peek p --tail 1.0", /invalid value/],
    ["peek p -n=", /invalid value ""/],
    ["get p x", /invalid value "x" for SEQ/, /`plasmite get --help`/],
    ["get p 1.0", /invalid value/],
    ["get p -1", /unexpected argument "-1"/, /put it after `--`/],
    ["get p -- -1", /invalid value "-1"/],
    ["poke p x --retry many", /invalid value "many" for --retry/],
    ["pool create a --index-capacity x", /invalid value/, /`plasmite pool create --help`/],
    // What cannot stand together.
    ["poke p x --file f", /DATA cannot be combined with --file/],
    ["feed p x -f f", /DATA cannot be combined with --file/],
    ["get p 1 --tls-fingerprint a --tls-skip-verify", /--tls-fingerprint cannot be combined with --tls-skip-verify/],
    ["pool info p --tls-ca a --tls-fingerprint b", /--tls-fingerprint cannot be combined with --tls-ca/],
    ["poke p --token a --token-file b", /--token cannot be combined with --token-file/],
    ["peek p --jsonl --format jsonl", /--jsonl/, /`--format jsonl`/],
    ["follow p --tail 0 --since 5m", /--tail cannot be combined with --since/],
    ["pool list --json --no-json", /--json cannot be combined with --no-json/],
    ["doctor p --all", /--all cannot be combined/, /Use --all by itself/],
    ["doctor --json", /requires a pool name or --all/],
    // What is missing.
    ["get p", /needs SEQ/, /plasmite get p 1/],
    ["--dir D", /no command/, /Usage: plasmite/],
    ["--", /unexpected argument/],
    ["-x", /unexpected argument "-x"/],
    // What the framework has built in.
    ["--completions bash", /unexpected argument "--completions"/],
    ["--wizard", /unexpected argument/],
    ["--log-level debug poke p", /unexpected argument/],
    ["poke p --log-level=debug", /unexpected argument/],
    ["poke p --wizard", /unexpected argument/],
    ["poke --version", /unexpected argument "--version"/],
    ["pool --version", /unexpected argument "--version"/],
    ["poke p -V", /unexpected argument "-V"/],
    ["help nosuch", /unknown command/],
    ["help poke extra", /unexpected argument "extra"/]
  ]
  for (const [line, message, hint] of refused) {
    it.effect(line, () =>
      Effect.gen(function* () {
        const error = complaint(yield* outcomeOf(words(line)))
        assert.match(error.message, message)
        if (hint !== undefined) assert.match(error.hint, hint)
        // A terminal gets the same error, not a page: something was typed.
        assert.deepStrictEqual(complaint(yield* outcomeOf(words(line), { stderrIsTerminal: true })), error)
      })
    )
  }

  it.effect("commands of later versions, with any arguments", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([...LATER_COMMANDS].sort(), ["duplex", "mcp", "tap"])
      for (const command of LATER_COMMANDS) {
        for (const rest of [[], ["--help"], ["p", "--bogus"], ["--", "x"]]) {
          const { message } = complaint(yield* outcomeOf([command, ...rest]))
          assert.include(message, "does not have")
          assert.include(message, `\`${command}\``)
        }
        complaint(yield* outcomeOf(["--dir", "D", command]))
        assert.include(complaint(yield* outcomeOf(["help", command])).message, "does not have")
      }
    })
  )

  it.effect("a document as a surplus argument is shown on one short line", () =>
    Effect.gen(function* () {
      const { message } = complaint(yield* outcomeOf(["poke", "p", "x", `{\n"a": "${"long".repeat(1000)}"}`]))
      assert.isBelow(message.length, 200)
    })
  )
})

describe("a command called with nothing", () => {
  const commands = [
    "poke",
    "feed",
    "peek",
    "follow",
    "get",
    "fetch",
    "pool",
    "pool create",
    "pool info",
    "pool delete",
    "pool forget",
    "doctor",
    "completion"
  ]
  for (const command of commands) {
    it.effect(command, () =>
      Effect.gen(function* () {
        for (const argv of [
          words(command),
          ["--dir", "D", ...words(command)],
          [...words(command), "--color", "never"]
        ]) {
          assert.include(complaint(yield* outcomeOf(argv)).hint, `Usage: plasmite ${command}`)
          const page = printed(yield* outcomeOf(argv, { stderrIsTerminal: true }))
          assert.strictEqual(page.stream, "stderr")
          assert.strictEqual(page.exitCode, 2)
          assert.include(page.text, `Usage: plasmite ${command}`)
        }
      })
    )
  }

  it.effect("doctor says what it needs", () =>
    Effect.gen(function* () {
      const { message, hint } = complaint(yield* outcomeOf(["doctor"]))
      assert.include(message, "requires a pool name or --all")
      assert.include(hint, "plasmite doctor POOL")
      assert.include(hint, "plasmite doctor --all")
    })
  )

  it.effect("options without a pool: the call is repeated with a pool in it", () =>
    Effect.gen(function* () {
      const peek = complaint(yield* outcomeOf(words("--dir D peek -n 1")))
      assert.include(peek.hint, "pool ref")
      assert.include(peek.hint, "plasmite peek chat -n 1")
      const follow = complaint(yield* outcomeOf(["follow", "-n", "1", "--where", '.data.a == "b"']))
      assert.include(follow.hint, 'plasmite follow chat -n 1 --where ".data.a == \\"b\\""')
    })
  )

  it.effect("the program itself", () =>
    Effect.gen(function* () {
      const pls = printed(yield* outcomeOf([], { programName: "pls" }))
      assert.deepStrictEqual([pls.stream, pls.exitCode], ["stdout", 0])
      const plasmite = printed(yield* outcomeOf([], { programName: "plasmite" }))
      assert.deepStrictEqual([plasmite.stream, plasmite.exitCode], ["stderr", 2])
      assert.strictEqual(plasmite.text, pls.text)
    })
  )
})

describe("version", () => {
  it.effect("at the top level, in all its spellings", () =>
    Effect.gen(function* () {
      for (const line of ["--version", "-V", "---version", "--dir D --version", "--color never -V"]) {
        assert.strictEqual((yield* outcomeOf(words(line)))._tag, "Version")
      }
    })
  )
})

describe("the words that were typed", () => {
  it.effect("can be repeated with something added", () =>
    Effect.gen(function* () {
      const exact = (argv: ReadonlyArray<string>) =>
        Effect.map(outcomeOf(argv), (outcome) => exactCommand(ranWith(outcome)["call"] as never, ["--create"]))
      assert.strictEqual(
        yield* exact(["--dir", "my dir", "feed", "--tag=a b", "missing", '{"x":1}', "-q"]),
        'plasmite feed missing --create "--tag=a b" -q "{\\"x\\":1}" --dir "my dir"'
      )
      assert.strictEqual(yield* exact(words("follow missing -n 5")), "plasmite follow missing --create -n 5")
      assert.strictEqual(yield* exact(["poke", "missing", ""]), 'plasmite poke missing --create ""')
      assert.strictEqual(yield* exact(["poke", "-q", "--", "p", "-x"]), "plasmite poke --create -q -- p -x")
    })
  )
})

it("the colour asked for is known even of a line that is wrong", () => {
  assert.strictEqual(colorOf(words("poke --bogus --color never")), "never")
  assert.strictEqual(colorOf(words("--color=always nosuch")), "always")
  assert.strictEqual(colorOf(words("peek p --color blue")), "auto")
  assert.strictEqual(colorOf(words("poke p -- --color never")), "auto")
})
