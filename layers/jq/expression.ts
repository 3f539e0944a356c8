/**
 * Reads a jq expression as far as needed to say that it stands on its own (brackets and strings are closed, so it
 * cannot reach out of the parentheses that it is put into) and that it asks for nothing but the message. Whether it
 * is an expression at all, jq decides.
 */

/** What jq offers to get at files, modules, the environment, other input or the process. */
const outsideWords = new Set([
  "debug",
  "env",
  "get_jq_origin",
  "get_prog_origin",
  "get_search_list",
  "halt",
  "halt_error",
  "import",
  "include",
  "input",
  "input_filename",
  "input_line_number",
  "inputs",
  "module",
  "modulemeta",
  "stderr",
  "$ENV",
  "$__prog_args"
])

/** Names that begin so are given to the expressions themselves; one expression must not call another. */
export const ownNames = "__where"

export type ReadExpression =
  /** The expression without its comments, on which jq's versions disagree. */
  | { readonly code: string; readonly problem?: undefined }
  /** What is wrong with it, and whether it is one of the words that filters do not have. */
  | { readonly problem: string; readonly outside: boolean }

const blanks = /[ \t\r\n]+/y
// A backslash takes the next character along, so a comment may go on in the next line.
const comment = /#(?:\\(?:\r\n|[^])|[^\\\n])*\\?/y
// A field and a variable are one token each, which is why the words in them are only names.
const token = /\.?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?|\.[a-zA-Z_]\w*|[$@]\w+|(?:[a-zA-Z_]\w*::)*[a-zA-Z_]\w*|[^]/y
const stringText = /[^"\\]+/y

const closers: Record<string, string> = { "(": ")", "[": "]", "{": "}", "\\(": ")" }

const matchAt = (pattern: RegExp, text: string, index: number): string => {
  pattern.lastIndex = index
  return pattern.exec(text)?.[0] ?? ""
}

/** Reads `text`, an expression as a person wrote it. */
export const readExpression = (text: string): ReadExpression => {
  const open: Array<string> = []
  let code = ""
  let previous = ""
  let index = 0
  while (index < text.length) {
    const inside = open.at(-1)
    if (inside === '"') {
      const part = matchAt(stringText, text, index) || text.slice(index, index + (text[index] === "\\" ? 2 : 1))
      if (part === '"') open.pop()
      else if (part === "\\(") open.push(part)
      previous = part
      code += part
      index += part.length
      continue
    }
    const gap = matchAt(blanks, text, index) || matchAt(comment, text, index)
    if (gap !== "") {
      code += " "
      index += gap.length
      continue
    }
    const word = matchAt(token, text, index)
    // In braces, what follows the brace or a comma is the name of a field.
    const isKey = inside === "{" && (previous === "{" || previous === ",")
    if (!isKey || word.startsWith("$")) {
      if (outsideWords.has(word)) return { problem: `a filter cannot use "${word}"`, outside: true }
      if (word.startsWith(ownNames)) return { problem: `${word} is not defined`, outside: false }
    }
    if (word === '"' || word === "(" || word === "[" || word === "{") open.push(word)
    else if (word === ")" || word === "]" || word === "}") {
      if (inside === undefined || closers[inside] !== word) {
        return { problem: `"${word}" closes nothing`, outside: false }
      }
      open.pop()
    }
    previous = word
    code += word
    index += word.length
  }
  const left = open.at(-1)
  if (left === '"') return { problem: "a string is not closed", outside: false }
  if (left !== undefined) return { problem: `"${left.at(-1)}" is not closed`, outside: false }
  return code.trim() === "" ? { problem: "it is empty", outside: false } : { code }
}
