/**
 * JSON text into payloads, exactly: every integer of 64 bits keeps its value, `1.0` stays a float. A float is stored
 * as the double nearest to its digits; upstream's own conversion may miss that by a unit in the last place.
 */
import { JsonSyntaxError } from "../json/JsonSyntaxError.js"
import { parseExact } from "../json/parseExact.js"
import { encodeValue } from "./encodeValue.js"
import { refusedSyntax } from "./PayloadRefused.js"

/**
 * Spellings that `JSON.parse` may lose: an exponent, a fraction of zeros, so many digits that they may not all count.
 * Finding one inside a string costs a little time, nothing else. Up to 15 digits a fraction survives as one.
 */
const mayLoseSpelling = /[0-9](?:[eE]|\.0+(?![0-9])|[0-9.]{15})/

/** Throws `PayloadRefused`. */
export const encodeText = (text: string, tags: ReadonlyArray<string>): Uint8Array =>
  encodeValue(mayLoseSpelling.test(text) ? parseExactly(text) : parseQuickly(text), tags)

/** The exact parser knows better what is wrong with a text, and where. */
const parseQuickly = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return parseExactly(text)
  }
}

const parseExactly = (text: string): unknown => {
  try {
    return parseExact(text)
  } catch (error) {
    throw error instanceof JsonSyntaxError ? refusedSyntax(error) : error
  }
}
