/**
 * What reaches the command line from outside: streams of bytes in every mode, cut anywhere, and arguments in any
 * order. Streams end in items that do not depend on the cuts; arguments in a text, a run, or a `PoolError`.
 */
import * as Effect from "effect/Effect"
import { isDeepStrictEqual } from "node:util"
import type { CommandRow } from "../../cli/commandTable.js"
import type { InputMode } from "../../cli/input/inputItem.js"
import { outcomeOf, program } from "../cli-unit/recordedCall.js"
import { parseJson, readAll } from "../cli-unit/readRecords.js"
import type { Chance, Kind } from "./chance.js"
import { insist } from "./chance.js"

const modes: ReadonlyArray<InputMode> = ["auto", "jsonl", "json", "seq", "event", "jq"]

const fragments = [
  ['{"a":1}', '{"s":"é😀\\"\\\\"}', "{", "}", "[", "]", '"', "\\", '"k":', ",", "1", "null", "nope", " ", "\t"],
  ["\n", "\n\n", "\r\n", "\r", "\x1e", "data:", "\ndata: ", "event: e", "id:", "retry:", ":", "\ufeff", "\x01"]
]
  .flat()
  .map((text) => Buffer.from(text))

const inputOf = (chance: Chance): Uint8Array => {
  const pieces: Array<Buffer> = []
  for (let count = chance.below(30); count > 0; count--)
    pieces.push(chance.oneIn(8) ? Buffer.of(chance.below(256), chance.below(256)) : chance.pick(fragments))
  return new Uint8Array(Buffer.concat(pieces))
}

export const examineInput = (
  mode: InputMode,
  input: Uint8Array,
  options: { readonly resume: boolean; readonly maxRecordBytes: number },
  cuts: ReadonlyArray<number>
): void => {
  let judged = 0
  const parse = (text: string) => {
    judged += text.length
    return parseJson(text)
  }
  const whole = readAll(mode, input, { ...options, parse })
  insist(whole.items.length <= input.length, "more items than bytes")
  insist(judged <= 4 * input.length + 4, `${judged} characters of ${input.length} bytes were parsed`)
  whole.items.forEach((item, at) => insist(item.index === at + 1, "the items are not numbered in order"))
  const again = readAll(mode, input, { ...options, cuts })
  insist(isDeepStrictEqual(again, whole), `cut at ${cuts.join()} ${mode} reads something else`)
}

export const recordKind: Kind = {
  name: "records",
  weight: 15,
  run: (chance) => {
    const input = inputOf(chance)
    const cuts = Array.from({ length: chance.below(6) }, () => chance.below(input.length + 1))
    const options = { resume: chance.oneIn(2), maxRecordBytes: chance.pick([1, 8, 16, 1000]) }
    examineInput(chance.pick(modes), input, options, cuts)
  }
}

const tokensOf = (row: CommandRow): ReadonlyArray<string> => [
  ...row.words,
  ...row.options.flatMap(({ kind, long, short }) => [
    long,
    ...(short === undefined ? [] : [short]),
    ...(kind._tag === "Choice" ? kind.choices : []),
    `${long}=`
  ]),
  ...row.commands.flatMap(tokensOf)
]

const tokens = [...new Set(tokensOf(program.table))]

const junk = [
  ["", "-", "--", "---", "-x", "-xyz", "--no-", "--=", "=", "a", "chat", "1", "-1", "0", "1e9", "99999999999999999999"],
  ["5m", "1M", "yes", "true", "no", "{}", '{"a":1}', "@f", "é", "\u0000", "\ud800", " ", "\n", "help", "-h", "--help"],
  ["--version", "constructor", "__proto__", "toString", "--__proto__", "a=b", "../x", "http://h/p", "5d", "now"]
].flat()

const argumentOf = (chance: Chance): string => {
  const token = chance.oneIn(2) ? chance.pick(tokens) : chance.pick(junk)
  if (chance.oneIn(8)) return `${token}${chance.oneIn(2) ? "=" : ""}${chance.pick(junk)}`
  return chance.oneIn(16) ? token.slice(0, chance.below(token.length + 1)) : token
}

export const examineArguments = async (argv: ReadonlyArray<string>, programName: "pls" | "plasmite"): Promise<void> => {
  const outcome = await Effect.runPromise(outcomeOf(argv, { programName, stderrIsTerminal: argv.length % 2 === 0 }))
  if (outcome._tag !== "Failed") return
  const { error } = outcome
  insist(error._tag === "PoolError" && error.reason === "Usage", `failed with ${error._tag}`)
  insist(!/[\r\n]/.test(error.message), `not one line: ${JSON.stringify(error.message)}`)
}

export const argumentKind: Kind = {
  name: "arguments",
  weight: 10,
  run: (chance) => {
    const first = chance.oneIn(4) ? [] : [chance.pick(tokens)]
    const rest = Array.from({ length: chance.below(7) }, () => argumentOf(chance))
    return examineArguments([...first, ...rest], chance.pick(["pls", "plasmite"]))
  }
}
