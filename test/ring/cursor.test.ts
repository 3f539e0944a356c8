import { assert, describe, it } from "@effect/vitest"
import { CopyBuffer, LentCopyBuffer } from "../../src/internal/ring/copyBuffer.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import type { RingWriter } from "../../src/internal/ring/RingWriter.js"
import type { StoredFrame } from "../../src/internal/ring/cursor.js"
import type { CopyOrder } from "./MemoryFile.js"
import { makeRandom, MemoryFile, piecesOf, TestLock } from "./MemoryFile.js"
import { appendOne, openWriter, payloadOf, readAll } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

const open = (file: MemoryFile, from: number, lock = new TestLock(), reportFirstGap = true): RingCursor =>
  new RingCursor(Ring.open(file), lock, from, { reportFirstGap })

describe("a cursor", () => {
  it("gives what is there, then nothing, then what is new", () => {
    const file = MemoryFile.create(1 << 16)
    const writer = openWriter(file)
    const cursor = open(file, 1)
    const nothing = { gap: undefined, frames: [], damaged: undefined, contended: false }
    assert.deepStrictEqual(cursor.read(10, 1000), nothing)
    for (let seq = 1; seq <= 5; seq++) appendOne(writer, payloadOf(seq, 50))
    assert.deepStrictEqual(
      cursor.read(3, 1000).frames.map(({ payload, seq }) => [seq, payload]),
      [1, 2, 3].map((seq) => [seq, payloadOf(seq, 50)])
    )
    assert.deepStrictEqual(
      cursor.read(10, 1000).frames.map(({ seq }) => seq),
      [4, 5]
    )
    assert.deepStrictEqual(cursor.read(10, 1000), nothing)
    assert.strictEqual(cursor.nextSeq, 6)
    appendOne(writer, payloadOf(6, 50))
    assert.deepStrictEqual(
      cursor.read(10, 1000).frames.map(({ seq }) => seq),
      [6]
    )
  })

  it("needs no lock for messages with checksums, and one for a whole batch without", () => {
    const file = MemoryFile.create(1 << 16)
    const writer = openWriter(file)
    const lock = new TestLock()
    const cursor = open(file, 1, lock)
    for (let seq = 1; seq <= 50; seq++) appendOne(writer, payloadOf(seq, 50))
    assert.strictEqual(cursor.read(100, 1e6).frames.length, 50)
    assert.strictEqual(lock.acquired, 0)
    for (let seq = 51; seq <= 100; seq++) upstreamAppend(file, payloadOf(seq, 50))
    assert.strictEqual(cursor.read(100, 1e6).frames.length, 50)
    assert.strictEqual(lock.acquired, 1)
    assert.isUndefined(lock.held)
  })

  it("gives what it could prove while the lock is taken, and the rest later", () => {
    const file = MemoryFile.create(1 << 16)
    const lock = new TestLock()
    const cursor = open(file, 1, lock)
    const writer = openWriter(file)
    appendOne(writer, payloadOf(1, 50))
    upstreamAppend(file, payloadOf(2, 50))
    appendOne(writer, payloadOf(3, 50))
    lock.isFree = false
    const first = cursor.read(10, 1e6)
    assert.deepStrictEqual([first.frames.map(({ seq }) => seq), first.contended], [[1], true])
    const second = cursor.read(10, 1e6)
    assert.deepStrictEqual([second.frames, second.contended], [[], true])
    assert.strictEqual(readFrame(Ring.open(file), lock, 2), "contended")
    lock.isFree = true
    const third = cursor.read(10, 1e6)
    assert.deepStrictEqual([third.frames.map(({ seq }) => seq), third.contended], [[2, 3], false])
  })

  it("gives copies that can be kept, or that share the memory of one look", () => {
    const file = MemoryFile.create(1 << 20)
    const writer = openWriter(file)
    const count = 2000
    for (let seq = 1; seq <= count; seq++) appendOne(writer, payloadOf(seq, seq % 100 === 0 ? 3000 : 100))
    for (const copies of [undefined, new LentCopyBuffer()]) {
      const options = { reportFirstGap: true, ...(copies && { copies }) }
      const cursor = new RingCursor(Ring.open(file), new TestLock(), 1, options)
      const all: Array<StoredFrame> = []
      while (cursor.nextSeq <= count) {
        const { frames } = cursor.read(100, 1e6)
        for (const { payload, seq } of frames)
          assert.deepStrictEqual(payload, payloadOf(seq, seq % 100 === 0 ? 3000 : 100))
        all.push(...frames)
      }
      const buffers = new Set(all.slice(count / 2).map(({ payload }) => payload.buffer))
      if (copies !== undefined) assert.strictEqual(buffers.size, 1)
      else {
        for (const { payload, seq } of all)
          assert.deepStrictEqual(payload, payloadOf(seq, seq % 100 === 0 ? 3000 : 100))
      }
    }
  })

  it("stays within the bytes asked for, but gives one message at least", () => {
    const file = MemoryFile.create(1 << 20)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 9; seq++) appendOne(writer, payloadOf(seq, seq === 5 ? 400_000 : 1000))
    const cursor = open(file, 1)
    const sizes = Array.from({ length: 8 }, () => cursor.read(100, 2500).frames.map(({ seq }) => seq))
    assert.deepStrictEqual(sizes, [[1, 2], [3, 4], [5], [6, 7], [8, 9], [], [], []])
  })

  it("reports a gap for what was overwritten, at the first look only if asked to", () => {
    const file = MemoryFile.create(4096 + 1000, 0)
    const writer = openWriter(file)
    const early = open(file, 1)
    assert.isUndefined(early.read(10, 1e6).gap)
    for (let seq = 1; seq <= 30; seq++) appendOne(writer, payloadOf(seq, 100))
    const { oldest } = Ring.open(file).readGroup()
    assert.deepStrictEqual(early.read(1, 1e6).gap, { expected: 1, found: oldest })
    assert.deepStrictEqual(open(file, 7).read(1, 1e6).gap, { expected: 7, found: oldest })
    const silent = open(file, 1, new TestLock(), false)
    const { frames, gap } = silent.read(1, 1e6)
    assert.deepStrictEqual([gap, frames[0]?.seq], [undefined, oldest])
    for (let seq = 31; seq <= 60; seq++) appendOne(writer, payloadOf(seq, 100))
    assert.strictEqual(silent.read(1, 1e6).gap?.expected, oldest + 1)
  })

  it("sees every lap of a ring with room for one message", () => {
    const file = MemoryFile.create(4096 + 160, 0)
    const writer = openWriter(file)
    const cursor = open(file, 1)
    for (let seq = 1; seq <= 50; seq++) {
      if (seq % 3 === 0) upstreamAppend(file, payloadOf(seq, 80))
      else appendOne(writer, payloadOf(seq, 80))
      assert.deepStrictEqual(
        cursor.read(10, 1e6).frames.map((frame) => frame.seq),
        [seq]
      )
    }
  })

  it("waits for a message that is not there yet", () => {
    const file = MemoryFile.create(1 << 16)
    const writer = openWriter(file)
    const cursor = open(file, 3)
    appendOne(writer, payloadOf(1, 10))
    appendOne(writer, payloadOf(2, 10))
    assert.deepStrictEqual(cursor.read(9, 1e6).frames, [])
    appendOne(writer, payloadOf(3, 10))
    assert.deepStrictEqual(
      cursor.read(9, 1e6).frames.map(({ seq }) => seq),
      [3]
    )
  })

  it("says that announced messages are missing, and still reads those that get their numbers later", () => {
    const file = MemoryFile.golden("corrupt/zeroed-newest.plasmite")
    const cursor = open(file, 6)
    assert.deepStrictEqual(
      cursor.read(9, 1e6).frames.map(({ seq }) => seq),
      [6, 7]
    )
    assert.strictEqual(cursor.read(9, 1e6).damaged?.seq, 8)
    assert.deepStrictEqual(cursor.read(9, 1e6).damaged, undefined)
    const writer = openWriter(file)
    assert.strictEqual(appendOne(writer, payloadOf(8, 30)), 8)
    assert.deepStrictEqual(
      cursor.read(9, 1e6).frames.map(({ payload, seq }) => [seq, payload]),
      [[8, payloadOf(8, 30)]]
    )
  })

  it("finds old messages beyond the index without walking the ring each time", () => {
    const file = MemoryFile.create(1 << 18, 16)
    const writer = openWriter(file)
    writer.appendAll(
      Array.from({ length: 1500 }, (_, index) => payloadOf(index + 1, 40)),
      1,
      2,
      undefined
    )
    const ring = Ring.open(file)
    const { newest, oldest } = ring.readGroup()
    readFrame(ring, new TestLock(), newest - 100)
    file.reads = 0
    let count = 0
    for (let seq = oldest; seq < newest - 100; seq += 13) {
      assert.propertyVal(readFrame(ring, new TestLock(), seq), "seq", seq)
      count++
    }
    assert.isBelow(file.reads / count, 2 * 16 + 20)
    // Marks that no longer hold mislead nobody.
    for (let more = 0; more < 400; more++) appendOne(writer, payloadOf(more, 40))
    const lock = new TestLock()
    lock.isFree = false
    const later = ring.readGroup().oldest
    ring.marks.note(later + 64 - (later % 16), 112)
    for (let seq = later; seq < later + 200; seq += 7) assert.propertyVal(readFrame(ring, lock, seq), "seq", seq)
  })

  it("reads messages of any lengths in any order, in memory that it uses again", () => {
    const file = MemoryFile.create(1 << 16, 256)
    const writer = openWriter(file)
    // The ring comes round several times, and frames end at its very end.
    const lengthOf = (seq: number): number => [0, 9, 120, 1_500, 6_000, 432][seq % 6]!
    for (let seq = 1; seq <= 120; seq++) appendOne(writer, payloadOf(seq, lengthOf(seq)))
    const ring = Ring.open(file)
    const lock = new TestLock()
    lock.isFree = false
    const { newest, oldest } = ring.readGroup()
    const copies = new LentCopyBuffer()
    const random = makeRandom(7)
    for (let round = 0; round < 300; round++) {
      const seq = oldest + Math.floor(random() * (newest - oldest + 1))
      const frame = readFrame(ring, lock, seq, copies)
      assert.deepStrictEqual(typeof frame === "string" ? frame : frame.payload, payloadOf(seq, lengthOf(seq)))
    }
    for (let seq = 1; seq < oldest; seq++) assert.deepStrictEqual(readFrame(ring, lock, seq, copies), "missing")
    assert.deepStrictEqual(readFrame(ring, lock, newest + 1, copies), "missing")
  })

  it("does not find a message that was dropped, though nothing has taken its place yet", () => {
    const file = MemoryFile.create(1 << 16, 32)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 5; seq++) appendOne(writer, payloadOf(seq, 40))
    const ring = Ring.open(file)
    const lock = new TestLock()
    assert.propertyVal(readFrame(ring, lock, 1), "seq", 1)
    // The group, as somebody leaves it who dropped the first message: tail, behind the tail, oldest.
    const view = new DataView(file.bytes.buffer)
    view.setUint32(64 + 8, 112, true)
    view.setUint32(64 + 16, 224, true)
    view.setUint32(64 + 24, 2, true)
    assert.strictEqual(readFrame(ring, lock, 1), "missing")
    assert.propertyVal(readFrame(ring, lock, 2), "seq", 2)
  })

  it("is not misled by index slots, nor does it need the lock because of them", () => {
    const file = MemoryFile.create(1 << 16, 32)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 20; seq++) appendOne(writer, payloadOf(seq, 40))
    const view = new DataView(file.bytes.buffer)
    for (let slot = 0; slot < 32; slot++) view.setUint32(4096 + slot * 16 + 8, 112 * (slot % 7), true)
    const lock = new TestLock()
    lock.isFree = false
    for (let seq = 20; seq > 0; seq--) {
      const frame = readFrame(Ring.open(file), lock, seq)
      assert.deepStrictEqual(typeof frame === "string" ? frame : frame.payload, payloadOf(seq, 40))
    }
  })
})

/**
 * A pool that others append to while it is read: each read of the file lets them store a little more. The lock is
 * free exactly when nobody is in the middle of an append.
 */
class BusyPool {
  readonly file: MemoryFile
  readonly lock = new TestLock()
  readonly lengths = [0]
  /** How fast the others are, compared with the reader. */
  pace = 1
  private readonly whole: MemoryFile
  private readonly writer: RingWriter
  private pending: Array<{ readonly offset: number; readonly bytes: Uint8Array }> = []

  constructor(
    ringSize: number,
    capacity: number,
    private readonly order: CopyOrder,
    private readonly ours: number,
    private readonly random: () => number
  ) {
    this.whole = MemoryFile.create(4096 + 16 * capacity + ringSize, capacity)
    this.file = this.whole.copy()
    this.writer = openWriter(this.whole)
    this.file.beforeRead = () => this.goOn(3)
    this.lock.beforeAttempt = () => this.goOn(60)
  }

  get newest(): number {
    return this.lengths.length - 1
  }

  goOn(most: number): void {
    if (this.lock.held !== undefined) return
    for (let steps = Math.floor(this.random() * most * this.pace); steps > 0; steps--) {
      const piece = this.pending.shift()
      if (piece !== undefined) this.file.bytes.set(piece.bytes, piece.offset)
      else if (this.random() < 0.3) this.begin()
      else break
    }
    this.lock.isFree = this.pending.length === 0
  }

  finish(): void {
    for (const { bytes, offset } of this.pending) this.file.bytes.set(bytes, offset)
    this.pending = []
    this.lock.isFree = true
    this.file.beforeRead = undefined
    this.lock.beforeAttempt = undefined
  }

  private begin(): void {
    const { ringSize } = Ring.open(this.whole).geometry
    const length = Math.floor(this.random() ** 2 * (ringSize / 3))
    this.lengths.push(length)
    const payload = payloadOf(this.newest, length)
    this.whole.record()
    if (this.random() < this.ours) this.writer.appendAll([payload], 1, 2, undefined)
    else upstreamAppend(this.whole, payload)
    this.pending = [...piecesOf(this.whole.stores, this.order, this.random)]
  }
}

describe("readers beside running writers", () => {
  const orders: ReadonlyArray<CopyOrder> = ["upwards", "downwards", "shuffled"]
  for (const [index, order] of orders.entries()) {
    for (const ours of [0, 0.5, 1]) {
      it(`never see a torn message: ${order}, share of our appends ${ours}`, () => {
        let delivered = 0
        let gaps = 0
        let contended = 0
        for (let seed = 0; seed < 10; seed++) {
          const random = makeRandom(1000 * index + seed)
          const pool = new BusyPool(400 + 100 * seed, seed % 3 === 0 ? 0 : 8, order, ours, random)
          const copies = seed % 2 === 0 ? new LentCopyBuffer() : new CopyBuffer()
          const cursor = new RingCursor(Ring.open(pool.file), pool.lock, 1, { reportFirstGap: true, copies })
          let expected = 1
          const take = (): void => {
            const batch = cursor.read(1 + Math.floor(random() * 5), 1e6)
            assert.isUndefined(batch.damaged)
            if (batch.gap !== undefined) {
              gaps++
              assert.strictEqual(batch.gap.expected, expected)
              assert.isAbove(batch.gap.found, expected)
              expected = batch.gap.found
            }
            for (const { payload, seq } of batch.frames) {
              assert.strictEqual(seq, expected++)
              assert.isAtMost(seq, pool.newest)
              const length = pool.lengths[seq]!
              assert.deepStrictEqual(payload.slice(0, length), payloadOf(seq, length))
              delivered++
            }
            if (batch.contended) contended++
            assert.strictEqual(cursor.nextSeq, expected)
            assert.isUndefined(pool.lock.held)
          }
          for (let looks = 0; looks < 1500; looks++) {
            if (looks % 20 === 0) pool.pace = random()
            take()
            if (random() < 0.3) pool.goOn(40)
          }
          pool.finish()
          for (let looks = 0; looks < 50; looks++) take()
          assert.strictEqual(expected, pool.newest + 1)
          assert.strictEqual(readAll(pool.file).seqs.at(-1), pool.newest)
        }
        assert.isAbove(delivered, 150)
        assert.isAbove(gaps, 15)
        if (ours < 1) assert.isAbove(contended, 50)
      })
    }
  }

  it("never see a torn message among the oldest ones, which are being overwritten", () => {
    let delivered = 0
    let missed = 0
    for (const [index, order] of orders.entries()) {
      for (let seed = 0; seed < 12; seed++) {
        const random = makeRandom(500 + 100 * index + seed)
        const pool = new BusyPool(600 + 150 * seed, 0, order, 0.1, random)
        const ring = Ring.open(pool.file)
        for (let looks = 0; looks < 700; looks++) {
          if (looks % 20 === 0) pool.pace = random()
          pool.goOn(20)
          const start = Math.max(1, ring.readGroup().oldest + Math.floor(random() * 4))
          const cursor = new RingCursor(ring, pool.lock, start, { reportFirstGap: true })
          const { damaged, frames, gap } = cursor.read(1 + Math.floor(random() * 3), 1e6)
          assert.isUndefined(damaged)
          if (gap !== undefined) missed++
          for (const { payload, seq } of frames) {
            const length = pool.lengths[seq]!
            assert.deepStrictEqual(payload.slice(0, length), payloadOf(seq, length))
            delivered++
          }
        }
      }
    }
    assert.isAbove(delivered, 2000)
    assert.isAbove(missed, 100)
  })

  it("fetching by number never gives a torn message either", () => {
    let found = 0
    for (let seed = 0; seed < 10; seed++) {
      const random = makeRandom(77 + seed)
      const pool = new BusyPool(1500, seed % 2 === 0 ? 0 : 8, "downwards", 0.4, random)
      const ring = Ring.open(pool.file)
      for (let looks = 0; looks < 500; looks++) {
        const seq = Math.max(1, pool.newest - Math.floor(random() * 12))
        const frame = readFrame(ring, pool.lock, seq)
        if (typeof frame === "string") continue
        found++
        assert.strictEqual(frame.seq, seq)
        assert.deepStrictEqual(frame.payload.slice(0, pool.lengths[seq]), payloadOf(seq, pool.lengths[seq]!))
      }
    }
    assert.isAbove(found, 500)
  })
})
