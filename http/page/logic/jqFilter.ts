/**
 * The jq filter of the list, evaluated in the page with the verdicts of jq: the same parser and evaluator that the
 * library has for stored messages, over the parsed text. What they do not understand is reported, never ignored; the
 * server, which has all of jq, can be asked instead.
 */
import { compile, goOn, toMany, type Access, type Code } from "../../../src/internal/filter/compile.js"
import { parseFilter } from "../../../src/internal/filter/parse.js"
import { readTokens, type Token } from "../../../src/internal/filter/tokens.js"
import { failed, isPlain, unsure, type Outcome, type Value } from "../../../src/internal/filter/value.js"
import { beginWork, makeWork } from "../../../src/internal/filter/work.js"
import { memberSpans, parseExact, type ExactValue } from "./exactJson.js"
import type { PageMessage } from "./message.js"

export type FilterVerdict =
  | "pass"
  | "reject"
  /** Only jq itself could tell: numbers beyond what JavaScript holds exactly, an answer that is no boolean. */
  | "unsure"

export interface LocalFilter {
  readonly judge: (message: PageMessage) => FilterVerdict
}

export interface FilterProblem {
  /** `syntax`: nobody understands it. `beyond`: jq does, this page does not. */
  readonly kind: "syntax" | "beyond"
  readonly message: string
  /** Where in the text, from 0, if it is known. */
  readonly position: number | undefined
}

export type CompiledFilter =
  | { readonly filter: LocalFilter; readonly problem?: undefined }
  | { readonly problem: FilterProblem; readonly filter?: undefined }

/** One expression; several are joined with `allOf`. */
export const compileFilter = (text: string): CompiledFilter => {
  const problem = bracketProblem(text)
  if (problem !== undefined) return { problem }
  const expression = parseFilter(text)
  if (expression === undefined) return { problem: whyNot(text) }
  const work = makeWork()
  const judge = judgeBy(compile(expression, access, work))
  return {
    filter: {
      judge: (message) => {
        beginWork(work, message.dataText.length)
        return judge(message)
      }
    }
  }
}

/** Every filter must let the message pass; a rejection by one settles it. */
export const allOf = (filters: ReadonlyArray<LocalFilter>): LocalFilter => ({
  judge: (message) => {
    let verdict: FilterVerdict = "pass"
    for (const filter of filters) {
      const said = filter.judge(message)
      if (said === "reject") return said
      if (said === "unsure") verdict = said
    }
    return verdict
  }
})

const judgeBy = (code: Code<PageMessage>): ((message: PageMessage) => FilterVerdict) => {
  const many = toMany(code)
  return (message) => {
    let isTrue = false
    const signal = many(message, (value) => {
      if (value === true) isTrue = true
      else if (value !== false) return unsure
      return goOn
    })
    return signal === unsure ? "unsure" : signal === goOn && isTrue ? "pass" : "reject"
  }
}

/**
 * Only what a path asks for is read: mostly one member of the data. The members of the whole are in the order of the
 * text, which is jq's.
 */
const access: Access<PageMessage> = {
  whole: (message) =>
    withData(
      message,
      (data) =>
        new Map<string, Value>([
          ["seq", message.seq],
          ["time", message.time],
          ["meta", new Map([["tags", message.tags]])],
          ["data", data]
        ])
    ),
  path: (steps) => {
    const [first, second] = steps
    if (first?.isOptional !== false || steps.length > (first.key === "data" ? 2 : 1)) return undefined
    switch (first.key) {
      case "seq":
        return (message) => message.seq
      case "time":
        return (message) => message.time
      case "meta":
        return (message) => new Map([["tags", message.tags]])
      case "data": {
        if (second === undefined) return (message) => withData(message, (data) => data)
        const { isOptional, key } = second
        return isOptional || key === undefined ? undefined : (message) => dataMember(message, key)
      }
      default:
        return undefined
    }
  },
  comparison: () => undefined
}

const withData = (message: PageMessage, use: (data: Value) => Outcome): Outcome => {
  const data = plainValue(parseExact(message.dataText))
  return data === unsure ? unsure : use(data)
}

const dataMember = ({ dataText }: PageMessage, key: string): Outcome => {
  const spans = memberSpans(dataText)
  if (spans === undefined) return failed
  const span = spans.findLast((member) => member.key === key)
  return span === undefined ? null : plainValue(parseExact(dataText.slice(span.start, span.end)))
}

const plainNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

/** As filters compute with it; unsure when a number in it is none that doubles hold as jq does. */
const plainValue = (value: ExactValue): Value | typeof unsure => {
  switch (value.kind) {
    case "null":
      return null
    case "boolean":
    case "string":
      return value.value
    case "number": {
      const number = Number(value.text)
      const isWhole = !/[.eE]/.test(value.text)
      return plainNumber.test(value.text) && isPlain(number) && (!isWhole || Number.isSafeInteger(number))
        ? number
        : unsure
    }
    case "array": {
      const items: Array<Value> = []
      for (const item of value.items) {
        const plain = plainValue(item)
        if (plain === unsure) return unsure
        items.push(plain)
      }
      return items
    }
    case "object": {
      const members = new Map<string, Value>()
      for (const member of value.members) {
        const plain = plainValue(member.value)
        if (plain === unsure) return unsure
        members.set(member.key, plain)
      }
      return members
    }
  }
}

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" }

/** What is wrong for any jq: nothing there, brackets or strings that do not close. */
const bracketProblem = (text: string): FilterProblem | undefined => {
  if (text.trim() === "") return { kind: "syntax", message: "The filter is empty.", position: undefined }
  const open: Array<{ readonly bracket: string; readonly position: number }> = []
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!
    if (character === '"') {
      const length = /^"(?:[^"\\]|\\[^])*"/.exec(text.slice(index))?.[0].length
      if (length === undefined) return { kind: "syntax", message: "A string is not closed.", position: index }
      index += length - 1
    } else if (closers[character] !== undefined) open.push({ bracket: character, position: index })
    else if (character === ")" || character === "]" || character === "}") {
      const last = open.pop()
      if (last === undefined || closers[last.bracket] !== character) {
        return { kind: "syntax", message: `"${character}" closes nothing.`, position: index }
      }
    }
  }
  const left = open.at(-1)
  return left && { kind: "syntax", message: `"${left.bracket}" is not closed.`, position: left.position }
}

/** Words and signs of jq that are known not to be understood here. */
const beyondWords = new Set(
  "def module import include if then else elif end as reduce foreach try catch label break limit while until repeat range match capture scan split sub gsub ascii tojson fromjson tostring tonumber keys values_of to_entries from_entries with_entries map_values path paths getpath delpaths del recurse env input debug now mktime strftime strptime fromdate todate date min max min_by max_by group_by sort sort_by unique unique_by flatten add join index indices ltrimstr rtrimstr explode implode abs floor ceil round sqrt pow log splits walk error halt isvalid".split(
    " "
  )
)

/** The parser only says that it does not understand; this looks for the most likely reason. */
const whyNot = (text: string): FilterProblem => {
  const sign = /\\\(|\$[A-Za-z_]\w*|@[A-Za-z]\w*|\?\/\/|\.\.|#|\|=|\/\/=|[+\-*/%]=|(?<![=!<>])=(?!=)/.exec(
    text.replace(/"(?:[^"\\]|\\[^(])*"/g, (string) => " ".repeat(string.length))
  )
  if (sign !== null) {
    const message =
      sign[0] === "=" ? 'A comparison is written "==".' : `"${sign[0]}" is beyond the filter of this page.`
    return { kind: sign[0] === "=" ? "syntax" : "beyond", message, position: sign.index }
  }
  const tokens = readTokens(text)
  const word = tokens?.find(
    (token) => token.kind === "name" && (beyondWords.has(token.value) || !isKnown(token, tokens))
  )
  if (word !== undefined) {
    const name = String(word.value)
    const message = beyondWords.has(name)
      ? `"${name}" is beyond the filter of this page.`
      : `"${name}" is not known here. A field needs a dot, ".${name}"; a text needs quotes.`
    return { kind: "beyond", message, position: positionOf(text, name) }
  }
  if (/\btest\s*\(/.test(text)) {
    return {
      kind: "beyond",
      message: "This page understands test with plain text, .*, ^, $ and | only.",
      position: positionOf(text, "test")
    }
  }
  return { kind: "beyond", message: "This is beyond the filter of this page.", position: undefined }
}

const positionOf = (text: string, word: string): number | undefined => {
  const found = new RegExp(`(?<![.\\w])${word}\\b`).exec(text)
  return found?.index
}

/** Whether a word alone, or with one or two arguments, is a filter; as a key of an object it may be anything. */
const isKnown = (token: Token, tokens: ReadonlyArray<Token>): boolean => {
  const name = String(token.value)
  if (name === "and" || name === "or") return true
  const next = tokens[tokens.indexOf(token) + 1]
  if (next?.kind === "symbol" && next.value === ":") return true
  return [name, `${name}("")`, `${name}(""; "i")`, `${name}(.)`, `${name}(.; .)`].some(
    (text) => parseFilter(text) !== undefined
  )
}
