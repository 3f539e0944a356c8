/**
 * Regular expressions of `test` that are so plain that all engines agree: literal text, `.*` between, `^` and `$`,
 * alternatives, and `i` among ASCII. Matching takes time in proportion to the text. Where engines differ over a
 * text (line breaks beside anchors, case beyond ASCII), jq is asked.
 */
import { unsure } from "./value.js"

export type Pattern = (text: string) => boolean | typeof unsure

/** One alternative: its parts come one after the other, with anything but line breaks between. */
interface Alternative {
  readonly parts: ReadonlyArray<string>
  readonly atStart: boolean
  readonly atEnd: boolean
}

const alternativePattern = /^(\^?)((?:[^\\^$.|?*+()[\]{}]|\\[\\^$.|?*+()[\]{}/-]|\.\*)+)(\$?)$/
const asciiOnly = /^[\0-\x7f]*$/
const mostCharacters = 1_000

/** Undefined when the pattern is more than plain. */
export const parsePattern = (pattern: string, ignoresCase: boolean): Pattern | undefined => {
  if (pattern.length > mostCharacters || (ignoresCase && !asciiOnly.test(pattern))) return undefined
  const alternatives: Array<Alternative> = []
  for (const text of splitAlternatives(ignoresCase ? pattern.toLowerCase() : pattern)) {
    const match = alternativePattern.exec(text)
    if (match === null) return undefined
    alternatives.push({ parts: literalParts(match[2]!), atStart: match[1] === "^", atEnd: match[3] === "$" })
  }
  const first = alternatives[0]!
  const isText = alternatives.length === 1 && first.parts.length === 1 && !first.atStart && !first.atEnd
  const search = isText ? (text: string) => text.includes(first.parts[0]!) : searchFor(alternatives)
  if (!ignoresCase) return search
  return (text) => (asciiOnly.test(text) ? search(text.toLowerCase()) : unsure)
}

/** At each bar without a backslash. */
const splitAlternatives = (pattern: string): ReadonlyArray<string> => {
  const alternatives = [""]
  for (const [part] of pattern.matchAll(/\\[^]|[^]/g)) {
    if (part === "|") alternatives.push("")
    else alternatives[alternatives.length - 1] += part
  }
  return alternatives
}

/** The texts before, between and after each `.*`. */
const literalParts = (text: string): ReadonlyArray<string> => {
  const parts = [""]
  for (const [piece] of text.matchAll(/\.\*|\\?[^]/g)) {
    if (piece === ".*") parts.push("")
    else parts[parts.length - 1] += piece.slice(-1)
  }
  return parts
}

const searchFor = (alternatives: ReadonlyArray<Alternative>): Pattern => {
  const caresForLines = alternatives.some(({ atEnd, atStart, parts }) => atStart || atEnd || parts.length > 1)
  return (text) =>
    caresForLines && text.includes("\n") ? unsure : alternatives.some((alternative) => occurs(alternative, text))
}

/** Taking each part as early as it comes leaves the most room for the next. */
const occurs = ({ atEnd, atStart, parts }: Alternative, text: string): boolean => {
  let from = 0
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!
    const isLast = index === parts.length - 1
    if (index === 0 && atStart) {
      if (!text.startsWith(part)) return false
      from = part.length
      if (isLast && atEnd && text.length !== from) return false
    } else if (isLast && atEnd) {
      return text.length - part.length >= from && text.endsWith(part)
    } else {
      const found = text.indexOf(part, from)
      if (found < 0) return false
      from = found + part.length
    }
  }
  return true
}
