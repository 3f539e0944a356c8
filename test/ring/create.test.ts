import { assert, describe, it } from "@effect/vitest"
import { isPoolError } from "../../src/PoolError.js"
import { automaticIndexCapacity, planPool } from "../../src/internal/ring/create.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { MemoryFile } from "./MemoryFile.js"

const KiB = 1024
const MiB = 1024 * KiB

describe("a new pool", () => {
  it("has the same layout as upstream's", () => {
    const layouts = [
      [4104, 0, 4096, 8],
      [5120, 0, 4096, 1024],
      [8192, 32, 4608, 3584],
      [16384, 64, 5120, 11264],
      [65536, 256, 8192, 57344],
      [MiB, 4096, 69632, 978944],
      [4 * MiB, 16384, 266240, 3928064],
      [16 * MiB, 65536, 1052672, 15724544],
      [64 * MiB, 65536, 1052672, 66056192],
      [1024 * MiB, 65536, 1052672, 1072689152]
    ]
    for (const [fileSize, indexCapacity, ringOffset, ringSize] of layouts) {
      assert.strictEqual(automaticIndexCapacity(fileSize!), indexCapacity)
      const { file, geometry } = planPool({ fileSize: fileSize! })
      assert.deepStrictEqual(geometry, { fileSize, indexCapacity, ringOffset, ringSize } as never)
      assert.strictEqual(file.byteLength, fileSize)
    }
  })

  it("has the same bytes as upstream's", () => {
    for (const name of ["empty", "tiny-empty"]) {
      const { bytes } = MemoryFile.golden(`${name}.plasmite`)
      assert.deepStrictEqual(planPool({ fileSize: bytes.length }).file.header, bytes.slice(0, 4096))
    }
  })

  it("never has a ring that is not a multiple of 8", () => {
    for (let fileSize = 4097; fileSize < 9000; fileSize += 7) {
      const { fileSize: rounded, ringSize } = planPool({ fileSize }).geometry
      assert.strictEqual(rounded, Math.ceil(fileSize / 8) * 8)
      assert.strictEqual(ringSize % 8, 0)
      assert.isAbove(ringSize, 0)
    }
  })

  it("can be opened, and is empty", () => {
    const group = Ring.open(MemoryFile.create(MiB)).readGroup()
    assert.deepStrictEqual(group, { head: 0, tail: 0, tailNext: 0, oldest: 0, newest: 0 })
  })

  it("is refused when it cannot hold anything, or its index takes too much", () => {
    const refused = [
      { options: { fileSize: 4096 }, mentions: "no room" },
      { options: { fileSize: 0 }, mentions: "no room" },
      { options: { fileSize: -8 }, mentions: "-8" },
      { options: { fileSize: 5000.5 }, mentions: "5000.5" },
      { options: { fileSize: 64 * KiB, indexCapacity: 5000 }, mentions: "index capacity" },
      { options: { fileSize: 4608, indexCapacity: 32 }, mentions: "index capacity" },
      { options: { fileSize: MiB, indexCapacity: -1 }, mentions: "index capacity" },
      { options: { fileSize: MiB, indexCapacity: 1.5 }, mentions: "index capacity" }
    ]
    for (const { mentions, options } of refused) {
      try {
        planPool(options)
        assert.fail(`${JSON.stringify(options)} was not refused`)
      } catch (error) {
        assert.isTrue(isPoolError(error) && error.reason === "Usage" && error.message.includes(mentions), String(error))
      }
    }
  })

  it("refuses message numbers that are not exact", () => {
    const file = MemoryFile.create(8192)
    new DataView(file.bytes.buffer).setUint32(64 + 36, 0x200000, true)
    try {
      Ring.open(file)
      assert.fail("was not refused")
    } catch (error) {
      assert.isTrue(isPoolError(error) && error.reason === "Corrupt" && error.message.includes("2^53"), String(error))
    }
  })
})
