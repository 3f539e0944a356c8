/**
 * Pretty JSON from JSON text. The text is rearranged token by token and never becomes values, so numbers and
 * strings keep their spelling digit for digit. The input must be valid JSON; the result has no final line feed.
 */
import { paint, plain, sgr } from "./color.js"
import type { Style } from "./color.js"

/** Two blanks per level, `"key": value`, empty containers as `[]` and `{}`. */
export const prettyJson = (text: string): string => layOut(text, plain)

/** The same with every token in its colour. */
export const colorJson = (text: string): string => layOut(text, { color: true })

const layOut = (text: string, style: Style): string => {
  let out = ""
  let depth = 0
  let position = skipBlanks(text, 0)
  while (position < text.length) {
    const start = position
    const first = text[start]!
    position = first === '"' ? stringEnd(text, start) : isPunctuation(first) ? start + 1 : wordEnd(text, start)
    const token = text.slice(start, position)
    position = skipBlanks(text, position)
    const next = text[position]
    switch (first) {
      case "{":
      case "[":
        if (next === "}" || next === "]") {
          out += paint(sgr.punctuation, token, style) + paint(sgr.punctuation, next, style)
          position = skipBlanks(text, position + 1)
        } else {
          depth += 1
          out += paint(sgr.punctuation, token, style) + newLine(depth)
        }
        break
      case "}":
      case "]":
        depth -= 1
        out += newLine(depth) + paint(sgr.punctuation, token, style)
        break
      case ",":
        out += paint(sgr.punctuation, token, style) + newLine(depth)
        break
      case ":":
        out += `${paint(sgr.punctuation, token, style)} `
        break
      default:
        out += paint(scalarColor(first, next), token, style)
    }
  }
  return out
}

/** Keys are the strings in front of a colon. */
const scalarColor = (first: string, next: string | undefined): number => {
  if (first === '"') return next === ":" ? sgr.key : sgr.string
  if (first === "t" || first === "f") return sgr.boolean
  return first === "n" ? sgr.null : sgr.number
}

const newLine = (depth: number): string => `\n${"  ".repeat(depth)}`

const isBlank = (character: string): boolean =>
  character === " " || character === "\n" || character === "\r" || character === "\t"

const isPunctuation = (character: string): boolean =>
  character === "{" ||
  character === "}" ||
  character === "[" ||
  character === "]" ||
  character === "," ||
  character === ":"

const skipBlanks = (text: string, start: number): number => {
  let position = start
  while (position < text.length && isBlank(text[position]!)) position += 1
  return position
}

const stringEnd = (text: string, start: number): number => {
  let position = start + 1
  while (position < text.length && text[position] !== '"') position += text[position] === "\\" ? 2 : 1
  return position + 1
}

const wordEnd = (text: string, start: number): number => {
  let position = start + 1
  while (position < text.length && !isPunctuation(text[position]!) && !isBlank(text[position]!)) position += 1
  return position
}
