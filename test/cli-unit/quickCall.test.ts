/**
 * The quick reading of a command line against the whole one. Wherever the quick one answers, the handler of the same
 * command must be given the same record by the argument framework; and it must answer often enough to be worth having.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { type CommandGrammar, findCommand, grammarOf, type OptionGrammar } from "../../cli/grammar.js"
import { quickCall } from "../../cli/quickCall.js"
import { outcomeOf, program } from "./recordedCall.js"

/** As the launcher has it: through JSON, in which what is absent is left out. */
const grammar = JSON.parse(JSON.stringify(grammarOf(program.table))) as CommandGrammar

/** How often each command was answered quickly. */
const answered = new Map<string, number>()

/** True if the quick reading answered; that it agrees is asserted. */
const agrees = (argv: ReadonlyArray<string>): Effect.Effect<boolean> =>
  Effect.map(outcomeOf(argv), (outcome) => {
    const call = quickCall(grammar, argv)
    if (call === undefined) return false
    const typed = JSON.stringify(argv)
    if (call.handler === "versionLine") assert.strictEqual(outcome._tag, "Version", typed)
    else if (call.handler === "serve") {
      // That part of the program judges the values itself.
      if (outcome._tag !== "Failed")
        assert.match(outcome._tag === "Ran" ? outcome.handler : outcome._tag, /^serve/, typed)
    } else {
      assert.deepStrictEqual<unknown>(outcome, { _tag: "Ran", ...call }, typed)
      const command = call.arguments.call.words.join(" ")
      answered.set(command, (answered.get(command) ?? 0) + 1)
    }
    return true
  })

const commands = ["poke", "feed", "peek", "follow", "get", "fetch", "pool list", "pool info", "pool forget", "version"]
const optionsOf = (command: string): ReadonlyArray<OptionGrammar> => [
  ...findCommand(grammar, command.split(" "))!.options,
  ...grammar.options
]

const oddTexts = [
  "",
  " ",
  "x",
  "a b",
  ":",
  "-",
  "--",
  "-1",
  "--create",
  "yes",
  "poke",
  "0",
  "00",
  "é\n",
  "[1]",
  '{"a":1}'
]
const oddNumbers = [
  "0",
  "1",
  "007",
  "42",
  "-1",
  "1.5",
  "1e3",
  "999999999999999",
  "1000000000000000",
  "18446744073709551616"
]
const plainText = fc.constantFrom("p", "chat", "./p.plasmite", '{"x":1}', "5m", "a=b", "é")
const text = fc.oneof(
  { weight: 8, arbitrary: plainText },
  { weight: 1, arbitrary: fc.constantFrom(...oddTexts, ...oddNumbers) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) }
)
/** Sometimes something, mostly nothing. */
const seldom = (pieces: fc.Arbitrary<ReadonlyArray<string>>): fc.Arbitrary<ReadonlyArray<ReadonlyArray<string>>> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: pieces.map((piece) => [piece]) })

const valueOf = (option: OptionGrammar): fc.Arbitrary<string> =>
  option.kind._tag === "Choice"
    ? fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...option.kind.choices) }, { weight: 1, arbitrary: text })
    : option.value === "N"
      ? fc.oneof(fc.nat().map(String), fc.constantFrom(...oddNumbers))
      : text

/** An option in one of its spellings, mostly right. */
const spelled = (option: OptionGrammar): fc.Arbitrary<ReadonlyArray<string>> => {
  const { long, short } = option
  if (option.kind._tag === "Flag") {
    return fc.constantFrom<ReadonlyArray<string>>([long], [long], [long], [long], [short ?? long], [`${long}=`])
  }
  return fc
    .tuple(valueOf(option), fc.nat(3))
    .map(([value, way]) =>
      way === 0
        ? [`${long}=${value}`]
        : way === 1 && short !== undefined
          ? [`${short}${value}`]
          : way === 2 && short !== undefined
            ? [short, value]
            : [long, value]
    )
}

const positionals = (command: string): fc.Arbitrary<ReadonlyArray<ReadonlyArray<string>>> => {
  const right = findCommand(grammar, command.split(" "))!.positionals.length
  const one =
    command === "get" || command === "fetch"
      ? fc.oneof(
          { weight: 4, arbitrary: fc.nat().map(String) },
          { weight: 1, arbitrary: fc.constantFrom(...oddNumbers) },
          { weight: 2, arbitrary: text }
        )
      : text
  return fc
    .oneof(
      { weight: 5, arbitrary: fc.constant(right) },
      { weight: 2, arbitrary: fc.constant(Math.max(0, right - 1)) },
      { weight: 1, arbitrary: fc.nat(3) }
    )
    .chain((count) =>
      fc.array(
        one.map((value) => [value]),
        { minLength: count, maxLength: count }
      )
    )
}

const noise = fc.constantFrom(["--help"], ["-h"], ["--"], ["--version"], ["-V"], ["--nonsense"], ["help"], ["serve"])

const commandLine = fc.constantFrom(...commands, "doctor", "pool create").chain((command) => {
  const options = fc.subarray([...optionsOf(command)], { maxLength: Math.min(4, optionsOf(command).length) })
  const pieces = fc
    .tuple(
      options.chain((rows) => fc.tuple(...rows.map(spelled))),
      positionals(command),
      seldom(noise)
    )
    .chain(([optionPieces, positionalPieces, noisePiece]) => {
      const all = [...optionPieces, ...positionalPieces, ...noisePiece]
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    })
  const before = fc.option(fc.oneof(...grammar.options.map(spelled)), { freq: 6 })
  return fc.tuple(before, pieces).map(([globals, rest]) => [...(globals ?? []), ...command.split(" "), ...rest.flat()])
})

describe("the quick reading of a command line", () => {
  it("answers as the framework does, wherever it answers", async () => {
    let quick = 0
    let all = 0
    await fc.assert(
      fc.asyncProperty(commandLine, async (argv) => {
        all++
        if (await Effect.runPromise(agrees(argv))) quick++
      }),
      { numRuns: 4500 }
    )
    // Of these lines, many are wrong; of the right ones nearly all must be answered.
    assert.isAbove(quick / all, 0.25, `${quick} of ${all}`)
    assert.isBelow(quick / all, 0.9, `${quick} of ${all}: there are too few mistakes to tell`)
    // The lines differ from run to run: about 80 of the rarest are answered, and 25 are six standard deviations fewer.
    for (const command of commands) assert.isAbove(answered.get(command) ?? 0, 25, command)
  })

  const sample: Readonly<Record<string, ReadonlyArray<string>>> = {
    get: ["p", "7"],
    fetch: ["p", "7"],
    "pool forget": ["p", "billing"]
  }
  for (const command of commands) {
    it.effect(`knows every option of ${command}`, () =>
      Effect.forEach(optionsOf(command), ({ kind, long, short, value }) =>
        Effect.gen(function* () {
          const words = command.split(" ")
          const needed =
            sample[command] ??
            findCommand(grammar, words)!
              .positionals.slice(0, 1)
              .map(() => "p")
          const given =
            kind._tag === "Flag" ? [] : [kind._tag === "Choice" ? kind.choices.at(-1)! : value === "N" ? "3" : "text"]
          for (const option of short === undefined ? [long] : [long, short]) {
            assert.isTrue(yield* agrees([...words, ...needed, option, ...given]), `${command} ${option}`)
          }
        })
      )
    )
  }

  it.effect("knows the usual calls", () =>
    Effect.forEach(
      [
        ["poke", "p", '{"x":1}'],
        ["--dir", "d", "feed", "p", "-q", "--tag=a", "--tag", "b", "-f", "-"],
        ["peek", "p", "-n5", "--jsonl", "--where", ".data.x > 1"],
        ["follow", "--since", "5m", "p"],
        ["get", "p", "12", "--color", "never"],
        ["pool", "info", "--json", "p"],
        ["pool", "list", "--no-json"],
        ["pool", "list", "http://h:9700", "--token", "t"],
        ["peek", "https://h/p", "--reconnect", "--tls-ca", "c"],
        ["version"],
        ["--version"],
        ["-V"],
        ["poke", "p", "--", "-1"]
      ],
      (argv) => Effect.map(agrees(argv), (quick) => assert.isTrue(quick, argv.join(" ")))
    )
  )

  it.effect("leaves help, mistakes and the rest to the whole program", () =>
    Effect.forEach(
      [
        [],
        ["--help"],
        ["poke"],
        ["poke", "p", "x", "--help"],
        ["poke", "p", "x", "--nonsense"],
        ["peek", "p", "--tail", "-1"],
        ["peek", "p", "--tail", "9999999999999999"],
        ["peek", "p", "--tail", "1", "--since", "1h"],
        ["get", "p"],
        ["get", "p", "x"],
        ["get", "p", "18446744073709551615"],
        ["doctor", "p"],
        ["completion", "bash"],
        ["pool", "create", "p"]
      ],
      (argv) => Effect.map(agrees(argv), (quick) => assert.isFalse(quick, argv.join(" ")))
    )
  )
})
