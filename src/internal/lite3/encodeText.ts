/**
 * JSON text into payloads, exactly: every integer of 64 bits keeps its value, `1.0` stays a float. A float is stored
 * as the double nearest to its digits; upstream's own conversion may miss that by a unit in the last place.
 */
import { JsonSyntaxError } from "../json/JsonSyntaxError.js"
import { parseExact } from "../json/parseExact.js"
import { dataNesting, encodeValue, writePayload } from "./encodeValue.js"
import { envelopePrefix, placePrefix } from "./envelopePrefix.js"
import { shapeAt } from "./objectShapes.js"
import { PayloadRefused, refusedSyntax } from "./PayloadRefused.js"
import { isPlainObject } from "./resolveValue.js"
import { borrowScratch, returnScratch } from "./Scratch.js"
import { scanMembers } from "./scanMembers.js"
import { writeMembers } from "./writeValue.js"

/**
 * Spellings that `JSON.parse` may lose: an exponent, a fraction of zeros, so many digits that they may not all count.
 * Finding one inside a string costs a little time, nothing else. Up to 15 digits a fraction survives as one.
 */
const mayLoseSpelling = /[0-9](?:[eE]|\.0+(?![0-9])|[0-9.]{15})/

/** Throws `PayloadRefused`. */
export const encodeText = (text: string, tags: ReadonlyArray<string>): Uint8Array =>
  encodeQuickly(text, tags) ?? encodeValue(parseExactly(text), tags)

/**
 * The payload of an object like the one before, without tags. Undefined when the text is anything else, valid or not; what
 * it is `encodeText` would have to say.
 */
export const encodeAlike = (text: string): Uint8Array | undefined => {
  const scratch = borrowScratch()
  try {
    const prefix = envelopePrefix(scratch, noTags)
    const guess = shapeAt(prefix.dataPlace)
    if (!scanMembers(scratch, text, guess)) return undefined
    return scratch.take(writeMembers(scratch, guess, placePrefix(scratch, prefix, guess), dataNesting))
  } catch {
    scratch.forget()
    return undefined
  } finally {
    returnScratch(scratch)
  }
}

const noTags: ReadonlyArray<string> = []

/** Undefined when it takes the exact parser to tell the number, or what is wrong with the text, and where. */
const encodeQuickly = (text: string, tags: ReadonlyArray<string>): Uint8Array | undefined => {
  const scratch = borrowScratch()
  try {
    const prefix = envelopePrefix(scratch, tags)
    const guess = shapeAt(prefix.dataPlace)
    if (scanMembers(scratch, text, guess)) {
      return scratch.take(writeMembers(scratch, guess, placePrefix(scratch, prefix, guess), dataNesting))
    }
    const data = JSON.parse(text) as unknown
    if (!isPlainObject(data)) return undefined
    const end = writePayload(scratch, data, true, tags)
    return scratch.hasNumber && mayLoseSpelling.test(text) ? undefined : scratch.take(end)
  } catch (error) {
    scratch.forget()
    if (error instanceof PayloadRefused && !mayLoseSpelling.test(text)) throw error
    return undefined
  } finally {
    returnScratch(scratch)
  }
}

const parseExactly = (text: string): unknown => {
  try {
    return parseExact(text)
  } catch (error) {
    throw error instanceof JsonSyntaxError ? refusedSyntax(error) : error
  }
}

/** Any JSON text as a value whose numbers `encodeValue` stores as they are spelled. Throws `PayloadRefused`. */
export const parseText = (text: string): unknown => {
  if (mayLoseSpelling.test(text)) return parseExactly(text)
  try {
    return JSON.parse(text) as unknown
  } catch {
    return parseExactly(text)
  }
}
