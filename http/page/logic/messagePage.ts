/**
 * A page of history as the server sends it: the messages are cut out of the text, not parsed and printed again, so their
 * data stays what was sent.
 */
import { ExactJsonError, memberSpans } from "./exactJson.js"
import { parseMessage, type PageMessage } from "./message.js"
import type { Bounds } from "./connection.js"

export interface MessagePage {
  /** Ascending. */
  readonly messages: ReadonlyArray<PageMessage>
  readonly bounds: Bounds
  /** Where the next page begins; undefined when there is none. */
  readonly nextAfterSeq: number | undefined
  /** Where the page before ends; undefined when there is none. */
  readonly prevBeforeSeq: number | undefined
  /** Messages right behind the place that was asked for are gone. */
  readonly fellBehind: boolean
}

/** Throws `ExactJsonError`. */
export const parseMessagePage = (text: string): MessagePage => {
  const members = new Map((memberSpans(text) ?? []).map(({ end, key, start }) => [key, text.slice(start, end)]))
  const rest = <A>(key: string, otherwise: A): A => {
    const part = members.get(key)
    return part === undefined ? otherwise : ((JSON.parse(part) as A | null) ?? otherwise)
  }
  return {
    messages: elementsOf(members.get("messages") ?? "[]").map(parseMessage),
    bounds: rest<Bounds>("bounds", {}),
    nextAfterSeq: rest<number | undefined>("next_after_seq", undefined),
    prevBeforeSeq: rest<number | undefined>("prev_before_seq", undefined),
    fellBehind: rest("fell_behind", false)
  }
}

/** The message in `{"message":…}`. */
export const parseMessageAnswer = (text: string): PageMessage => {
  const span = memberSpans(text)?.find(({ key }) => key === "message")
  if (span === undefined) throw new ExactJsonError("no message in the answer", text, 0)
  return parseMessage(text.slice(span.start, span.end))
}

/** The texts of an array's elements. */
export const elementsOf = (array: string): ReadonlyArray<string> => {
  const elements: Array<string> = []
  let depth = 0
  let start = -1
  for (let index = 0; index < array.length; index++) {
    const unit = array.charCodeAt(index)
    if (unit === quote) {
      for (index++; index < array.length && array.charCodeAt(index) !== quote; index++) {
        if (array.charCodeAt(index) === backslash) index++
      }
    } else if (unit === openBrace || unit === openBracket) {
      depth++
      if (depth === 1) start = index + 1
    } else if (unit === closeBrace || unit === closeBracket) depth--
    const isEnd = depth === 0 && unit === closeBracket
    if (isEnd || (depth === 1 && unit === comma)) {
      const element = array.slice(start, index).trim()
      if (element !== "") elements.push(element)
      start = index + 1
    }
    if (isEnd) break
  }
  return elements
}

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
