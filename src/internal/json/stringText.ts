/**
 * Strings and bytes as JSON text. Most strings need no escape, and quoting them is all there is to do.
 */

// The class of control characters is wider than what must be escaped; for the rest `JSON.stringify` only quotes, too.
const mayNeedEscape = /["\\\p{Cc}]/u

/** The string as JSON text. It must be well formed, which decoded UTF-8 always is. */
export const stringText = (text: string): string => (mayNeedEscape.test(text) ? JSON.stringify(text) : `"${text}"`)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** Standard base64 with padding. */
export const base64Text = (bytes: Uint8Array): string => {
  const parts: Array<string> = []
  for (let index = 0; index < bytes.length; index += 3) {
    const missing = Math.max(0, index + 3 - bytes.length)
    const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
    parts.push(
      alphabet[group >>> 18]!,
      alphabet[(group >>> 12) & 63]!,
      missing === 2 ? "=" : alphabet[(group >>> 6) & 63]!,
      missing >= 1 ? "=" : alphabet[group & 63]!
    )
  }
  return parts.join("")
}
