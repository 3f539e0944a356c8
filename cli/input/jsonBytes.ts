/**
 * The few things that framing has to know about the bytes of JSON text. Only blanks of JSON are blank here: anything
 * else, a byte order mark included, is content.
 */

export const lineFeed = 0x0a
export const recordSeparator = 0x1e
export const quotationMark = 0x22

const tab = 0x09
const carriageReturn = 0x0d
const space = 0x20

export const isBlank = (byte: number): boolean =>
  byte === space || byte === lineFeed || byte === carriageReturn || byte === tab

/** `{` or `[`. */
export const opensContainer = (byte: number): boolean => byte === 0x7b || byte === 0x5b

/** `}` or `]`. */
export const closesContainer = (byte: number): boolean => byte === 0x7d || byte === 0x5d

/** Where the first byte that is not blank is; `end` if there is none. */
export const skipBlanks = (bytes: Uint8Array, start: number, end: number): number => {
  let position = start
  while (position < end && isBlank(bytes[position]!)) position += 1
  return position
}

/** Where the last byte that is not blank ends; `start` if there is none. */
export const trimmedEnd = (bytes: Uint8Array, start: number, end: number): number => {
  let position = end
  while (position > start && isBlank(bytes[position - 1]!)) position -= 1
  return position
}
