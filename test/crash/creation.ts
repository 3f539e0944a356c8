/**
 * Creating a pool. Under another name it is built and linked when whole, so that no death leaves anything under the real
 * name. Where a file system has no links the header is stored last, in place: until it is there whole, opening says
 * `Corrupt` or `Usage`; then the pool is empty and takes messages.
 */
import { PoolError } from "../../src/PoolError.js"
import { planPool } from "../../src/internal/ring/create.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { MemoryFile } from "../ring/MemoryFile.js"
import { checkSound } from "./aftermath.js"
import { Violation } from "./Ledger.js"
import { forEachSubset } from "./powerLoss.js"

/** Behind this the header is zero, as the file was before. */
const headerUsed = 104

/** Every prefix of the header, and every subset of its words, on files of every length on the way. Returns how many. */
export const checkCreation = (fileSize: number, indexCapacity: number): number => {
  const { byteLength, header } = planPool({ fileSize, indexCapacity }).file
  let images = 0
  const look = (bytes: Uint8Array): void => {
    images++
    const isWhole =
      bytes.length === byteLength && header.subarray(0, headerUsed).every((byte, at) => byte === bytes[at])
    try {
      const writer = new RingWriter(Ring.open(new MemoryFile(bytes)))
      if (!isWhole) throw new Violation("unsound", "half a header is taken for a pool")
      if (writer.appendAll([new Uint8Array(0)], 1, 2, undefined).firstSeq !== 1)
        throw new Violation("invented", "the first message is not number 1")
      checkSound(bytes)
    } catch (exception) {
      if (!(exception instanceof PoolError) || isWhole) throw exception
    }
  }
  for (const length of [0, 1, 64, headerUsed, 4095, 4096, byteLength - 1]) {
    const bytes = new Uint8Array(length)
    bytes.set(header.subarray(0, Math.min(length, header.length)))
    look(bytes)
  }
  for (let prefix = 0; prefix <= headerUsed; prefix++) {
    const bytes = new Uint8Array(byteLength)
    bytes.set(header.subarray(0, prefix))
    look(bytes)
  }
  const words: Array<number> = []
  for (let at = 0; at < headerUsed; at += 8) if (header.subarray(at, at + 8).some((byte) => byte !== 0)) words.push(at)
  forEachSubset(words.length, { allSubsetsUpTo: 12, randomSubsets: 0, random: () => 0 }, (present) => {
    const bytes = new Uint8Array(byteLength)
    for (const [index, at] of words.entries()) if (present[index]!) bytes.set(header.subarray(at, at + 8), at)
    look(bytes)
  })
  return images
}
