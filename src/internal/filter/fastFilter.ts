/**
 * Judges messages by filters that are wholly understood, with the same verdict as jq, and says so when jq has to be
 * asked. jq's own outcome is the definition: every difference is a mistake in here.
 */
import type { StoredMessage } from "../../EncodedPool.js"
import { compile, goOn, toMany, type Code } from "./compile.js"
import { messageAccess } from "./messageAccess.js"
import { parseFilter } from "./parse.js"
import { failed, unsure, type Value } from "./value.js"
import { beginWork, makeWork, type Work } from "./work.js"

export type Verdict = "pass" | "reject" | "ask"

export interface FastFilter {
  /** Whether it speaks for all expressions; if not, what it lets pass has to be judged by the others. */
  readonly isComplete: boolean
  readonly judge: (message: StoredMessage) => Verdict
}

/** Leaves every message to jq. */
export const nothingUnderstood: FastFilter = { isComplete: false, judge: () => "pass" }

/**
 * Speaks for the expressions up to the first that is not understood: later ones are only asked about what the earlier
 * let pass. The expressions must be free of comments.
 */
export const makeFastFilter = (expressions: ReadonlyArray<string>): FastFilter => {
  const judges: Array<(message: StoredMessage) => Verdict> = []
  for (const text of expressions) {
    const expression = parseFilter(text)
    if (expression === undefined) break
    const work = makeWork()
    judges.push(makeJudge(compile(expression, messageAccess(work), work), work))
  }
  const [only] = judges
  return {
    isComplete: judges.length === expressions.length,
    judge: judges.length === 1 ? only! : (message) => judgeByAll(judges, message)
  }
}

const judgeByAll = (judges: ReadonlyArray<(message: StoredMessage) => Verdict>, message: StoredMessage): Verdict => {
  for (const judge of judges) {
    const verdict = judge(message)
    if (verdict !== "pass") return verdict
  }
  return "pass"
}

const makeJudge = (code: Code<StoredMessage>, work: Work): ((message: StoredMessage) => Verdict) => {
  if (code.single !== undefined) {
    const { single } = code
    return (message) => {
      beginWork(work, message.payload.length)
      const value = single(message)
      return value === true ? "pass" : value === false || value === failed ? "reject" : "ask"
    }
  }
  const many = toMany(code)
  return (message) => {
    beginWork(work, message.payload.length)
    let isTrue = false
    const signal = many(message, (value) => {
      if (value === true) isTrue = true
      // Not a boolean: how to say so is jq's affair.
      else if (value !== false) return unsure
      return goOn
    })
    return signal === unsure ? "ask" : signal === goOn && isTrue ? "pass" : "reject"
  }
}

/** What an expression yields over a message, up to its first error, if it has one. For the comparison with jq. */
export interface Outputs {
  readonly values: ReadonlyArray<Value>
  readonly end: "complete" | "failed" | "unsure"
}

/** Undefined when the expression is not understood. */
export const makeEvaluator = (text: string): ((message: StoredMessage) => Outputs) | undefined => {
  const expression = parseFilter(text)
  if (expression === undefined) return undefined
  const work = makeWork()
  const many = toMany(compile(expression, messageAccess(work), work))
  return (message) => {
    beginWork(work, message.payload.length)
    const values: Array<Value> = []
    const signal = many(message, (value) => {
      values.push(value)
      return goOn
    })
    return { values, end: signal === failed ? "failed" : signal === unsure ? "unsure" : "complete" }
  }
}
