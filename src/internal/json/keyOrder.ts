/**
 * The order of object members in payloads and in output: ascending by the UTF-8 bytes of the key, which is code
 * point order. JavaScript compares UTF-16 units, which puts surrogates (U+10000 and up) before U+E000 to U+FFFF.
 */

const firstSurrogate = 0xd800

/** Negative, zero or positive, as `Array.prototype.sort` wants it. */
export const compareKeys = (left: string, right: string): number => {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const leftUnit = left.charCodeAt(index)
    const rightUnit = right.charCodeAt(index)
    if (leftUnit !== rightUnit) return codePointRank(leftUnit) - codePointRank(rightUnit)
  }
  return left.length - right.length
}

/** Moves the surrogates behind all other units. */
const codePointRank = (unit: number): number =>
  unit < firstSurrogate ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800

/** True when JavaScript's own comparison agrees with `compareKeys` for this key and every other such key. */
export const comparesByUnits = (key: string): boolean => {
  for (let index = 0; index < key.length; index++) {
    if (key.charCodeAt(index) >= firstSurrogate) return false
  }
  return true
}
