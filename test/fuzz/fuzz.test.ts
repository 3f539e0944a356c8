/**
 * A few thousand cases of every kind that `npm run fuzz` runs by the million, with one fixed seed; and truncation, which
 * is few enough to be tried whole.
 */
import { assert, describe, it } from "@effect/vitest"
import { isPoolError } from "../../src/PoolError.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { MemoryFile, TestLock } from "../ring/MemoryFile.js"
import { BoundedFile } from "./BoundedFile.js"
import type { Kind } from "./chance.js"
import { Chance } from "./chance.js"
import { argumentKind, recordKind } from "./damageInput.js"
import { payloadKind } from "./damagePayload.js"
import { examineDamaged, poolKind } from "./damagePool.js"
import { textKind } from "./damageText.js"
import { openRing, readThrough, startsWith } from "./examine.js"
import { makeSample } from "./samples.js"

const seed = 20260304

const runCases = async (kind: Kind, cases: number): Promise<void> => {
  for (let at = 0; at < cases; at++) {
    try {
      await kind.run(new Chance(seed, kind.name, at))
    } catch (error) {
      throw new Error(`npm run fuzz -- --seed ${seed} --kind ${kind.name} --case ${at}`, { cause: error })
    }
  }
}

describe("random damage", () => {
  it("pools", () => runCases(poolKind(), 1000))
  it("payloads", () => runCases(payloadKind, 4000))
  it("texts", () => runCases(textKind, 4000))
  it("records", () => runCases(recordKind, 3000))
  it("arguments", () => runCases(argumentKind, 800))
})

const refusal = (file: BoundedFile): string | undefined => {
  try {
    Ring.open(file)
    return undefined
  } catch (error) {
    if (isPoolError(error)) return error.reason
    throw error
  }
}

describe("another length", () => {
  const options = { fileSize: 5600, indexCapacity: 4, seed: 8, textBytes: 60, laps: 1.6 }

  it("is refused, cut at every byte or grown", () => {
    const { bytes } = makeSample({ ...options, author: "ours" }).file
    for (let length = 0; length < bytes.length; length++)
      assert.strictEqual(refusal(new BoundedFile(bytes.slice(0, length))), "Corrupt", `${length} bytes`)
    for (const more of [1, 7, 8, 64, 4096]) {
      const grown = new Uint8Array(bytes.length + more)
      grown.set(bytes)
      assert.strictEqual(refusal(new BoundedFile(grown)), "Corrupt", `${more} more bytes`)
    }
    assert.strictEqual(refusal(new BoundedFile(bytes)), undefined)
  })

  for (const author of ["ours", "upstream"] as const) {
    it(`costs only messages when the header agrees with it: ${author}`, () => {
      const { file, messages } = makeSample({ ...options, author })
      let opened = 0
      let delivered = 0
      for (let length = 4096 + 64 + 1; length < file.byteLength + 200; length++) {
        const bytes = new Uint8Array(length)
        bytes.set(file.bytes.subarray(0, length))
        const view = new DataView(bytes.buffer)
        view.setUint32(16, length, true)
        view.setUint32(48, length - 4096 - 64, true)
        const changed = new BoundedFile(bytes)
        for (const { payload, seq } of readThrough(changed).frames) {
          assert.isTrue(startsWith(payload, messages.get(seq)!), `message ${seq} of ${length} bytes`)
          delivered++
        }
        if (openRing(changed) !== undefined) opened++
        if (length % 8 === 0) examineDamaged(changed)
      }
      assert.isAbove(opened, 500)
      assert.isAbove(delivered, 500)
    })
  }
})

describe("a header that announces more messages than a ring can hold", () => {
  it("does not make a lookup count up to them", () => {
    const { file } = makeSample({ author: "ours", fileSize: 8192, seed: 3, textBytes: 40, laps: 2 })
    const view = new DataView(file.bytes.buffer)
    view.setUint32(100, 0x10_0000, true)
    const ring = Ring.open(file)
    const { newest } = ring.readGroup()
    assert.isAbove(newest, 2 ** 52)
    for (const seq of [newest, newest - 10, 2 ** 40])
      assert.throws(() => void readFrame(ring, new TestLock(), seq), "is damaged")
  })

  it("does not keep a reader of a ring that is too small for one busy for ever", () => {
    const file = new BoundedFile(MemoryFile.golden("tiny-empty.plasmite").bytes)
    const view = new DataView(file.bytes.buffer)
    for (const at of [88, 96]) view.setUint32(at, 1, true)
    examineDamaged(file)
    const { frames, reports } = readThrough(file)
    assert.deepStrictEqual(frames, [])
    assert.strictEqual(reports, 1)
  })
})
