/**
 * Death at every store. An append by us must leave, wherever it dies, a pool in which nothing is wrong and everything
 * acknowledged is there, except what it was entitled to drop; an append by upstream must leave a pool that our next
 * writer makes so.
 */
import { assert, describe, it } from "@effect/vitest"
import { emptyGroup, encodeGroup } from "../../src/internal/ring/group.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import type { CopyOrder } from "./MemoryFile.js"
import { forEachCrash, makeRandom, MemoryFile, piecesOf } from "./MemoryFile.js"
import { assertSound, payloadOf, readAll } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

/** Every length that was ever tried for a number: a number whose append died is given out again. */
class Attempts {
  private readonly lengths = new Map<number, Set<number>>()

  constructor(from?: Attempts) {
    for (const [seq, lengths] of from?.lengths ?? []) this.lengths.set(seq, new Set(lengths))
  }

  payload(seq: number, length: number): Uint8Array {
    const lengths = this.lengths.get(seq) ?? new Set()
    this.lengths.set(seq, lengths.add(length))
    return payloadOf(seq, length)
  }

  /** Every message read is one that somebody wrote, whole. */
  check(frames: ReadonlyArray<{ readonly seq: number; readonly payload: Uint8Array }>): void {
    for (const { payload, seq } of frames) {
      const whole = [...(this.lengths.get(seq) ?? [])].some((length) => {
        const expected = payloadOf(seq, length)
        return payload.length >= length && expected.every((byte, at) => payload[at] === byte)
      })
      assert.isTrue(whole, `message ${seq} is torn`)
    }
  }
}

interface Scenario {
  readonly file: MemoryFile
  readonly before: Uint8Array
  readonly retainedBefore: ReadonlyArray<number>
  /** Of those, what the append leaves when it lives. */
  readonly retainedAfter: ReadonlyArray<number>
  readonly newest: number
  readonly attempts: Attempts
}

const orders: ReadonlyArray<CopyOrder> = ["upwards", "downwards", "shuffled"]

/** Histories of appends by us and by upstream; the last append of each is the one that dies. */
const scenarios = function* (
  seed: number,
  count: number,
  lastOne: "ours" | "upstream"
): Generator<Scenario & { readonly random: () => number }> {
  const random = makeRandom(seed)
  for (let index = 0; index < count; index++) {
    const ringSize = 300 + Math.floor(random() * 1400)
    const capacity = [0, 4, 16][Math.floor(random() * 3)]!
    const largest = random() < 0.3 ? ringSize - 80 : ringSize / 4
    const file = MemoryFile.create(4096 + 16 * capacity + ringSize, capacity)
    const attempts = new Attempts()
    const writer = new RingWriter(Ring.open(file))
    const nextLength = (): number => Math.floor(random() ** 2 * largest)
    const steps = Math.floor(random() * 40)
    for (let step = 0; step < steps; step++) {
      const payload = attempts.payload(step + 1, nextLength())
      if (random() < 0.5) upstreamAppend(file, payload)
      else writer.appendAll([payload], 1, 2, undefined)
    }
    // Padding of upstream's is healed first: that has a test of its own.
    if (lastOne === "ours") writer.appendAll([], 1, 2, undefined)
    const retainedBefore = readAll(file).seqs
    const before = file.bytes.slice()
    file.record()
    let newest = steps + 1
    if (lastOne === "upstream") upstreamAppend(file, attempts.payload(newest, nextLength()))
    else {
      newest = steps + 1 + Math.floor(random() * 3)
      const payloads = []
      for (let seq = steps + 1; seq <= newest; seq++) payloads.push(attempts.payload(seq, nextLength()))
      writer.appendAll(payloads, 1, 2, undefined)
    }
    const kept = readAll(file).seqs
    const retainedAfter = retainedBefore.filter((seq) => kept.includes(seq))
    yield { file, before, retainedBefore, retainedAfter, newest, attempts, random }
  }
}

const assertContains = (seqs: ReadonlyArray<number>, wanted: ReadonlyArray<number>): void => {
  for (const seq of wanted) assert.include(seqs, seq)
}

/** A handle that was open all along, and knows the newest message, notices the death as well as a new one. */
const goOnWithOpenHandle = (
  before: Uint8Array,
  image: MemoryFile,
  attempts: Attempts,
  survivors: ReadonlyArray<number>
): void => {
  const file = new MemoryFile(before.slice())
  const writer = new RingWriter(Ring.open(file), { keepPadding: true })
  const { firstSeq } = writer.appendAll([], 1, 2, undefined)
  file.bytes.set(image.bytes)
  writer.appendAll([], 1, 2, undefined)
  const { damaged, frames, gaps, seqs } = readAll(file)
  assert.deepStrictEqual({ damaged, gaps }, { damaged: [], gaps: [] })
  attempts.check(frames)
  assertContains(seqs, survivors)
  assert.isAtLeast(writer.appendAll([payloadOf(0, 0)], 1, 2, undefined).firstSeq, firstSeq)
  assertSound(file)
}

/** Appends go on after the crash, by us and by upstream, and nothing is ever wrong again. */
const goOn = (image: MemoryFile, attempts: Attempts, survivors: ReadonlyArray<number>, random: () => number): void => {
  const tried = new Attempts(attempts)
  const { ringSize } = Ring.open(image).geometry
  for (let count = 0; count < 6; count++) {
    const ring = Ring.open(image)
    const writer = new RingWriter(ring)
    const length = Math.floor(random() * (ringSize / 3))
    const { firstSeq } = writer.appendAll([], 1, 2, undefined)
    if (count === 0) {
      const { damaged, frames, gaps, seqs } = readAll(image)
      assert.deepStrictEqual({ damaged, gaps }, { damaged: [], gaps: [] })
      tried.check(frames)
      assertContains(seqs, survivors)
    }
    const payload = tried.payload(firstSeq, length)
    if (count % 2 === 0) assert.strictEqual(writer.appendAll([payload], 1, 2, undefined).firstSeq, firstSeq)
    else assert.strictEqual(upstreamAppend(image, payload).seq, firstSeq)
    assertSound(image)
    const { frames, seqs } = readAll(image)
    tried.check(frames)
    assert.strictEqual(seqs.at(-1), firstSeq)
  }
}

describe("a killed append of ours", () => {
  for (const [index, order] of orders.entries()) {
    it(`leaves nothing to repair, copying ${order}`, () => {
      let images = 0
      for (const scenario of scenarios(100 + index, 36, "ours")) {
        const { attempts, before, file, newest, random, retainedAfter } = scenario
        let visited = 0
        images += forEachCrash(before, file.stores, order, random, (image, published) => {
          assertSound(image)
          const { frames, seqs } = readAll(image)
          attempts.check(frames)
          assertContains(seqs, retainedAfter)
          if (published) assert.strictEqual(seqs.at(-1), newest)
          if (visited++ % 4 > 0 && !published) return
          const foreign = image.copy()
          const dead = Ring.open(foreign).newestSeq() + 1
          const tried = new Attempts(attempts)
          upstreamAppend(foreign, tried.payload(dead, 20))
          assertSound(foreign)
          tried.check(readAll(foreign).frames)
          goOn(image, attempts, published ? [...retainedAfter, newest] : retainedAfter, random)
        })
      }
      assert.isAbove(images, 500)
    })
  }
})

describe("a killed append of upstream", () => {
  for (const [index, order] of orders.entries()) {
    it(`is repaired by our next writer, copying ${order}`, () => {
      let images = 0
      let damaged = 0
      for (const scenario of scenarios(200 + index, 50, "upstream")) {
        const { attempts, before, file, newest, random, retainedAfter } = scenario
        images += forEachCrash(before, file.stores, order, random, (image, published) => {
          const found = readAll(image)
          attempts.check(found.frames)
          assertContains(found.seqs, retainedAfter)
          if (published) assert.strictEqual(found.seqs.at(-1), newest)
          if (verifyRing(Ring.open(image)).issues.length > 0) damaged++
          else if (random() < 0.7) return
          goOnWithOpenHandle(before, image, attempts, retainedAfter)
          goOn(image, attempts, retainedAfter, random)
        })
      }
      assert.isAbove(images, 1000)
      assert.isAbove(damaged, images / 4)
    })
  }
})

describe("a torn message that looks perfect", () => {
  it("is noticed by a handle that knows the newest one", () => {
    const file = MemoryFile.create(4096 + 1000, 0)
    encodeGroup(new DataView(file.bytes.buffer), 64, emptyGroup(200, 5))
    for (const length of [28, 128, 128, 128]) upstreamAppend(file, payloadOf(6, length))
    const writer = new RingWriter(Ring.open(file))
    writer.appendAll([], 1, 2, undefined)
    const before = file.bytes.slice()
    file.record()
    upstreamAppend(file, payloadOf(10, 400))
    // Marker at the head, header at 0, and the end of the payload: in the body of message 7, not its header or marker.
    const pieces = piecesOf(file.stores, "downwards", () => 0).slice(0, 8 + 8 + 4)
    file.bytes.set(before)
    for (const { bytes, offset } of pieces) file.bytes.set(bytes, offset)
    assert.isAbove(Math.min(...pieces.slice(16).map(({ offset }) => offset)), 4096 + 304 + 64)
    assert.deepStrictEqual(readAll(file).seqs, [8, 9])
    assert.strictEqual(writer.appendAll([], 1, 2, undefined).repaired?.finding, "crash")
    assert.deepStrictEqual(readAll(file).seqs, [8, 9])
    assertSound(file)
  })
})

describe("a repair that dies", () => {
  it("is found and repeated", () => {
    let repairs = 0
    for (const { attempts, before, file, random, retainedAfter } of scenarios(300, 30, "upstream")) {
      forEachCrash(before, file.stores, "upwards", random, (image) => {
        if (random() < 0.8) return
        const damaged = image.bytes.slice()
        image.record()
        if (new RingWriter(Ring.open(image)).appendAll([], 1, 2, undefined).repaired === undefined) return
        repairs++
        forEachCrash(damaged, image.stores, "upwards", random, (again) => goOn(again, attempts, retainedAfter, random))
      })
    }
    assert.isAbove(repairs, 50)
  })
})
