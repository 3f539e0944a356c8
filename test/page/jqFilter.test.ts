// The filter in the page says what jq says, or that it does not know; what it does not understand it reports.
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { allOf, compileFilter } from "../../http/page/logic/jqFilter.js"
import { conditionFor, FieldPaths } from "../../http/page/logic/fieldPaths.js"
import { parseMessage } from "../../http/page/logic/message.js"
import { withoutTagExpression } from "../../http/page/logic/commandText.js"
import { layerReference } from "../../layers/JqMessageFilter.js"
import { envelopeText } from "../../src/internal/envelope.js"
import { MessageFilter } from "../../src/MessageFilter.js"
import { filtersOf, messagesOf } from "../filter/compareWithJq.js"
import { message } from "./messages.js"

const verdict = (expression: string, dataText: string, tags: ReadonlyArray<string> = []): string => {
  const { filter, problem } = compileFilter(expression)
  return filter === undefined ? problem.message : filter.judge(message(3, dataText, { tags }))
}

describe("the jq filter of the page", () => {
  it("decides as jq does, for generated expressions and messages", async () => {
    const compared = { taken: 0, decided: 0, passed: 0 }
    const program = Effect.gen(function* () {
      const service = yield* MessageFilter
      for (let seed = 1; seed <= 6; seed++) {
        const messages = messagesOf(seed)
        for (const expression of filtersOf(seed)) {
          const { filter } = compileFilter(expression)
          if (filter === undefined) continue
          compared.taken++
          const verdicts = messages.map((stored) => filter.judge(parseMessage(envelopeText(stored))))
          const reference = yield* service.compile([expression])
          for (const [index, stored] of messages.entries()) {
            if (verdicts[index] === "unsure") continue
            const { error, passed } = yield* reference.matches([stored])
            const expected = error === undefined ? (passed[0] ? "pass" : "reject") : "no boolean"
            if (verdicts[index] !== expected) {
              assert.fail(`${expression} over ${envelopeText(stored)}: ${verdicts[index]}, jq: ${expected}`)
            }
            compared.decided++
            if (expected === "pass") compared.passed++
          }
        }
      }
    })
    await Effect.runPromise(Effect.scoped(Effect.provide(program, layerReference)))
    assert.isAbove(compared.taken, 50)
    assert.isAbove(compared.decided, 300)
    assert.isAbove(compared.passed, 5)
  }, 60_000)

  it("has paths, comparisons, and, or, not, test, contains, has, length, membership and pipes", () => {
    const data = '{"level":"error","n":5,"o":{"a":[1,2,{"k":"v"}],"x y":null},"msg":"disk full","flags":["p","q"]}'
    for (const expression of [
      '.data.level == "error"',
      ".data.n >= 5 and .data.n < 6",
      '.data.o["x y"] == null',
      '.data.o.a[2].k == "v"',
      '.data.msg | test("full$")',
      '.data.msg | contains("disk")',
      '.data | has("level")',
      "(.data.flags | length) == 2",
      '.data.level | IN("error", "fatal")',
      '.data.flags | any(. == "p")',
      ".data.missing == null or false",
      ".seq == 3",
      '.meta.tags | contains(["t"])',
      '(.data.level == "info") | not',
      '.time > "2026"'
    ]) {
      assert.strictEqual(verdict(expression, data, ["t", "u"]), "pass", expression)
    }
    assert.strictEqual(verdict(withoutTagExpression('a "b"'), data, ["x"]), "pass")
    assert.strictEqual(verdict(withoutTagExpression('a "b"'), data, ['a "b"']), "reject")
    assert.strictEqual(verdict(".data.level.x", data), "reject")
  })

  it("does not guess about numbers that JavaScript would round, nor answers that are no boolean", () => {
    assert.strictEqual(verdict(".data.id == 90071992547409", '{"id":9007199254740993}'), "unsure")
    assert.strictEqual(verdict('.data.level == "x"', '{"id":9007199254740993,"level":"x"}'), "pass")
    assert.strictEqual(verdict(".data.level", '{"level":"x"}'), "unsure")
    assert.strictEqual(verdict(".data.a.b", '{"a":{"b":true}}'), "pass")
  })

  it("reports what it does not take, and where", () => {
    for (const [expression, kind, position, part] of [
      ["", "syntax", undefined, "empty"],
      ['.data.level == "err', "syntax", 15, "string is not closed"],
      ["(.data.a == 1", "syntax", 0, '"(" is not closed'],
      [".data.a] == 1", "syntax", 7, "closes nothing"],
      [".data.a = 1", "syntax", 8, "=="],
      [".data.level == error", "beyond", 15, "error"],
      ["level == 1", "beyond", 0, ".level"],
      ["if .data.a then true else false end", "beyond", 0, '"if"'],
      ["$ENV.HOME == 1", "beyond", 0, "$ENV"],
      ['.data.a | test("[a-z]+x")', "beyond", 10, "test"],
      [".data.a == 1 # why", "beyond", 13, "#"],
      ['.data.a | sub("a"; "b") == "x"', "beyond", 10, '"sub"']
    ] as const) {
      const { problem } = compileFilter(expression)
      assert.deepEqual([problem?.kind, problem?.position], [kind, position], expression)
      assert.include(problem!.message, part, expression)
    }
  })

  it("joins filters: one rejection settles it", () => {
    const filters = [".data.a == 1", ".data.b"].map((text) => compileFilter(text).filter!)
    assert.strictEqual(allOf(filters).judge(message(1, '{"a":1,"b":true}')), "pass")
    assert.strictEqual(allOf(filters).judge(message(1, '{"a":1,"b":5}')), "unsure")
    assert.strictEqual(allOf(filters).judge(message(1, '{"a":2,"b":5}')), "reject")
    assert.strictEqual(allOf([]).judge(message(1)), "pass")
  })
})

describe("field paths", () => {
  it("are completed from what was seen, most frequent first", () => {
    const paths = new FieldPaths()
    paths.add(message(1, '{"level":"info","http":{"status":200,"x y":1}}'))
    paths.add(message(2, '{"level":"info","latency_ms":4}'))
    const insertions = (text: string) => paths.completions(text, text.length).map(({ insert }) => insert)
    assert.deepEqual(insertions(".data.l"), [".data.level", ".data.latency_ms"])
    assert.deepEqual(insertions('.data.level == "x" and .data.http.'), [".data.http.status"])
    assert.deepEqual(insertions('.data.level == ".da'), [])
    assert.deepEqual(insertions("x.da"), [])
    assert.include(insertions("."), ".seq")
    assert.deepEqual(paths.completions("(.data.lev", 10)[0], {
      insert: ".data.level",
      detail: "string",
      start: 1,
      end: 10
    })
  })

  it("become conditions on a value", () => {
    const value = { kind: "string", value: 'a"b' } as const
    assert.strictEqual(conditionFor(["data", "x y", 0], value, false), '.data["x y"][0] == "a\\"b"')
    assert.strictEqual(conditionFor(["data", "n"], { kind: "number", text: "1.50" }, true), ".data.n != 1.50")
    assert.isUndefined(conditionFor(["data"], { kind: "array", items: [] }, false))
    assert.strictEqual(verdict(conditionFor(["data", "k"], value, false)!, '{"k":"a\\"b"}'), "pass")
  })
})
