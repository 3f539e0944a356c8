/**
 * What a person reads when a filter is wrong. The message says what is wrong with it; the hint shows the expression and
 * one that works.
 */
import { PoolError } from "../../src/PoolError.js"

const example = '.data.level == "error"'
const shownCharacters = 200

const inOneLine = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line
}

/** The first thing jq says, without the prefix of a program and the place in a text that the person did not write. */
const firstComplaint = (complaint: string): string =>
  inOneLine(complaint.split("\n")[0] ?? "")
    .replace(/^jq: error: /, "")
    .replace(/(?: \(Unix shell quoting issues\?\))? at <top-level>.*$/, "")

/** What other languages say, and jq says otherwise. */
const slips: ReadonlyArray<readonly [slip: RegExp, advice: string]> = [
  [/===|!==/, "jq compares with `==` and `!=`"],
  [/&&|\|\|/, "jq says `and` and `or`"],
  [/'/, "strings are in double quotes"],
  [/^\s*(?:data|meta|seq|time)\b/, "the members of a message begin with a dot"]
]

const adviceOn = (expression: string): string => {
  const advice = slips.flatMap(([slip, said]) => (slip.test(expression) ? [said] : []))
  return advice.length === 0 ? "" : `: ${advice.join("; ")}`
}

/** `expression` is none, for the reason that jq gave. */
export const compileError = (expression: string, complaint: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the filter does not compile: ${firstComplaint(complaint)}`,
    hint: `\`${inOneLine(expression)}\` is not a jq expression${adviceOn(expression)}; try one such as: ${example}`
  })

/** `expression` asks for more than the message. */
export const outsideError = (expression: string, problem: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the filter does not compile: ${problem}`,
    hint: `\`${inOneLine(expression)}\` may use the message only, for example: ${example}`
  })

/** `expression` compiles, and answered with `value`, a JSON text. */
export const answerError = (expression: string, value: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the filter answered ${inOneLine(value)}, not true or false`,
    hint: `\`${inOneLine(expression)}\` answered ${inOneLine(value)}; make it a comparison, for example: ${example}`
  })

/** jq itself cannot be run here. */
export const engineError = (detail: string): PoolError =>
  new PoolError({
    reason: "Internal",
    message: "the filter engine does not start",
    hint: "Filters need the package jq-wasm; install it again.",
    causes: [inOneLine(detail)]
  })
