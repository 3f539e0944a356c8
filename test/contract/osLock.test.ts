/**
 * The operating system's lock between processes, and what the system may refuse.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FileSystem from "node:fs"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import { PoolLock, type PoolLockMode } from "../../src/PoolLock.js"
import { PoolStorage } from "../../src/PoolStorage.js"
import { startChild } from "./childProcess.js"
import { newDirectory, openCounts, unprivileged } from "./machine.js"

const layer = Layer.merge(OsPoolLock.layer, FilePoolStorage.layer)
const newFile = { byteLength: 8192, header: new Uint8Array(8) }

const newPool = Effect.gen(function* () {
  const path = `${yield* newDirectory}/a.plasmite`
  yield* (yield* PoolStorage).create(path, newFile)
  return path
})

describe("the lock between processes", () => {
  const modes: ReadonlyArray<PoolLockMode> = ["exclusive", "shared"]
  for (const theirs of modes) {
    it.scopedLive(`a process that holds it ${theirs} is respected, and when killed leaves it free`, () =>
      Effect.gen(function* () {
        const path = yield* newPool
        const lock = yield* (yield* PoolLock).open(path)
        const child = yield* startChild("lock", [path, theirs])
        assert.strictEqual(yield* child.nextLine, "held")
        assert.isFalse(lock.tryAcquire("exclusive"))
        assert.strictEqual(lock.tryAcquire("shared"), theirs === "shared")
        lock.release()
        yield* child.kill
        assert.isTrue(lock.tryAcquire("exclusive"))
      }).pipe(Effect.provide(layer))
    )
  }

  it.scopedLive("what we hold excludes other processes, and our children do not inherit it", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const lock = yield* (yield* PoolLock).open(path)
      assert.isTrue(lock.tryAcquire("exclusive"))
      const refused = yield* startChild("lock", [path, "shared"])
      assert.strictEqual(yield* refused.nextLine, "refused")
      lock.release()
      const holder = yield* startChild("lock", [path, "exclusive"])
      assert.strictEqual(yield* holder.nextLine, "held")
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("a pool that may only be read can be locked; one that may not even be read is Permission", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const locks = yield* PoolLock
      FileSystem.chmodSync(path, 0o444)
      yield* unprivileged(
        Effect.scoped(
          Effect.map(locks.open(path), (lock) => {
            assert.isTrue(lock.tryAcquire("shared"))
          })
        )
      )
      FileSystem.chmodSync(path, 0)
      const error = yield* Effect.flip(Effect.scoped(unprivileged(locks.open(path))))
      assert.strictEqual(error.reason, "Permission")
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("the descriptor is closed with the scope", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      yield* Effect.scoped(Effect.map((yield* PoolLock).open(path), (lock) => lock.tryAcquire("shared")))
      assert.strictEqual(openCounts(path).descriptors, 0)
    }).pipe(Effect.provide(layer))
  )
})
