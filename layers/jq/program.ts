/**
 * The jq program that judges a message: all expressions in one, so that jq runs once over a batch. It writes exactly
 * one line for each message: `true`, `false`, or `[number of the expression, "what it answered"]`.
 */
import { ownNames } from "./expression.js"

/** As much of an answer that is not a boolean as a person needs to recognize it. */
const shownCharacters = 160

// Outputs are taken in order, and the first that decides ends it: an error makes the message fail, whatever came
// before it, and what is neither `true` nor `false` is passed on, whatever would come after it. The inner `try` sees
// the expression's own errors only, so no expression can forge the array that the outer one lets through.
const judge = `
def ${ownNames}_judge(expression):
  try
    reduce (try expression catch error(null)) as $answer (false;
      if $answer == true then true
      elif $answer == false then .
      else error([$answer | tojson[:${shownCharacters}]]) end)
  catch .;`

/** The program for expressions that are complete in themselves. The blank line ends whatever a comment may do. */
export const judgingProgram = (expressions: ReadonlyArray<string>): string => {
  const definitions = expressions.map((expression, index) => `def ${ownNames}_${index}: (${expression}\n\n);`)
  const verdict = expressions.reduceRight(
    (rest, _, index) =>
      `(${ownNames}_judge(${ownNames}_${index}) as $verdict | ` +
      `if $verdict == true then ${rest} elif $verdict then [${index}] + $verdict else false end)`,
    "true"
  )
  return `${definitions.join("\n")}\n${judge}\n${verdict}\n`
}
