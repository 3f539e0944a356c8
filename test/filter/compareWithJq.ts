/**
 * Filters over messages, by the fast path and by jq. Every expression that the fast path takes must compile in jq and
 * yield the same outputs and errors, message by message, except where it says that it is not sure.
 */
import * as fc from "effect/FastCheck"
import type { StoredMessage } from "../../src/EncodedPool.js"
import { envelopeText } from "../../src/internal/envelope.js"
import { makeEvaluator } from "../../src/internal/filter/fastFilter.js"
import { filters } from "./generateFilters.js"
import { messages } from "./generateMessages.js"
import { agrees, compilesInJq, runJq } from "./oracle.js"

export interface Tally {
  /** Expressions looked at, and those that the fast path takes. */
  expressions: number
  taken: number
  /** Pairs of an expression taken and a message: compared, and those of them that the fast path does not decide. */
  pairs: number
  unsure: number
  /** Outputs that were equal, and pairs that ended in an error on both sides. */
  outputs: number
  errors: number
  readonly differences: Array<string>
}

export const emptyTally = (): Tally => ({
  expressions: 0,
  taken: 0,
  pairs: 0,
  unsure: 0,
  outputs: 0,
  errors: 0,
  differences: []
})

const expressionsPerRound = 50
const messagesPerRound = 12

/** The generated filters and messages of a round are decided by its seed. */
export const filtersOf = (seed: number): ReadonlyArray<string> =>
  fc.sample(filters, { seed: 2 * seed, numRuns: expressionsPerRound })

export const messagesOf = (seed: number, count = messagesPerRound): ReadonlyArray<StoredMessage> =>
  fc.sample(messages, { seed: 2 * seed + 1, numRuns: count })

export const compareRound = (seed: number, tally: Tally): Promise<void> =>
  compareAll(filtersOf(seed), messagesOf(seed), tally)

export const compareAll = async (
  texts: ReadonlyArray<string>,
  judged: ReadonlyArray<StoredMessage>,
  tally: Tally
): Promise<void> => {
  const taken = texts.flatMap((text) => {
    const evaluate = makeEvaluator(text)
    return evaluate === undefined ? [] : [{ text, evaluate }]
  })
  tally.expressions += texts.length
  tally.taken += taken.length
  const answers = await runJq(
    taken.map(({ text }) => text),
    judged
  )
  if (answers === undefined) {
    for (const { text } of taken) {
      if (!(await compilesInJq(text))) tally.differences.push(`jq does not take ${JSON.stringify(text)}`)
    }
    return
  }
  for (const [index, message] of judged.entries()) {
    for (const [place, { evaluate, text }] of taken.entries()) {
      const ours = evaluate(message)
      const jq = answers[index]![place]!
      tally.pairs++
      if (ours.end === "unsure") tally.unsure++
      if (ours.end === "failed") tally.errors++
      tally.outputs += ours.values.length
      if (!agrees(ours, jq)) {
        const over = envelopeText(message)
        tally.differences.push(
          `${JSON.stringify(text)}\n  over ${over}\n  ours ${JSON.stringify(ours)}\n  jq   ${JSON.stringify(jq)}`
        )
      }
    }
  }
}
