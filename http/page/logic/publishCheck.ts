/**
 * What is typed to be published, checked before it is sent: JSON, and an object. The text itself is what goes over the
 * wire, so digits stay as they were typed.
 */
import { ExactJsonError, parseExact, printExact, type ExactValue } from "./exactJson.js"

export interface PublishProblem {
  readonly kind: "empty" | "syntax" | "notAnObject" | "duplicateKey"
  readonly message: string
  /** Counted from 1, where it is known. */
  readonly line?: number
  readonly column?: number
}

export type PublishCheck =
  | { readonly dataText: string; readonly problem?: undefined }
  | { readonly problem: PublishProblem; readonly dataText?: undefined }

export const objectRule = 'A message is a JSON object: {"name": value, …}. Put other values into one.'

/** `dataText` is compact, with members and digits as typed. */
export const checkPublish = (text: string): PublishCheck => {
  if (text.trim() === "") return { problem: { kind: "empty", message: "There is nothing to publish yet." } }
  let value: ExactValue
  try {
    value = parseExact(text)
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error
    const { column, line, reason } = error
    return { problem: { kind: "syntax", message: `Line ${line}, column ${column}: ${reason}.`, line, column } }
  }
  if (value.kind !== "object") {
    const found = value.kind === "array" ? "an array" : value.kind === "null" ? "null" : `a ${value.kind}`
    return { problem: { kind: "notAnObject", message: `This is ${found}. ${objectRule}` } }
  }
  const twice = duplicateKey(value)
  if (twice !== undefined) {
    return { problem: { kind: "duplicateKey", message: `The member ${JSON.stringify(twice)} is there twice.` } }
  }
  return { dataText: printExact(value) }
}

/** Anywhere within; JSON allows it, but only one of the two would be stored. */
const duplicateKey = (value: ExactValue): string | undefined => {
  if (value.kind === "array") return firstOf(value.items, duplicateKey)
  if (value.kind !== "object") return undefined
  const keys = new Set<string>()
  for (const { key } of value.members) {
    if (keys.has(key)) return key
    keys.add(key)
  }
  return firstOf(value.members, ({ value: member }) => duplicateKey(member))
}

const firstOf = <A, B>(items: ReadonlyArray<A>, pick: (item: A) => B | undefined): B | undefined => {
  for (const item of items) {
    const found = pick(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** The text spread over lines, or the problem that keeps it from being read. */
export const formatForEditing = (text: string): PublishCheck => {
  try {
    return { dataText: printExact(parseExact(text), 2) }
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error
    return checkPublish(text)
  }
}

/** Tags as typed, separated by commas or line breaks; blanks within a tag stay. */
export const parseTags = (text: string): ReadonlyArray<string> => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "")
  )
]

export interface PublishLine {
  /** Within the pasted text, counted from 1. */
  readonly line: number
  readonly check: PublishCheck
}

/** JSON Lines as pasted or dropped: every line that is not blank. */
export const checkLines = (text: string): ReadonlyArray<PublishLine> =>
  text
    .split(/\r?\n/)
    .flatMap((line, index) => (line.trim() === "" ? [] : [{ line: index + 1, check: checkPublish(line) }]))
