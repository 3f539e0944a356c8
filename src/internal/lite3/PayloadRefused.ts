/**
 * Why a value or a text cannot become a payload. Nothing has been written when this is thrown.
 */
import type { JsonSyntaxError } from "../json/JsonSyntaxError.js"
import { PoolError } from "../../PoolError.js"

/**
 * - `syntax`: no acceptable JSON text says this: malformed text, a number out of range, half a surrogate pair.
 * - `shape`: fine as JSON, but not what a message can hold: not an object, a NUL in a key, something JSON lacks.
 * - `tags`: the message may be in order, its tags are not.
 * - `integer`: more digits than the format has room for.
 * - `limit`: too deep, too large, or too many keys with the same hash.
 */
export type RefusalKind = "syntax" | "shape" | "tags" | "integer" | "limit"

const hints: Record<RefusalKind, string> = {
  syntax: "Give one strict JSON value: double quotes, no comments, no trailing commas, finite numbers.",
  shape: 'Message data is a JSON object, such as {"text": "hello"}; put other values into a member of one.',
  tags: 'Tags are an array of strings, such as ["image", "urgent"].',
  integer: "Integers are exact within 64 bits; put a longer one into a string.",
  limit: "Split the message, or flatten it: 31 nested levels and 256 MiB are the most a payload can hold."
}

export class PayloadRefused extends Error {
  /** Character offset into the text, where there is a text. */
  readonly position?: number

  constructor(
    readonly kind: RefusalKind,
    message: string,
    position?: number
  ) {
    super(message)
    this.name = "PayloadRefused"
    if (position !== undefined) this.position = position
  }

  toPoolError(): PoolError {
    const where = this.position === undefined ? "" : ` (at character ${this.position + 1})`
    return new PoolError({ reason: "Usage", message: `${this.message}${where}`, hint: hints[this.kind] })
  }
}

export const refusedSyntax = (error: JsonSyntaxError): PayloadRefused =>
  new PayloadRefused(error.kind, error.message, error.position)

/** The JavaScript string has no UTF-8 form. */
export const refusedSurrogate = (what: string): PayloadRefused =>
  new PayloadRefused("syntax", `${what} contains an unpaired surrogate, which is not a character`)
