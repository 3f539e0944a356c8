/**
 * Filters by jq itself, compiled to WebAssembly (jq-wasm): the language people know, whole, and its own definition.
 * It runs on one thread of its own, which starts with the first filter that needs it, is shared by all, and is stopped
 * and started again when a filter does not end. No filter can hang its reader, reach a file or end the process.
 *
 * Most filters never get there: what is wholly understood is judged on the stored bytes, with jq's verdict, and only
 * messages over which jq's verdict is not certain become text for jq.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { StoredMessage } from "../src/EncodedPool.js"
import { envelopeText } from "../src/internal/envelope.js"
import { makeFastFilter, nothingUnderstood, type FastFilter } from "../src/internal/filter/fastFilter.js"
import { MessageFilter, type CompiledFilter, type FilterAnswer } from "../src/MessageFilter.js"
import { isPoolError, type PoolError } from "../src/PoolError.js"
import { makeJqEngine, type JqEngine } from "./jq/engine.js"
import { readExpression } from "./jq/expression.js"
import { compileError, outsideError } from "./jq/filterError.js"
import { checkCompiles, makeTextFilter, type TextFilter } from "./jq/textFilter.js"

const passesAll: CompiledFilter = {
  matches: (messages) => Effect.succeed({ passed: messages.map(() => true) })
}

const compiledFilter = (fast: FastFilter, jq: TextFilter): CompiledFilter => ({
  matches: (messages) =>
    Effect.suspend(() => {
      const { asked, damage, passed, texts } = judgeFast(fast, messages)
      if (asked.length === 0) return Effect.succeed(damage === undefined ? { passed } : { passed, damage })
      return Effect.map(jq.matches(texts), (answer): FilterAnswer => {
        for (const [index, verdict] of answer.passed.entries()) passed[asked[index]!] = verdict
        if (answer.error !== undefined) {
          return { passed: passed.slice(0, asked[answer.passed.length]), error: answer.error }
        }
        return damage === undefined ? { passed } : { passed, damage }
      })
    })
})

interface FastAnswer {
  /** Up to a damaged message; those that jq is asked about are open. */
  readonly passed: Array<boolean>
  /** The places of the messages for jq, and their texts. */
  readonly asked: ReadonlyArray<number>
  readonly texts: ReadonlyArray<string>
  readonly damage?: PoolError
}

const judgeFast = (fast: FastFilter, messages: ReadonlyArray<StoredMessage>): FastAnswer => {
  const passed: Array<boolean> = []
  const asked: Array<number> = []
  const texts: Array<string> = []
  for (let index = 0; index < messages.length; index++) {
    const verdict = fast.judge(messages[index]!)
    if (verdict === "ask" || (verdict === "pass" && !fast.isComplete)) {
      try {
        texts.push(envelopeText(messages[index]!))
      } catch (error) {
        if (isPoolError(error)) return { passed, asked, texts, damage: error }
        throw error
      }
      asked.push(index)
    }
    passed.push(verdict === "pass")
  }
  return { passed, asked, texts }
}

const compileWith = (
  engine: JqEngine,
  expressions: ReadonlyArray<string>,
  makeFast: (codes: ReadonlyArray<string>) => FastFilter
) =>
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
    const fast = makeFast(codes)
    // What is wholly understood is an expression of jq.
    if (!fast.isComplete) yield* checkCompiles(engine, expressions, codes)
    return compiledFilter(fast, makeTextFilter(engine, expressions, codes))
  })

const layerWith = (makeFast: (codes: ReadonlyArray<string>) => FastFilter): Layer.Layer<MessageFilter> =>
  Layer.scoped(
    MessageFilter,
    Effect.map(makeJqEngine, (engine) => ({
      compile: (expressions: ReadonlyArray<string>) => compileWith(engine, expressions, makeFast)
    }))
  )

/**
 * jq, on a thread that is started by the first filter or message that needs it and stopped when the layer is closed.
 *
 * A message gets one second. What takes longer, or more memory than jq may have (256 MiB), counts as an error of the
 * filter over this message: it does not match.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<MessageFilter> = layerWith(makeFastFilter)

/**
 * The same with jq for every message: slow, and the reference for what is decided without it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerReference: Layer.Layer<MessageFilter> = layerWith(() => nothingUnderstood)
