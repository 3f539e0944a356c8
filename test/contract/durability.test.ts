/**
 * What each durability promises, and that the one without a disk does not promise more than it can keep.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as DiskDurability from "../../layers/DiskDurability.js"
import * as MemoryDurability from "../../layers/MemoryDurability.js"
import { Durability } from "../../src/Durability.js"
import type { PoolFile } from "../../src/PoolStorage.js"

const refuse = (): never => {
  throw new Error("only sync is expected")
}

/** A file that can only be synced, and remembers what was. */
const syncedRanges = () => {
  const ranges: Array<readonly [number, number]> = []
  const file: PoolFile = {
    path: "a.plasmite",
    byteLength: 8192,
    writable: true,
    read: refuse,
    write: refuse,
    store32: refuse,
    store64: refuse,
    publish: refuse,
    isCurrent: refuse,
    sync: (offset, length) => void ranges.push([offset, length])
  }
  return { file, ranges }
}

const fastCostsNothing = (layer: Layer.Layer<Durability>) =>
  Effect.gen(function* () {
    assert.isUndefined(yield* (yield* Durability).barrier("fast"))
  }).pipe(Effect.provide(layer))

describe("Durability", () => {
  it.effect("disk: fast has nothing to wait for", () => fastCostsNothing(DiskDurability.layer))

  it.effect("memory: fast has nothing to wait for", () => fastCostsNothing(MemoryDurability.layer))

  it.effect("disk: flush syncs exactly the range", () =>
    Effect.gen(function* () {
      const barrier = yield* (yield* Durability).barrier("flush")
      const { file, ranges } = syncedRanges()
      barrier!(file, 4096, 100)
      barrier!(file, 0, 4096)
      assert.deepStrictEqual(ranges, [
        [4096, 100],
        [0, 4096]
      ])
    }).pipe(Effect.provide(DiskDurability.layer))
  )

  it.effect("memory: flush has nothing to wait for either", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* (yield* Durability).barrier("flush"))
    }).pipe(Effect.provide(MemoryDurability.layer))
  )

  it.effect("strict: fast has nothing to wait for", () => fastCostsNothing(MemoryDurability.strict))

  it.effect("strict: flush is refused as Usage, with advice", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip((yield* Durability).barrier("flush"))
      assert.strictEqual(error.reason, "Usage")
      assert.isNotEmpty(error.hint)
    }).pipe(Effect.provide(MemoryDurability.strict))
  )
})
