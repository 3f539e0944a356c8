/**
 * Stored numbers as JSON text. A float keeps a fraction or an exponent, so that reading the text gives a float
 * again; the digits are the shortest that name this double.
 */

/** `1.0`, `0.1`, `-0.0`, `1e21`, `5e-324`. The value must be finite. */
export const floatText = (value: number): string => {
  if (value === 0) return 1 / value < 0 ? "-0.0" : "0.0"
  const text = String(value)
  if (!Number.isInteger(value)) return text
  return text.includes("e") ? text.replace("e+", "e") : `${text}.0`
}

/** The decimal digits of a signed 64-bit integer given as two halves. */
export const integerText = (high: number, low: number): string => {
  const value = high * 0x1_0000_0000 + (low >>> 0)
  return Number.isSafeInteger(value) ? String(value) : String(wideInteger(high, low))
}

/** The signed 64-bit integer of two halves. */
export const wideInteger = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0)
