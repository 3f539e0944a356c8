/**
 * The members of an object straight from its JSON text, as long as they are those of a shape that is known, in the same
 * order, and their values are plain: short strings without escapes, numbers whose spelling says no more than their
 * value, `true`, `false`, `null`. Most lines of a feed are like the line before; everything else takes the long way.
 */
import type { ObjectShape } from "./objectShapes.js"
import type { Scratch } from "./Scratch.js"

const Char = {
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  nine: 0x39,
  backslash: 0x5c,
  openBrace: 0x7b,
  closeBrace: 0x7d
} as const

/** For longer strings `JSON.parse` is faster. */
const mostUnits = 64

/** False when the text is not as simple as that, or not valid. Otherwise the values lie on top of the stack. */
export const scanMembers = (scratch: Scratch, text: string, shape: ObjectShape): boolean => {
  const { memberTexts } = shape
  if (memberTexts === undefined) return false
  const { values, valuesTop } = scratch
  const count = memberTexts.length
  if (count === 0 || text.charCodeAt(0) !== Char.openBrace) return false
  let at = 1
  for (let member = 0; member < count; member++) {
    at = skipSpaces(text, at)
    const memberText = memberTexts[member]!
    if (!text.startsWith(memberText, at)) return false
    at = skipSpaces(text, at + memberText.length)
    const first = text.charCodeAt(at)
    const start = at
    if (first === Char.quote) {
      at = stringEnd(text, at + 1)
      if (at < 0) return false
      values[valuesTop + member] = text.slice(start + 1, at)
      at++
    } else if (first === Char.minus || (first >= Char.zero && first <= Char.nine)) {
      at = numberEnd(text, at)
      const literal = text.slice(start, at)
      const value = Number(literal)
      // The one way JavaScript writes it: then JSON allows it and, where it is exact, nothing is lost.
      if (String(value) !== literal || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false
      values[valuesTop + member] = value
    } else {
      const literal = literalAt(text, at)
      if (literal === undefined) return false
      values[valuesTop + member] = literal
      at += literal === false ? 5 : 4
    }
    at = skipSpaces(text, at)
    if (text.charCodeAt(at++) !== (member + 1 < count ? Char.comma : Char.closeBrace)) return false
  }
  return at === text.length
}

const skipSpaces = (text: string, at: number): number => {
  while (text.charCodeAt(at) === Char.space) at++
  return at
}

/** Where the closing quote stands, or -1. */
const stringEnd = (text: string, start: number): number => {
  const limit = Math.min(text.length, start + mostUnits)
  for (let at = start; at < limit; at++) {
    const unit = text.charCodeAt(at)
    if (unit === Char.quote) return at
    if (unit === Char.backslash || unit < Char.space) return -1
  }
  return -1
}

const numberEnd = (text: string, start: number): number => {
  for (let at = start + 1; ; at++) {
    const unit = text.charCodeAt(at)
    const isPart = (unit >= Char.zero && unit <= Char.nine) || unit === Char.point
    if (!isPart) return at
  }
}

const literalAt = (text: string, at: number): boolean | null | undefined => {
  if (text.startsWith("true", at)) return true
  if (text.startsWith("false", at)) return false
  return text.startsWith("null", at) ? null : undefined
}
