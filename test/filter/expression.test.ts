// Reading expressions: what reaches beyond the message is found wherever it hides, and an expression is put into the
// program exactly when jq takes it both as it was written and in parentheses.
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Context from "effect/Context"
import { makeJqEngine, type JqEngine } from "../../layers/jq/engine.js"
import { readExpression } from "../../layers/jq/expression.js"
import { judgingProgram } from "../../layers/jq/program.js"

describe("readExpression", () => {
  it("leaves out comments, and nothing else", () => {
    const rows: ReadonlyArray<readonly [text: string, code: string]> = [
      [".a == 1", ".a == 1"],
      ['.a == "# no \\" comment" # but this', '.a == "# no \\" comment"  '],
      ["1 # one\n+ 2", "1   + 2"],
      ["1 # goes \\\n on\n+ 2", "1   + 2"],
      ["1 # goes \\\r\n on\r\n+ 2", "1   + 2"],
      ["1 # ends \\\\\n+ 2", "1   + 2"],
      ['"a\\("b" # "c\n)d"', '"a\\("b"   )d"'],
      ["true # \\", "true  "]
    ]
    for (const [text, code] of rows) assert.deepStrictEqual(readExpression(text), { code }, text)
  })

  it("names what is not closed", () => {
    const rows: ReadonlyArray<readonly [text: string, problem: string]> = [
      ["(1", '"(" is not closed'],
      ["[{a: (1)}", '"[" is not closed'],
      ["1)", '")" closes nothing'],
      ["(1]", '"]" closes nothing'],
      ["1) | (2", '")" closes nothing'],
      ['"\\(1', '"(" is not closed'],
      ['"\\(1]"', '"]" closes nothing'],
      ['"a\\"', "a string is not closed"],
      ["", "it is empty"],
      [" # nothing", "it is empty"]
    ]
    for (const [text, problem] of rows) assert.deepStrictEqual(readExpression(text), { problem, outside: false }, text)
  })

  it("takes a word for a name after a dot, after a dollar, and as a key", () => {
    for (const text of [".env", ".a.env", "$env", "{env}", "{a: 1, env: 2}", "{env: {input: [.halt]}}", "{$env}"]) {
      assert.deepStrictEqual(readExpression(text), { code: text })
    }
  })

  it("finds the word everywhere else", () => {
    for (const text of [
      "env",
      "{a: env}",
      "{a: (1, env)}",
      "{a: [1, env]}",
      "[1, env]",
      "{(env): 1}",
      "1.env",
      ". as [env]"
    ]) {
      assert.deepStrictEqual(readExpression(text), { problem: 'a filter cannot use "env"', outside: true }, text)
    }
  })
})

class Engine extends Context.Tag("test/Engine")<Engine, JqEngine>() {}

const sound = [
  '.a == "x) | (y"',
  '"a\\("b" + (1 | tostring))c" # "d"',
  "true # c) ]\n| false",
  '{a: 1, (.b | tostring): [2, "]"]} | has("a")',
  "def f(x): (x); f(1) == 1",
  "if .a then (1, 2) else [3] end",
  ". as [$x, {y: $z}] | $x",
  '@json "\\(.)" == "1"',
  '.["a\\")"]? // .c'
]
const pieces = [...'()[]{}|,:;.#\\$@"\n', "\\(", '\\"', "# c", "def f: 1;", ") | (", "1", "true"]
const change = FastCheck.record({
  at: FastCheck.nat(60),
  without: FastCheck.nat(2),
  piece: FastCheck.constantFrom("", ...pieces)
})

/** Expressions that work, after a slip or two of the person who typed them. */
const slips = FastCheck.tuple(
  FastCheck.constantFrom(...sound),
  FastCheck.array(change, { maxLength: 2 }).map((changes) => changes.toSorted((one, other) => other.at - one.at))
).map(([text, changes]) =>
  changes.reduce((text, { at, piece, without }) => {
    const index = at % (text.length + 1)
    return text.slice(0, index) + piece + text.slice(index + without)
  }, text)
)

layer(Layer.scoped(Engine, makeJqEngine))("a program of one expression", (it) => {
  it.scoped("compiles exactly when jq takes the expression as written and in parentheses", () =>
    Effect.gen(function* () {
      const engine = yield* Engine
      const compiles = (program: string) =>
        Effect.map(engine.run({ program, messages: "", count: 0 }, 1_000), ({ end }) => end === "complete")
      const texts = FastCheck.sample(slips, { seed: 20_260_304, numRuns: 250 })
      let taken = 0
      for (const text of texts) {
        const read = readExpression(text)
        const ours = read.problem === undefined && (yield* compiles(judgingProgram([read.code])))
        const alone = yield* compiles(text)
        const inParentheses = alone && (yield* compiles(`(${text}\n\n)`))
        assert.strictEqual(ours, inParentheses, JSON.stringify(text))
        if (ours) taken++
      }
      assert.isAbove(taken, 60)
      assert.isBelow(taken, 190)
    })
  )
})
