/**
 * CRC-32C (Castagnoli, reflected, initial value and final inversion all ones), sixteen bytes at a time. It says
 * whether a frame is whole without taking a lock, so it runs for every message written and read.
 *
 * Messages of one pool begin alike: the envelope, the keys, all in the same places. Comparing bytes is several times
 * cheaper than summing them up, so of a payload that begins like one seen lately only the rest is summed up.
 */

const polynomial = 0x82f63b78

/** Sixteen tables of 256 entries in one: table k advances a byte that has k more bytes behind it. */
const tables = ((): Int32Array => {
  const made = new Int32Array(16 * 256)
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

/** The checksum of the bytes `[start, end)`; `before` is the checksum of what came before, to go on from. */
export const crc32c = (view: DataView, start: number, end: number, before = 0): number => {
  let crc = ~before
  let at = start
  for (const lastBlock = end - 16; at <= lastBlock; at += 16) {
    const fourth = view.getInt32(at + 12, true)
    const third = view.getInt32(at + 8, true)
    const second = view.getInt32(at + 4, true)
    const first = view.getInt32(at, true) ^ crc
    // What waits for the block before comes last, so that the other lookups need not wait.
    crc =
      tables[fourth >>> 24]! ^
      tables[256 + ((fourth >>> 16) & 255)]! ^
      tables[512 + ((fourth >>> 8) & 255)]! ^
      tables[768 + (fourth & 255)]! ^
      tables[1024 + (third >>> 24)]! ^
      tables[1280 + ((third >>> 16) & 255)]! ^
      tables[1536 + ((third >>> 8) & 255)]! ^
      tables[1792 + (third & 255)]! ^
      tables[2048 + (second >>> 24)]! ^
      tables[2304 + ((second >>> 16) & 255)]! ^
      tables[2560 + ((second >>> 8) & 255)]! ^
      tables[2816 + (second & 255)]! ^
      (tables[3072 + (first >>> 24)]! ^
        tables[3328 + ((first >>> 16) & 255)]! ^
        tables[3584 + ((first >>> 8) & 255)]! ^
        tables[3840 + (first & 255)]!)
  }
  for (const lastWord = end - 4; at <= lastWord; at += 4) {
    const word = view.getInt32(at, true) ^ crc
    crc =
      tables[word >>> 24]! ^
      tables[256 + ((word >>> 16) & 255)]! ^
      tables[512 + ((word >>> 8) & 255)]! ^
      tables[768 + (word & 255)]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ tables[(crc ^ view.getUint8(at)) & 255]!
  return ~crc >>> 0
}

const blockBytes = 32
const blockWords = blockBytes / 4
const mostBlocks = 16
/** One payload in so many is remembered: often enough to follow a change, seldom enough to cost nothing. */
const payloadsPerMemory = 32

/** How a payload seen lately begins, in whole blocks, and the checksum before each of them and behind the last. */
const knownWords = new Int32Array(mostBlocks * blockWords)
const knownChecksums = new Int32Array(mostBlocks + 1)
let knownBlocks = 0
let payloadsToMemory = 0

/** The checksum of a payload at `[start, end)`: the same as `crc32c` says, mostly sooner. */
export const payloadChecksum = (view: DataView, start: number, end: number): number => {
  if (--payloadsToMemory < 0) {
    payloadsToMemory = payloadsPerMemory - 1
    remember(view, start, end)
  }
  const blocks = Math.min(knownBlocks, (end - start) >>> 5)
  let block = 0
  let at = start
  for (; block < blocks; block++, at += blockBytes) {
    const known = block * blockWords
    const difference =
      (view.getInt32(at, true) ^ knownWords[known]!) |
      (view.getInt32(at + 4, true) ^ knownWords[known + 1]!) |
      (view.getInt32(at + 8, true) ^ knownWords[known + 2]!) |
      (view.getInt32(at + 12, true) ^ knownWords[known + 3]!) |
      (view.getInt32(at + 16, true) ^ knownWords[known + 4]!) |
      (view.getInt32(at + 20, true) ^ knownWords[known + 5]!) |
      (view.getInt32(at + 24, true) ^ knownWords[known + 6]!) |
      (view.getInt32(at + 28, true) ^ knownWords[known + 7]!)
    if (difference !== 0) break
  }
  return crc32c(view, at, end, knownChecksums[block])
}

const remember = (view: DataView, start: number, end: number): void => {
  knownBlocks = Math.min(mostBlocks, (end - start) >>> 5)
  for (let word = 0; word < knownBlocks * blockWords; word++) knownWords[word] = view.getInt32(start + word * 4, true)
  for (let block = 0; block < knownBlocks; block++) {
    const at = start + block * blockBytes
    knownChecksums[block + 1] = crc32c(view, at, at + blockBytes, knownChecksums[block])
  }
}
