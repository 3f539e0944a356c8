/**
 * CRC-32C (Castagnoli, reflected, initial value and final inversion all ones), eight bytes at a time. It says
 * whether a frame is whole without taking a lock, so it runs for every message written and read.
 */

const polynomial = 0x82f63b78

/** Eight tables of 256 entries in one: table k advances a byte that has k more bytes behind it. */
const tables = ((): Int32Array => {
  const made = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    made[byte] = crc
  }
  for (let index = 256; index < made.length; index++) {
    const previous = made[index - 256]!
    made[index] = (previous >>> 8) ^ made[previous & 255]!
  }
  return made
})()

/** The checksum of `bytes[start, end)`; `before` is the checksum of what came before, to go on from. */
export const crc32c = (bytes: Uint8Array, start: number, end: number, before = 0): number => {
  let crc = ~before
  let at = start
  for (const lastBlock = end - 8; at <= lastBlock; at += 8) {
    crc =
      tables[1792 + ((crc ^ bytes[at]!) & 255)]! ^
      tables[1536 + (((crc >>> 8) ^ bytes[at + 1]!) & 255)]! ^
      tables[1280 + (((crc >>> 16) ^ bytes[at + 2]!) & 255)]! ^
      tables[1024 + ((crc >>> 24) ^ bytes[at + 3]!)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 255]!
  return ~crc >>> 0
}
