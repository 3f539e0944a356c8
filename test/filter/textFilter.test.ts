// What jq makes of texts that are no messages: it does not match them, and judges the others.
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeJqEngine } from "../../layers/jq/engine.js"
import { makeTextFilter } from "../../layers/jq/textFilter.js"

const judge = (expression: string, texts: ReadonlyArray<string>) =>
  Effect.flatMap(makeJqEngine, (engine) => makeTextFilter(engine, [expression], [expression]).matches(texts))

it.scoped("a text that jq cannot read does not match, and the others are judged", () =>
  Effect.gen(function* () {
    for (const data of ['"\\ud800"', "[1,]", '{"a":', '"open', "\u0001", "}", "[".repeat(20_000)]) {
      const texts = ['{"data":{}}', '{"data":{}}', `{"data":${data}}`, '{"data":{}}', '{"data":1}']
      assert.deepStrictEqual(yield* judge(".data == {}", texts), { passed: [true, true, false, true, false] })
      assert.deepStrictEqual(yield* judge("true", texts.slice(1, 3)), { passed: [true, false] })
    }
  })
)

it.scoped("a text may be laid out over several lines, and nest 200 deep", () =>
  Effect.gen(function* () {
    const deep = JSON.stringify({ deep: JSON.parse(`${"[".repeat(200)}1${"]".repeat(200)}`) as unknown }, null, 1)
    assert.deepStrictEqual(yield* judge(".deep | flatten == [1]", [deep, '{\n"deep":\r\n[2]\n}', deep]), {
      passed: [true, false, true]
    })
  })
)
