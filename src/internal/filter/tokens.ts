/**
 * Cuts the text of a filter into jq's tokens, always the longest that fits. Texts are taken only if every token is
 * one whose meaning is beyond doubt: a number that doubles and decimals agree on, a string without interpolation.
 */

export type Token =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  /** `.name` */
  | { readonly kind: "field"; readonly value: string }
  | { readonly kind: "name"; readonly value: string }
  | { readonly kind: "symbol"; readonly value: string }

const blanks = /[ \t\r\n]+/y
const number = /[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?/y
const field = /\.[a-zA-Z_]\w*/y
const name = /(?:[a-zA-Z_]\w*::)*[a-zA-Z_]\w*/y
// Those that are not understood are there all the same, so that no part of them is taken for another.
const symbol = /\?\/\/=|\?\/\/|\/\/=|[|+\-*/%=!<>]=|\/\/|\.\.|[.[\](){}|,:;=<>+\-*/%?]/y
const string = /"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy

const plainNumber = /^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
/** Filters are trees of functions that call each other. */
const mostTokens = 1_000
const mostDigits = 15
const largestNumber = 1e15
const smallestNumber = 1e-15

const matchAt = (pattern: RegExp, text: string, index: number): string => {
  pattern.lastIndex = index
  return pattern.exec(text)?.[0] ?? ""
}

/** The tokens, or undefined if there is any that is not for us. */
export const readTokens = (text: string): ReadonlyArray<Token> | undefined => {
  const tokens: Array<Token> = []
  let index = 0
  while (index < text.length) {
    const gap = matchAt(blanks, text, index)
    if (gap !== "") {
      index += gap.length
      continue
    }
    let token: Token | undefined
    let part: string
    if ((part = matchAt(string, text, index)) !== "") token = stringToken(part)
    else if ((part = matchAt(number, text, index)) !== "") token = numberToken(part)
    else if ((part = matchAt(field, text, index)) !== "") token = { kind: "field", value: part.slice(1) }
    else if ((part = matchAt(name, text, index)) !== "") token = { kind: "name", value: part }
    else if ((part = matchAt(symbol, text, index)) !== "") token = { kind: "symbol", value: part }
    if (token === undefined || tokens.length === mostTokens) return undefined
    tokens.push(token)
    index += part.length
  }
  return tokens
}

/** Up to 15 digits, decimals and doubles stand for each other, one to one and in the same order. */
const numberToken = (text: string): Token | undefined => {
  if (!plainNumber.test(text)) return undefined
  const digits = text
    .replace(/[eE].*$/, "")
    .replace(".", "")
    .replace(/^0+/, "")
  const value = Number(text)
  if (digits.length > mostDigits || value > largestNumber) return undefined
  return value < smallestNumber && digits !== "" ? undefined : { kind: "number", value }
}

const unsafeText = /[\p{Surrogate}\0]/u

/** The escapes are those of JSON. */
const stringToken = (text: string): Token | undefined => {
  const value = JSON.parse(text) as string
  return unsafeText.test(value) ? undefined : { kind: "string", value }
}
