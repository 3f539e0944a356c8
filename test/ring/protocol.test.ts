/**
 * What must be true of a file at every store of an append, whoever looks and whether or not anybody dies there.
 */
import { assert, describe, it } from "@effect/vitest"
import { wrapMarkerBytes } from "../../src/internal/ring/frame.js"
import { decodeGroup, emptyGroup, encodeGroup } from "../../src/internal/ring/group.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { forEachCrash, makeRandom, MemoryFile, TestLock } from "./MemoryFile.js"
import { appendOne, assertSound, openWriter, payloadOf, readAll } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

const groupOf = ({ bytes }: MemoryFile) => decodeGroup(new DataView(bytes.buffer), 64)

/** Where the frame of a message starts in the file, found by its magic number and its own. */
const placeOf = ({ bytes }: MemoryFile, seq: number): number => {
  const view = new DataView(bytes.buffer)
  for (let at = 4096; at + 64 <= bytes.length; at += 8) {
    if (view.getUint32(at, true) === 0x314d5246 && view.getUint32(at + 16, true) === seq) return at
  }
  throw new Error(`no frame of message ${seq}`)
}

/** An append to a pool that already holds something, as the file was before it and the stores it made. */
interface Recorded {
  readonly before: Uint8Array
  readonly file: MemoryFile
  readonly newestBefore: number
  readonly count: number
}

const record = (file: MemoryFile, writer: RingWriter, lengths: ReadonlyArray<number>): Recorded => {
  const before = file.bytes.slice()
  const newestBefore = groupOf(file).newest
  file.record()
  writer.appendAll(
    lengths.map((length, at) => payloadOf(newestBefore + 1 + at, length)),
    1,
    2,
    undefined
  )
  return { before, file, newestBefore, count: lengths.length }
}

/** Small, large, dropping one, several and all, wrapping, filling the ring, in batches and alone. */
const recordings = function* (): Generator<Recorded> {
  const random = makeRandom(9)
  const file = MemoryFile.create(4096 + 64 + 2000, 4)
  const writer = openWriter(file)
  const { maxPayload } = Ring.open(file)
  for (let count = 0; count < 60; count++) {
    const length = count % 7 === 6 ? maxPayload : Math.floor(random() ** 2 * (count % 3 === 0 ? maxPayload : 300))
    yield record(file, writer, count % 4 === 3 ? [length / 4, 30, 60].map(Math.floor) : [length])
  }
  const spacious = MemoryFile.create(4096 + 140_000, 0)
  const other = openWriter(spacious)
  for (const length of [66_000, 67_000, 70_000]) yield record(spacious, other, [length])
}

describe("at every store of an append", () => {
  it("numbers do not go back, and nothing is committed before it is whole", () => {
    // Copied downwards, a new number may come to stand behind the committed state of the frame that was there before;
    // checksums tell such a frame apart. Copied upwards, the first thing to arrive is that it is only started.
    const random = makeRandom(11)
    let images = 0
    let dropsOfAll = 0
    for (const { before, count, file, newestBefore } of recordings()) {
      const places = Array.from({ length: count }, (_, at) => placeOf(file, newestBefore + 1 + at))
      images += forEachCrash(before, file.stores, "upwards", random, (image) => {
        const { newest, oldest } = groupOf(image)
        assert.isAtLeast(newest, newestBefore)
        if (oldest === 0 && newestBefore > 0) dropsOfAll++
        const view = new DataView(image.bytes.buffer)
        for (const [at, place] of places.entries()) {
          const seq = newestBefore + 1 + at
          if (view.getUint32(place + 16, true) !== seq || view.getUint32(place + 4, true) !== 2) continue
          const end = place + 72 + view.getUint32(place + 32, true)
          assert.deepStrictEqual(image.bytes.subarray(place, end), file.bytes.subarray(place, end))
        }
      })
    }
    assert.isAbove(images, 1000)
    assert.isAbove(dropsOfAll, 10)
  })
})

describe("a durable append", () => {
  it("settles every byte of the ring before it is announced, and every announcement before the next store", () => {
    const random = makeRandom(13)
    const file = MemoryFile.create(4096 + 64 + 30_000, 4)
    const { ringOffset } = Ring.open(file).geometry
    const writer = openWriter(file)
    let announcements = 0
    let pieces = 0
    const unsettled: Array<{ readonly from: number; readonly to: number }> = []
    const takeStores = (): void => {
      for (const { bytes, offset } of file.stores) {
        // The index is a hint: nobody relies on it.
        if (offset >= 4096 && offset < ringOffset) continue
        if (offset === 64) announcements++
        assert.deepStrictEqual(unsettled.length > 0 && offset === 64 ? unsettled : [], [])
        assert.isFalse(unsettled.some(({ from }) => from === 64))
        unsettled.push({ from: offset, to: offset + bytes.length })
      }
      file.record()
    }
    for (let round = 0; round < 300; round++) {
      const lengths = Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() ** 2 * 4000))
      file.record()
      writer.appendAll(
        lengths.map((length) => payloadOf(round, length)),
        1,
        2,
        (_, offset, length) => {
          takeStores()
          const left = unsettled.filter(({ from, to }) => from < offset || to > offset + length)
          pieces += unsettled.length - left.length
          unsettled.splice(0, unsettled.length, ...left)
        }
      )
      takeStores()
      assert.deepStrictEqual(unsettled, [])
    }
    assert.isAbove(announcements, 400)
    assert.isAbove(pieces, 1500)
  })
})

describe("the index", () => {
  it("names the place of every message retained, appended alone or in batches", () => {
    const file = MemoryFile.create(4096 + 16 * 64 + 6000, 64)
    const writer = openWriter(file)
    const view = new DataView(file.bytes.buffer)
    for (let round = 0; round < 40; round++) {
      writer.appendAll(
        Array.from({ length: 1 + (round % 5) }, (_, at) => payloadOf(round, 20 * at)),
        1,
        2,
        undefined
      )
      for (const seq of readAll(file).seqs) {
        const slot = 4096 + 16 * (seq % 64)
        assert.strictEqual(view.getUint32(slot, true), seq)
        assert.strictEqual(4096 + 16 * 64 + view.getUint32(slot + 8, true), placeOf(file, seq))
      }
    }
  })
})

/** A cursor over three messages without checksums; `change` runs between its copy and its lock, once. */
const readWhileChanging = (change: (view: DataView, file: MemoryFile) => void) => {
  const file = MemoryFile.create(4096 + 2000, 0)
  for (let seq = 1; seq <= 3; seq++) upstreamAppend(file, payloadOf(seq, 100))
  const lock = new TestLock()
  lock.beforeAttempt = () => {
    lock.beforeAttempt = undefined
    change(new DataView(file.bytes.buffer), file)
  }
  const cursor = new RingCursor(Ring.open(file), lock, 1, { reportFirstGap: true })
  return { file, read: () => cursor.read(10, 1e6) }
}

describe("between a copy and its proof", () => {
  it("a message that changed is copied again", () => {
    const { file, read } = readWhileChanging((view, file) => view.setUint32(placeOf(file, 2) + 24, 123456, true))
    assert.deepStrictEqual(
      [...read().frames, ...read().frames].map(({ seq, timestampLow }) => [seq, timestampLow]),
      [
        [1, 1000],
        [2, 123456],
        [3, 3000]
      ]
    )
    assert.strictEqual(new DataView(file.bytes.buffer).getUint32(placeOf(file, 2) + 24, true), 123456)
  })

  it("a message whose number was taken back is let go", () => {
    const { read } = readWhileChanging((view, file) => {
      view.setUint32(64, placeOf(file, 3) - 4096, true)
      view.setUint32(64 + 32, 2, true)
    })
    assert.deepStrictEqual(
      [...read().frames, ...read().frames].map(({ seq }) => seq),
      [1, 2]
    )
  })
})

describe("numbering", () => {
  it("goes on where it was after a death in the middle of an append that dropped everything", () => {
    const random = makeRandom(12)
    const file = MemoryFile.create(4096 + 1000, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 5; seq++) appendOne(writer, payloadOf(seq, 100))
    const { before } = record(file, writer, [900])
    forEachCrash(before, file.stores, "upwards", random, (image) => {
      const next = appendOne(openWriter(image), payloadOf(0, 10))
      assert.isAtLeast(next, 6)
      assert.strictEqual(readAll(image).seqs.at(-1), next)
    })
  })
})

describe("a handle that was open all along", () => {
  it("refuses to append when what identifies the pool was overwritten, and writes nothing", () => {
    for (const at of [0, 4, 8, 16, 24, 32, 40, 48]) {
      const file = MemoryFile.create(4096 + 1000, 0)
      const writer = openWriter(file)
      appendOne(writer, payloadOf(1, 100))
      file.bytes[at]! ^= 0x10
      file.record()
      assert.throws(() => appendOne(writer, payloadOf(2, 100)), /header was overwritten while it was open/)
      assert.lengthOf(file.stores, 0)
    }
  })
})

describe("a writer that died as soon as it had begun to overwrite the frame at offset 0", () => {
  it("is noticed by a handle that knows the newest message, although its own number is not there yet", () => {
    const file = MemoryFile.create(4096 + 2000, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 13; seq++) appendOne(writer, payloadOf(seq, 100))
    appendOne(writer, payloadOf(14, 300))
    const { head, tail } = groupOf(file)
    assert.isTrue(head > 0 && head + 72 < tail)
    const state = new DataView(file.bytes.buffer, 4096 + 4)
    assert.strictEqual(state.getUint32(0, true), 2)
    state.setUint32(0, 1, true)
    const { firstSeq, repaired } = writer.appendAll([payloadOf(15, 0)], 1, 2, undefined)
    assert.strictEqual(firstSeq, 15)
    assert.deepStrictEqual(repaired?.restoredOffsets, [0])
    assert.strictEqual(state.getUint32(0, true), 2)
    assertSound(file)
  })
})

describe("a message whose writer died just before publishing it", () => {
  for (const retained of [0, 3]) {
    it(`is published by the next writer, in a pool of ${retained} messages`, () => {
      const file = MemoryFile.create(4096 + 2000, 0)
      const writer = openWriter(file)
      for (let seq = 1; seq <= retained; seq++) appendOne(writer, payloadOf(seq, 50))
      const { before } = record(file, writer, [60])
      const image = new MemoryFile(before)
      for (const { bytes, offset } of file.stores) if (offset !== 64) image.bytes.set(bytes, offset)
      const { firstSeq, repaired } = openWriter(image).appendAll([], 1, 2, undefined)
      assert.deepStrictEqual([repaired?.finding, repaired?.adopted, firstSeq], ["unpublished", 1, retained + 2])
      assert.deepStrictEqual(readAll(image).frames.at(-1)?.payload, payloadOf(retained + 1, 60))
      assertSound(image)
    })
  }
})

describe("a foreign publish that got no further than the head", () => {
  for (const { at, length, title } of [
    { at: 200, length: 100, title: "at the tail" },
    { at: 200, length: 1820, title: "at offset 0, over the way that led there" }
  ]) {
    it(`leaves a pool that is empty, until a writer completes it: ${title}`, () => {
      const file = MemoryFile.create(4096 + 2000, 0)
      const view = new DataView(file.bytes.buffer)
      encodeGroup(view, 64, emptyGroup(at, 5))
      file.record()
      upstreamAppend(file, payloadOf(6, length))
      const { head } = groupOf(file)
      encodeGroup(view, 64, { ...emptyGroup(at, 5), head })
      assert.deepStrictEqual(Ring.open(file).readGroup(), emptyGroup(head, 5))
      assert.deepStrictEqual(readAll(file).seqs, [])
      assert.strictEqual(openWriter(file).appendAll([], 1, 2, undefined).firstSeq, 7)
      assert.deepStrictEqual(readAll(file).frames.at(-1)?.payload, payloadOf(6, length))
      assertSound(file)
    })
  }
})

describe("a live frame that a dead writer left as started", () => {
  /** Messages 1 to 5 with message 1 started, then a repair; what it left to be read. */
  const repairedAfter = (options: { readonly foreign: boolean; readonly torn: boolean }): ReadonlyArray<number> => {
    const file = MemoryFile.create(4096 + 2000, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 5; seq++) {
      if (options.foreign) upstreamAppend(file, payloadOf(seq, 100))
      else appendOne(writer, payloadOf(seq, 100))
    }
    const place = placeOf(file, 1)
    new DataView(file.bytes.buffer).setUint32(place + 4, 1, true)
    if (options.torn) file.bytes[place + 64 + 50]! ^= 0xff
    const payloadProblem = (payload: Uint8Array): string | undefined =>
      payload[50] === payloadOf(1, 100)[50] ? undefined : "no document"
    new RingWriter(Ring.open(file, options.foreign ? { payloadProblem } : {})).appendAll([], 1, 2, undefined)
    assertSound(file)
    return readAll(file).seqs
  }
  for (const foreign of [false, true]) {
    it(`is taken back if it is whole, and given up if not, ${foreign ? "without" : "with"} checksums`, () => {
      assert.deepStrictEqual(repairedAfter({ foreign, torn: false }), [1, 2, 3, 4, 5])
      assert.deepStrictEqual(repairedAfter({ foreign, torn: true }), [2, 3, 4, 5])
    })
  }
})

describe("a pool that announces messages its ring does not hold", () => {
  it("keeps the longest run of those it does hold", () => {
    const file = MemoryFile.create(4096 + 2000, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 7; seq++) appendOne(writer, payloadOf(seq, 100))
    for (const seq of [1, 3, 7]) file.bytes[placeOf(file, seq)]! ^= 0xff
    new DataView(file.bytes.buffer).setUint32(64 + 32, 50, true)
    assert.strictEqual(openWriter(file).appendAll([], 1, 2, undefined).repaired?.finding, "short")
    assert.deepStrictEqual(readAll(file).seqs, [4, 5, 6])
    assertSound(file)
  })
})

describe("a wrap marker over the oldest message", () => {
  it("is the trace of a dead writer, not damage", () => {
    const file = MemoryFile.create(4096 + 2000, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 13; seq++) appendOne(writer, payloadOf(seq, 100))
    appendOne(writer, payloadOf(14, 64))
    const { head, oldest, tail } = groupOf(file)
    assert.isTrue(tail > head && tail - head < 64)
    file.write(4096 + head, wrapMarkerBytes, 0, 64)
    const { repaired } = openWriter(file).appendAll([], 1, 2, undefined)
    assert.strictEqual(repaired?.finding, "crash")
    assert.strictEqual(readAll(file).seqs[0], oldest + 1)
    assertSound(file)
  })
})
