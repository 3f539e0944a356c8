/**
 * Durable appends: what runs between the stores, and what a power cut may leave. Each page of the file independently
 * holds any version between the last time it was settled and the moment of the cut.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Barrier } from "../../src/Durability.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { makeRandom, MemoryFile } from "./MemoryFile.js"
import { appendOne, assertSound, openWriter, payloadOf, readAll, withoutFilling } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

const pageBytes = 4096

describe("a durable append", () => {
  it("settles what it dropped, then what it wrote, then what it published", () => {
    const file = MemoryFile.create(4096 + 2000, 0)
    const log: Array<string> = []
    const barrier: Barrier = (_, offset, length) => {
      log.push(
        `${file.stores.map(({ offset }) => (offset === 64 ? "header" : "ring")).join(" ")} | ${offset}+${length}`
      )
      file.record()
    }
    const writer = openWriter(file)
    const append = (length: number): Array<string> => {
      file.record()
      log.length = 0
      writer.appendAll([payloadOf(1, length)], 1, 2, barrier)
      return [...log]
    }
    assert.deepStrictEqual(append(400), ["ring ring | 4096+472", "header | 0+4096"])
    for (let count = 0; count < 3; count++) append(400)
    // Wraps: the drop is settled before anything is overwritten; the marker and the frame are.
    assert.deepStrictEqual(append(400), [
      "header | 0+4096",
      "ring ring ring | 5984+64",
      " | 4096+472",
      "header | 0+4096"
    ])
  })

  it("survives a power cut at any store, with pages of any age", () => {
    let images = 0
    for (let seed = 0; seed < 40; seed++) {
      const random = makeRandom(seed)
      const file = MemoryFile.create(4096 + 64 + 12_000 + 8 * Math.floor(random() * 2000), 4)
      const lengths = [0]
      const next = (): Uint8Array => {
        lengths.push(Math.floor(random() ** 2 * 5000))
        return payloadOf(lengths.length - 1, lengths.at(-1)!)
      }
      const writer = openWriter(file)
      for (let steps = Math.floor(random() * 30); steps > 0; steps--) {
        if (random() < 0.5) upstreamAppend(file, next())
        else appendOne(writer, next())
      }
      writer.appendAll([], 1, 2, undefined)
      const settled = file.bytes.slice()
      const acknowledged = readAll(file).seqs
      // Every store of the append, as the file was after it; a page settled at one of them is never older again.
      const versions = [settled.slice()]
      const settledAt = new Map<number, number>()
      const settlings: Array<Map<number, number>> = [new Map()]
      file.record()
      const takeStores = (): void => {
        for (const { bytes, offset } of file.stores) {
          const version = versions.at(-1)!.slice()
          version.set(bytes, offset)
          versions.push(version)
          settlings.push(new Map(settledAt))
        }
        file.record()
      }
      const barrier: Barrier = (_, offset, length) => {
        takeStores()
        for (let page = Math.floor(offset / pageBytes); page * pageBytes < offset + length; page++)
          settledAt.set(page, versions.length - 1)
        settlings[versions.length - 1] = new Map(settledAt)
      }
      const firstNew = lengths.length
      const batch = Array.from({ length: 1 + Math.floor(random() * 3) }, next)
      writer.appendAll(batch, 1, 2, barrier)
      takeStores()
      const survivors = acknowledged.filter((seq) => readAll(file).seqs.includes(seq))
      for (let cut = 0; cut < versions.length; cut++) {
        for (let variant = 0; variant < 4; variant++) {
          const image = new MemoryFile(settled.slice())
          for (let page = 0; page * pageBytes < image.byteLength; page++) {
            const oldest = settlings[cut]!.get(page) ?? 0
            const version = versions[oldest + Math.floor(random() * (cut - oldest + 1))]!
            const from = page * pageBytes
            image.bytes.set(version.subarray(from, from + pageBytes), from)
          }
          assertSound(image)
          const { frames, seqs } = readAll(image)
          for (const seq of survivors) assert.include(seqs, seq)
          for (const { payload, seq } of frames) {
            const stored = seq >= firstNew ? withoutFilling(payload, lengths[seq]!) : payload.subarray(0, lengths[seq]!)
            assert.deepStrictEqual(stored, payloadOf(seq, lengths[seq]!))
          }
          if (cut === versions.length - 1) assert.include(seqs, lengths.length - 1)
          const follower = new RingWriter(Ring.open(image)).appendAll([payloadOf(0, 33)], 1, 2, undefined)
          assert.isAtLeast(follower.firstSeq, firstNew)
          assertSound(image)
          images++
        }
      }
    }
    assert.isAbove(images, 1000)
  })
})
