/**
 * A filter that jq judges: all expressions in one program, over messages as JSON text, in batches that the engine takes.
 */
import * as Effect from "effect/Effect"
import type { PoolError } from "../../src/PoolError.js"
import { messagesPerRequest, type JqEngine } from "./engine.js"
import { answerError, compileError, engineError } from "./filterError.js"
import { judgingProgram } from "./program.js"
import type { JqRequest } from "./thread.js"

/** The answers for a batch of texts: one for each, or fewer when an expression failed at the next. */
export interface TextAnswer {
  readonly passed: ReadonlyArray<boolean>
  readonly error?: PoolError
}

export interface TextFilter {
  /** One JSON text for each message. */
  readonly matches: (messages: ReadonlyArray<string>) => Effect.Effect<TextAnswer>
}

/** Text of one request; a single message may be longer. */
const charactersPerRequest = 1_048_576
/**
 * How long one message may take. The first that takes longer, or makes jq fail, is tried once more in a fresh jq, in
 * case it was the machine that stood still or the memory that was used up by others. From then on the filter is known
 * to be trouble: it has less time, and no second tries.
 */
const allowanceMillis = 1_000
const secondAllowanceMillis = 250

const requestFrom = (program: string, messages: ReadonlyArray<string>, start: number): JqRequest => {
  let end = start
  let characters = 0
  while (end < messages.length && end - start < messagesPerRequest) {
    characters += messages[end]!.length
    if (characters > charactersPerRequest && end > start) break
    end++
  }
  // jq reads by lines, and pays for each: one line for all.
  return { program, messages: `${messages.slice(start, end).join(" ")}\n`, count: end - start }
}

/**
 * Has nothing compiled yet: the first batch does it. `expressions` are shown to people, `codes` are the same without
 * comments.
 */
export const makeTextFilter = (
  engine: JqEngine,
  expressions: ReadonlyArray<string>,
  codes: ReadonlyArray<string>
): TextFilter => {
  const program = judgingProgram(codes)
  return {
    matches: (messages) =>
      Effect.gen(function* () {
        const passed: Array<boolean> = []
        const endedBy = (error: PoolError): TextAnswer => ({ passed, error })
        let allowance = allowanceMillis
        while (passed.length < messages.length) {
          const { detail, end, verdicts } = yield* engine.run(requestFrom(program, messages, passed.length), allowance)
          for (const verdict of verdicts) passed.push(verdict === 1)
          switch (end) {
            case "complete":
              break
            case "not boolean": {
              const [index, value] = JSON.parse(detail) as [number, string]
              return endedBy(answerError(expressions[index]!, value))
            }
            // "gave up": out of memory, a failed assertion of jq, or a text that it cannot read.
            case "stalled":
            case "gave up":
              if (allowance === secondAllowanceMillis) passed.push(false)
              allowance = secondAllowanceMillis
              break
            case "refused":
            case "unavailable":
              return endedBy(engineError(detail))
            case "miscounted":
              return yield* Effect.dieMessage("a filter needs one JSON text for each message")
          }
        }
        return { passed }
      })
  }
}

const compileOnly = (engine: JqEngine, program: string) =>
  Effect.flatMap(engine.run({ program, messages: "", count: 0 }, allowanceMillis), (run) =>
    run.end === "unavailable" ? Effect.fail(engineError(run.detail)) : Effect.succeed(run)
  )

/** The first of the expressions that jq refuses when it stands alone, in jq's words about the text as written. */
const findRefused = (engine: JqEngine, expressions: ReadonlyArray<string>, complaint: string) =>
  Effect.gen(function* () {
    for (const expression of expressions) {
      const asWritten = yield* compileOnly(engine, expression)
      if (asWritten.end === "refused") return compileError(expression, asWritten.detail)
      const inParentheses = yield* compileOnly(engine, judgingProgram([expression]))
      if (inParentheses.end === "refused") return compileError(expression, inParentheses.detail)
    }
    return compileError(expressions.join(" "), complaint)
  })

/** Succeeds if jq takes the program of all expressions. */
export const checkCompiles = (engine: JqEngine, expressions: ReadonlyArray<string>, codes: ReadonlyArray<string>) =>
  Effect.flatMap(compileOnly(engine, judgingProgram(codes)), ({ detail, end }) =>
    end === "complete" ? Effect.void : Effect.flatMap(findRefused(engine, expressions, detail), Effect.fail)
  )
