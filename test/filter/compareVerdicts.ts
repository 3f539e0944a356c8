/** Filters of one or two expressions over batches, by the layer as it is and by jq alone: the whole answer. */
import * as Effect from "effect/Effect"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import { makeFastFilter } from "../../src/internal/filter/fastFilter.js"
import { MessageFilter } from "../../src/MessageFilter.js"
import { filtersOf, messagesOf } from "./compareWithJq.js"

const expressionsPerFilter = [1, 1, 2]
const batch = 25

/** Everything that a caller can tell apart. */
const answers = (expressions: ReadonlyArray<string>, seed: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const filters = yield* MessageFilter
      const compiled = yield* Effect.either(filters.compile(expressions))
      if (compiled._tag === "Left") return { error: compiled.left.message, hint: compiled.left.hint, passed: [] }
      const { error, passed } = yield* compiled.right.matches(messagesOf(seed, batch))
      return { error: error?.message, hint: error?.hint, passed }
    })
  )

export const compareVerdicts = async (seed: number, count: number) => {
  const differences: Array<string> = []
  let complete = 0
  let passed = 0
  let errors = 0
  const texts: Array<string> = []
  for (let next = seed; texts.length < 2 * count; next++) texts.push(...filtersOf(next))
  const sets = Array.from({ length: count }, (_, index) => texts.splice(0, expressionsPerFilter[index % 3]))
  const judge = (variant: typeof JqMessageFilter.layer) =>
    Effect.runPromise(
      Effect.provide(
        Effect.forEach(sets, (expressions, index) => answers(expressions, seed + index)),
        variant
      )
    )
  const ours = await judge(JqMessageFilter.layer)
  const reference = await judge(JqMessageFilter.layerReference)
  for (const [index, expressions] of sets.entries()) {
    const [one, other] = [JSON.stringify(ours[index]), JSON.stringify(reference[index])]
    if (one !== other)
      differences.push(`${JSON.stringify(expressions)}, batch ${seed + index}\n  ours ${one}\n  jq   ${other}`)
    if (makeFastFilter(expressions).isComplete) complete++
    if (ours[index]!.error !== undefined) errors++
    passed += ours[index]!.passed.filter((verdict) => verdict).length
  }
  return { differences, complete, passed, errors }
}
