/** A character as an error names it: a byte order mark, say, must not hide in the message. */
export const visibleCharacter = (codePoint: number): string =>
  codePoint > 0x20 && codePoint < 0x7f
    ? `"${String.fromCodePoint(codePoint)}"`
    : `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`
