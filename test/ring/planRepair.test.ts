import { assert, describe, it } from "@effect/vitest"
import { payloadProblem } from "../../src/internal/payloadProblem.js"
import { planRepair } from "../../src/internal/ring/planRepair.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { nameOf, specimens, survivors } from "../contract/poolsRepairContract.js"
import { MemoryFile } from "./MemoryFile.js"
import { appendOne, openWriter, payloadOf } from "./tools.js"

const readable = (file: MemoryFile): Array<number> =>
  verifyRing(Ring.open(file, { payloadProblem })).readable.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index)
  )

const repairable = specimens.filter(
  (specimen) => survivors(specimen) !== undefined && specimen.expect.doctor_must_report_issues
)

describe("a planned repair", () => {
  it("changes nothing before it is performed, and then comes to what was planned", () => {
    for (const dropDamaged of [false, true]) {
      for (const { file: name } of repairable) {
        const file = MemoryFile.golden(`corrupt/${name}`)
        file.record()
        const { changes, outcome, readable: planned } = planRepair(file, { payloadProblem, dropDamaged })
        assert.deepStrictEqual(file.stores, [])
        const image = new Uint8Array(file.byteLength)
        outcome.read(0, image, 0, image.length)
        outcome.perform()
        assert.deepStrictEqual(file.bytes, image)
        assert.strictEqual(changes.length > 0, file.stores.length > 0, name)
        assert.deepStrictEqual(verifyRing(Ring.open(file, { payloadProblem })).readable, planned)
      }
    }
  })

  it("can be cut short after any store, and within any that is not atomic: the next one completes it", () => {
    let cuts = 0
    for (const dropDamaged of [false, true]) {
      for (const specimen of repairable) {
        const before = MemoryFile.golden(`corrupt/${specimen.file}`)
        const file = before.copy()
        file.record()
        planRepair(file, { payloadProblem, dropDamaged }).outcome.perform()
        const whole = readable(file)
        for (const [index, store] of file.stores.entries()) {
          for (const length of store.atomic ? [0] : [0, 8, store.bytes.length >> 1]) {
            const image = before.copy()
            for (const { bytes, offset } of file.stores.slice(0, index)) image.bytes.set(bytes, offset)
            image.bytes.set(store.bytes.subarray(0, length), store.offset)
            planRepair(image, { payloadProblem, dropDamaged }).outcome.perform()
            assert.deepStrictEqual(readable(image), whole, `${nameOf(specimen)} cut after store ${index}`)
            cuts++
          }
        }
      }
    }
    assert.isAtLeast(cuts, 100)
  })
})

describe("a writer that was told to forget the newest message", () => {
  it("walks from the oldest, and so does whoever opens the pool next", () => {
    const file = MemoryFile.create(4096 + 4000, 0)
    const writer = openWriter(file)
    for (let seq = 1; seq <= 10; seq++) appendOne(writer, payloadOf(seq, 100))
    // The fifth of ten frames of equal length is started and not committed.
    file.bytes[4096 + 4 * (Ring.open(file).readGroup().head / 10) + 4] = 1
    const repairOf = (image: MemoryFile) => openWriter(image).appendAll([], 1, 2, undefined).repaired?.finding
    assert.isUndefined(repairOf(file.copy()), "the newest message is known, so nobody looks before it")
    writer.forgetNewest()
    assert.strictEqual(repairOf(file.copy()), "crash")
  })

  it("leaves alone what somebody else keeps in those bytes", () => {
    const file = MemoryFile.golden("reserved-bytes-filled.plasmite")
    const before = file.bytes.slice()
    openWriter(file).forgetNewest()
    assert.deepStrictEqual(file.bytes, before)
  })
})
