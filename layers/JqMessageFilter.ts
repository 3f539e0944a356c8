/**
 * Filters by jq itself, compiled to WebAssembly (jq-wasm): the language people know, whole, and its own definition.
 * It runs on one thread of its own, which starts with the first filter, is shared by all, and is stopped and started
 * again when a filter does not end. No filter can hang its reader, reach a file or end the process.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { MessageFilter, type CompiledFilter, type FilterAnswer } from "../src/MessageFilter.js"
import type { PoolError } from "../src/PoolError.js"
import { makeJqEngine, messagesPerRequest, type JqEngine } from "./jq/engine.js"
import { readExpression } from "./jq/expression.js"
import { answerError, compileError, engineError, outsideError } from "./jq/filterError.js"
import { judgingProgram } from "./jq/program.js"
import type { JqRequest } from "./jq/thread.js"

/** Text of one request; a single message may be longer. */
const charactersPerRequest = 1_048_576
/**
 * How long one message may take. The first that takes longer, or makes jq fail, is tried once more in a fresh jq, in
 * case it was the machine that stood still or the memory that was used up by others. From then on the filter is known
 * to be trouble: it has less time, and no second tries.
 */
const allowanceMillis = 1_000
const secondAllowanceMillis = 250

const passesAll: CompiledFilter = {
  matches: (messages) => Effect.succeed({ passed: messages.map(() => true) })
}

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

const compiledFilter = (engine: JqEngine, expressions: ReadonlyArray<string>, program: string): CompiledFilter => ({
  matches: (messages) =>
    Effect.gen(function* () {
      const passed: Array<boolean> = []
      const endedBy = (error: PoolError): FilterAnswer => ({ passed, error })
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
})

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

const compileWith = (engine: JqEngine, expressions: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (expressions.length === 0) return passesAll
    const codes: Array<string> = []
    for (const expression of expressions) {
      const read = readExpression(expression)
      if (read.problem !== undefined) {
        return yield* (read.outside ? outsideError : compileError)(expression, read.problem)
      }
      codes.push(read.code)
    }
    const program = judgingProgram(codes)
    const { detail, end } = yield* compileOnly(engine, program)
    if (end !== "complete") return yield* yield* findRefused(engine, expressions, detail)
    return compiledFilter(engine, expressions, program)
  })

/**
 * jq, on a thread that is started by the first filter and stopped when the layer is closed.
 *
 * A message gets one second. What takes longer, or more memory than jq may have (256 MiB), counts as an error of the
 * filter over this message: it does not match.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<MessageFilter> = Layer.scoped(
  MessageFilter,
  Effect.map(makeJqEngine, (engine) => ({
    compile: (expressions: ReadonlyArray<string>) => compileWith(engine, expressions)
  }))
)
