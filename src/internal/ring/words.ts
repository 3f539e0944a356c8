/**
 * Unsigned 64-bit integers as plain numbers: exact below 2^53, which is checked where it matters; above, they are
 * merely large, so that comparisons with a limit still come out right.
 */

const highWord = 0x1_0000_0000

// Nearly all numbers fit into the low word, and are spared the arithmetic.

const withHigh = (low: number, high: number): number => (high === 0 ? low : low + high * highWord)

export const getNumber64 = (view: DataView, at: number): number =>
  withHigh(view.getUint32(at, true), view.getUint32(at + 4, true))

export const setNumber64 = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, value, true)
  view.setUint32(at + 4, value < highWord ? 0 : value / highWord, true)
}
