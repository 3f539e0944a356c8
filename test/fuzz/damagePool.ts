/**
 * Pools damaged at random, mostly where their structure is: bytes and words changed, pieces copied around, frames
 * swapped, the group replaced. A reader may deliver only what its checksums prove, or, where a frame has none, what
 * has the structure of a frame.
 */
import { readdirSync, readFileSync } from "node:fs"
import type { StoredFrame } from "../../src/internal/ring/cursor.js"
import { headerOf } from "../../src/internal/ring/copyFrames.js"
import type { Chance, Kind } from "./chance.js"
import { Finding, insist } from "./chance.js"
import { BoundedFile } from "./BoundedFile.js"
import { appendAndReadBack, openRing, readEnds, readRing, verify } from "./examine.js"
import { groupFields } from "./regions.js"
import { documentOf, makeSample } from "./samples.js"

const golden = new URL("../golden/pools/", import.meta.url)

/** Larger ones would take the time of many small ones. */
const largestGolden = 17_000

const goldenPools = (): Array<BoundedFile> =>
  [golden, new URL("corrupt/", golden)].flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith(".plasmite"))
      .sort()
      .map((name) => new BoundedFile(new Uint8Array(readFileSync(new URL(name, directory)))))
      .filter(({ byteLength }) => byteLength > 4096 && byteLength <= largestGolden)
  )

const ownPools = (): Array<BoundedFile> =>
  (["ours", "upstream"] as const).flatMap((author) =>
    [5200, 6000, 8192].map(
      (fileSize, index) =>
        makeSample({ author, fileSize, indexCapacity: 8 * index, seed: index, textBytes: 250, laps: 2.5 }).file
    )
  )

const frameMagic = 0x314d5246

/** File offsets at which something like a frame starts. */
const framesIn = (file: BoundedFile): ReadonlyArray<number> => {
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset)
  const found: Array<number> = []
  for (let at = 4096; at + 64 <= file.byteLength; at += 8) if (view.getUint32(at, true) === frameMagic) found.push(at)
  return found
}

class PoolDamage {
  private readonly word = new Uint8Array(8)
  private readonly wordView = new DataView(this.word.buffer)

  constructor(
    readonly file: BoundedFile,
    private readonly frames: ReadonlyArray<number>
  ) {}

  apply(chance: Chance): void {
    for (let count = 1 + chance.below(4); count > 0; count--) this.applyOne(chance)
  }

  private applyOne(chance: Chance): void {
    const { file } = this
    switch (chance.below(8)) {
      case 0: {
        const at = this.place(chance)
        return this.store(at, 1, file.bytes[at]! ^ (1 << chance.below(8)), 0)
      }
      case 1:
        return this.store(this.place(chance), 1, chance.below(256), 0)
      case 2:
        return this.store(this.place(chance) & ~3, 4, this.value(chance), 0)
      case 3:
        return this.store(this.place(chance) & ~7, 8, this.value(chance), chance.oneIn(8) ? chance.below(1 << 22) : 0)
      case 4:
        return this.copy(chance, this.place(chance) & ~7, this.place(chance) & ~7, 8 << chance.below(6))
      case 5:
        return this.swap(chance)
      default:
        return this.store(chance.pick(groupFields), 8, this.value(chance), chance.oneIn(16) ? chance.below(1 << 22) : 0)
    }
  }

  private place(chance: Chance): number {
    const { file, frames } = this
    const where = chance.below(10)
    if (where < 5 && frames.length > 0) return chance.pick(frames) + chance.below(64)
    if (where < 7) return 64 + chance.below(104)
    return where < 8 ? chance.below(64) : chance.below(file.byteLength)
  }

  private value(chance: Chance): number {
    const { file, frames } = this
    switch (chance.below(6)) {
      case 0:
        return chance.below(4)
      case 1:
        return frames.length > 0 ? chance.pick(frames) - 4096 : 0
      case 2:
        return chance.below(40)
      case 3:
        return 8 * chance.below(file.byteLength / 8)
      case 4:
        return (
          new DataView(file.bytes.buffer, file.bytes.byteOffset).getUint32(chance.pick(groupFields), true) +
          chance.below(3) -
          1
        )
      default:
        return chance.below(2 ** 32)
    }
  }

  private store(at: number, length: number, low: number, high: number): void {
    if (at + length > this.file.byteLength) return
    this.wordView.setUint32(0, low, true)
    this.wordView.setUint32(4, high, true)
    this.file.write(at, this.word, 0, length)
  }

  private copy(_chance: Chance, from: number, to: number, length: number): void {
    const { file } = this
    const fitting = Math.min(length, file.byteLength - from, file.byteLength - to)
    file.write(to, file.bytes.slice(from, from + fitting), 0, fitting)
  }

  private swap(chance: Chance): void {
    const { file, frames } = this
    if (frames.length < 2) return
    const [one, other] = [chance.pick(frames), chance.pick(frames)]
    const length = Math.min(file.byteLength - Math.max(one, other), chance.oneIn(2) ? 64 : 400)
    const bytes = file.bytes.slice(one, one + length)
    this.copy(chance, other, one, length)
    file.write(other, bytes, 0, length)
  }
}

/** CRC-32C once more, bit by bit from its definition, so that the tests do not believe what they test. */
const slowTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  return crc
})

const slowChecksum = (bytes: Uint8Array): number => {
  let crc = -1
  for (const byte of bytes) crc = (crc >>> 8) ^ slowTable[(crc ^ byte) & 255]!
  return ~crc >>> 0
}

export const insistOnProof = (frame: StoredFrame): void => {
  const header = headerOf(frame)
  const view = new DataView(header.buffer, header.byteOffset, 64)
  const { payload, seq } = frame
  const has = (at: number, word: number): boolean => view.getUint32(at, true) === word >>> 0
  const structured =
    has(0, frameMagic) && has(12, 64) && has(16, seq) && has(32, payload.length) && has(36, ~payload.length)
  insist(structured, `message ${seq} was delivered from something that is no frame`)
  const marker = new Uint8Array(payload.buffer, payload.byteOffset + payload.length, 8)
  insist(String.fromCharCode(...marker) === "PLSMCMIT", `message ${seq} was delivered without its marker`)
  if (!has(44, 0x43323343)) return
  insist(has(40, slowChecksum(payload)), `message ${seq} was delivered although its checksum does not match`)
  insist(has(48, slowChecksum(header.subarray(8, 48))), `message ${seq} has a header that its checksum does not match`)
}

const threePayloads = [documentOf(1, 10), documentOf(2, 200), documentOf(3, 0)]
const smallPayloads = [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]

/** Everything at once, on a pool of which nothing is known. */
export const examineDamaged = (file: BoundedFile): void => {
  const ring = openRing(file)
  if (ring === undefined) return
  const frames = [...readRing(ring, 7).frames, ...readEnds(ring)]
  frames.forEach(insistOnProof)
  const issues = verify(ring)?.issues
  const before = new Set(frames.map(({ seq }) => seq))
  const writer = openRing(file)
  if (writer === undefined) throw new Finding("a pool that was only read cannot be opened again")
  const payloads = ring.maxPayload > 600 ? threePayloads : ring.maxPayload > 2 ? smallPayloads : []
  const seqs = appendAndReadBack(writer, payloads)
  if (seqs === undefined) return
  const after = readRing(writer, 7)
  insist(!after.refused && openRing(file) !== undefined, "an append made a pool unusable")
  after.frames.forEach(insistOnProof)
  if (issues?.length === 0 && seqs.length > 0)
    insist(
      after.frames.every(({ seq }) => before.has(seq) || seq > Math.max(0, ...before)),
      "a message came back"
    )
}

export const poolKind = (): Kind => {
  const damages = [...goldenPools(), ...ownPools()].map((file) => new PoolDamage(file, framesIn(file)))
  return {
    name: "pools",
    weight: 30,
    run: (chance) => {
      const damage = chance.pick(damages)
      try {
        damage.apply(chance)
        examineDamaged(damage.file)
      } finally {
        damage.file.restore()
      }
    }
  }
}
