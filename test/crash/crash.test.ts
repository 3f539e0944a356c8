/**
 * Death, power cuts and living writers, enumerated over appends of every kind. `npm run crash` goes on from here with
 * histories of its own.
 */
import { assert, describe, it } from "@effect/vitest"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { RingCursor } from "../../src/internal/ring/cursor.js"
import { makeRandom, MemoryFile, TestLock } from "../ring/MemoryFile.js"
import { upstreamAppend } from "../ring/UpstreamWriter.js"
import { checkSound, drain, nextWriters } from "./aftermath.js"
import { findScenarios, listedWords } from "./appendKinds.js"
import { chainOf } from "./chainModel.js"
import { checkCrashes, checkFailures } from "./crashes.js"
import { forEachCrashPoint } from "./crashPoints.js"
import { checkCreation } from "./creation.js"
import { checkInterleavings } from "./interleavings.js"
import { Ledger } from "./Ledger.js"
import { checkPowerLoss } from "./powerLoss.js"
import type { Scenario } from "./scenarios.js"
import { appendOf, emptiedPool, growPool, recordOurs, recordUpstream } from "./scenarios.js"

const scenarios = findScenarios(1, 60, 1)
/** Three frames of upstream's, with 24 bytes of padding behind them that our next writer absorbs. */
const healing = (): Scenario => {
  const file = MemoryFile.create(4096 + 264, 0)
  const ledger = new Ledger()
  for (let seq = 1; seq <= 3; seq++) upstreamAppend(file, ledger.payload(seq, 8))
  return recordOurs(file.bytes, ledger, [], { kind: "heal", promised: { from: 1, to: 3 }, atRest: file.bytes })
}
const ours = scenarios.filter(({ writer }) => writer === "ours")

describe("the appends tried", () => {
  it("are of every kind", () => {
    const found = new Set(scenarios.flatMap(({ kind }) => kind.split(/[ ]/)))
    assert.deepStrictEqual(
      listedWords.filter((word) => !found.has(word)),
      []
    )
  })
})

describe("death", () => {
  it("at any point of any kind of append loses nothing, and the next writer goes on", () => {
    let points = 0
    for (const [index, scenario] of scenarios.entries()) {
      // Long batches have thousands of points that differ little; the long run visits them all.
      if (scenario.stores.length > 12) continue
      const order = (["upwards", "downwards", "shuffled"] as const)[index % 3]!
      const writersAt = (point: number) => [nextWriters[point % 3]!]
      points += checkCrashes(scenario, { order, random: makeRandom(index), writersAt })
    }
    assert.isAbove(points, 1500)
  })

  it("of the disk at any store leaves a handle that goes on", () => {
    let failures = 0
    for (const scenario of ours) if (scenario.kind !== "repair") failures += checkFailures(scenario)
    assert.isAbove(failures, 300)
  })

  it("of a creator leaves a whole pool or none", () => {
    assert.isAbove(checkCreation(4096 + 640, 4) + checkCreation(4096 + 72, 0), 300)
  })
})

describe("a power cut", () => {
  it("loses nothing of durable appends, whatever was written back", () => {
    const random = makeRandom(7)
    let images = 0
    for (const [index, scenario] of ours.entries()) {
      if (scenario.stores.length > 12) continue
      const units = index % 2 === 0 ? "words" : "sectors"
      images += checkPowerLoss(scenario, { units, mode: "flush", allSubsetsUpTo: 6, randomSubsets: 4, random })
    }
    assert.isAbove(images, 2000)
  })

  it("tears no checksummed message of fast appends, keeps what reached the disk in a row, and the next writer goes on", () => {
    const random = makeRandom(8)
    let images = 0
    for (const scenario of ours) {
      if (scenario.stores.length > 40) continue
      for (const units of ["words", "sectors"] as const)
        images += checkPowerLoss(scenario, { units, mode: "fast", allSubsetsUpTo: 6, randomSubsets: 4, random })
    }
    assert.isAbove(images, 1000)
  })
})

describe("a power cut", () => {
  it("while padding is absorbed in fast mode takes nothing from the message before it", () => {
    const random = makeRandom(10)
    let images = 0
    for (const scenario of [...ours.filter(({ kind }) => /^(heal|repair)$/.test(kind)), healing()]) {
      const limits = { allSubsetsUpTo: 10, randomSubsets: 40, random }
      for (const units of ["words", "sectors"] as const)
        images += checkPowerLoss(scenario, { ...limits, units, mode: "fast" })
    }
    assert.isAbove(images, 15)
  })
})

describe("readers beside writers", () => {
  it("see whole messages in order, and every gap, in all schedules of some steps", () => {
    const random = makeRandom(9)
    let runs = 0
    for (const upstreamShare of [0, 0.5]) {
      for (const length of [90, 250]) {
        const pool = growPool({ ringSize: 408, capacity: 4, appends: 7, largest: 100, upstreamShare }, random)
        const first = appendOf(pool, [length])
        const next = { bytes: first.after, ledger: first.ledger }
        const newest = chainOf(next.bytes).newest
        const second = recordUpstream(next.bytes, next.ledger, next.ledger.payload(newest + 1, 120))
        const third = appendOf({ bytes: second.after, ledger: next.ledger }, [30])
        runs += checkInterleavings([first, second, third], { depth: 2, mostRuns: 2000, seed: 1 }).runs
      }
    }
    assert.isAbove(runs, 2000)
  })
})

describe("found on the way", () => {
  it("a tail that upstream parked in padding is moved before the padding is absorbed", () => {
    // Three frames fill all but the last 24 bytes; dropping stopped in the padding, at the head.
    const file = MemoryFile.create(4096 + 264, 0)
    const ledger = new Ledger()
    for (let seq = 1; seq <= 3; seq++) upstreamAppend(file, ledger.payload(seq, 8))
    const view = new DataView(file.bytes.buffer)
    view.setUint32(64, 240, true)
    view.setUint32(72, 240, true)
    view.setUint32(80, 0, true)
    new RingWriter(Ring.open(file)).appendAll([], 1, 2, undefined)
    const group = [64, 72, 88, 96].map((at) => view.getUint32(at, true))
    assert.deepStrictEqual(group, [0, 0, 1, 3])
    upstreamAppend(file, ledger.payload(4, 8))
    checkSound(file.bytes)
  })

  it("a pool opens when upstream died after its head, its frame at 0 over the marker at the old tail", () => {
    const bytes = emptiedPool(640, 0, 248, 6)
    const ledger = new Ledger()
    const scenario = recordUpstream(bytes, ledger, ledger.payload(7, 485))
    checkCrashes(scenario, { order: "upwards", random: () => 0 })
  })

  /** Messages of 80 bytes from offset 0 on, and a frame begun behind them by somebody who died. */
  const begunBehind = (messages: number, lost: ReadonlyArray<number>): MemoryFile => {
    const file = MemoryFile.create(4096 + 1024, 0)
    const writer = new RingWriter(Ring.open(file))
    for (let seq = 1; seq <= messages + 1; seq++) writer.appendAll([new Uint8Array(8).fill(seq)], 1, 2, undefined)
    const view = new DataView(file.bytes.buffer)
    for (const [at, value] of [
      [64, messages * 80],
      [96, messages]
    ] as const)
      view.setUint32(at, value, true)
    view.setUint32(4096 + messages * 80 + 4, 1, true)
    for (const seq of lost) file.bytes.fill(0, 4096 + (seq - 1) * 80, 4096 + seq * 80)
    return file
  }

  /** Knows those messages by their bytes. */
  const ledgerOfSmall = Object.assign(new Ledger(), {
    check: (seq: number, payload: Uint8Array) => assert.deepStrictEqual([...payload], Array(8).fill(seq))
  })

  const keptBy = (file: MemoryFile): { readonly finding: string | undefined; readonly seqs: ReadonlyArray<number> } => {
    const { repaired } = new RingWriter(Ring.open(file)).appendAll([], 1, 2, undefined)
    const cursor = new RingCursor(Ring.open(file), new TestLock(), 1, { reportFirstGap: false })
    const promised = { from: 1, to: 0 }
    const { seqs } = drain(cursor, { ledger: ledgerOfSmall, promised, strictness: "partial" }, true)
    return { finding: repaired?.finding, seqs: [...seqs] }
  }

  it("without its newest message a pool keeps what lies before and behind those missing", () => {
    assert.deepStrictEqual(keptBy(begunBehind(7, [3, 7])), { finding: "short", seqs: [1, 2, 4, 5, 6] })
    assert.deepStrictEqual(keptBy(begunBehind(7, [1, 4, 7])), { finding: "short", seqs: [5, 6] })
    assert.deepStrictEqual(keptBy(begunBehind(7, [7])), { finding: "short", seqs: [1, 2, 3, 4, 5, 6] })
    assert.deepStrictEqual(keptBy(begunBehind(7, [1, 2, 3, 4, 5, 6, 7])), { finding: "crash", seqs: [] })
  })

  it("a writer that had begun behind the newest is not blamed for a hole before it", () => {
    assert.deepStrictEqual(keptBy(begunBehind(7, [3])).seqs, [1, 2, 4, 5, 6, 7])
    assert.strictEqual(verifyRing(Ring.open(begunBehind(7, [3]))).finding, "hole")
    assert.deepStrictEqual(keptBy(begunBehind(7, [1])).seqs, [2, 3, 4, 5, 6, 7])
  })

  it("messages of which chains of one length are left are the newer ones", () => {
    assert.deepStrictEqual(keptBy(begunBehind(7, [1, 4, 7])).seqs, [5, 6])
    const both = begunBehind(9, [1, 4, 7, 9])
    assert.deepStrictEqual(keptBy(both).seqs, [5, 6])
  })

  it("absorbing padding leaves nothing for the full check to complain about, whenever it stops", () => {
    for (const scenario of [...scenarios.filter(({ kind }) => kind === "heal"), healing()]) {
      forEachCrashPoint(
        scenario,
        "upwards",
        () => 0,
        (image) => {
          const { finding, issues } = verifyRing(Ring.open(new MemoryFile(image.slice())))
          assert.deepStrictEqual(issues, [])
          // What has to be put right takes a power cut; padding that is still there does not.
          assert.notStrictEqual(finding, "healing")
        }
      )
    }
  })

  it("a head that a power cut kept in absorbed padding is put right, and no damage", () => {
    const heal = healing()
    const file = new MemoryFile(heal.after.slice())
    file.bytes.set(heal.before.subarray(64, 104), 64)
    const { finding, hints, issues } = verifyRing(Ring.open(file))
    assert.deepStrictEqual([finding, issues], ["healing", []])
    assert.isTrue(hints.some((hint) => hint.includes("absorbed the padding")))
    assert.strictEqual(new RingWriter(Ring.open(file)).appendAll([], 1, 2, undefined).repaired?.finding, "healing")
    checkSound(file.bytes)
    assert.strictEqual(verifyRing(Ring.open(file)).finding, "clean")
  })

  it("what is left of a ring between two lost frames is kept also when its state was not written back", () => {
    const ledger = new Ledger()
    const file = MemoryFile.create(4096 + 640, 0)
    for (let seq = 1; seq <= 3; seq++)
      new RingWriter(Ring.open(file)).appendAll([ledger.payload(seq, 8)], 1, 2, undefined)
    file.bytes.fill(0, 4096, 4096 + 64)
    file.bytes[4096 + 80 + 4] = 1
    file.bytes.fill(0, 4096 + 160, 4096 + 224)
    const { firstSeq, repaired } = new RingWriter(Ring.open(file)).appendAll([ledger.payload(3, 9)], 1, 2, undefined)
    assert.deepStrictEqual([firstSeq, repaired?.finding, repaired?.after.oldest], [3, "short", 2])
    checkSound(file.bytes)
  })
})
