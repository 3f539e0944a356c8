/**
 * What every pool lock must do: one suite, run over each layer. What takes two processes is in `osLock.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { PoolLock, type PoolLockHandle, type PoolLockMode } from "../../src/PoolLock.js"
import { PoolStorage } from "../../src/PoolStorage.js"

export interface PoolLockTools {
  readonly layer: Layer.Layer<PoolLock | PoolStorage>
  readonly newDirectory: Effect.Effect<string, never, Scope.Scope>
}

const newFile = { byteLength: 8192, header: new Uint8Array(8) }
const modes: ReadonlyArray<PoolLockMode> = ["exclusive", "shared"]

export const poolLockContract = (name: string, tools: PoolLockTools): void => {
  /** The body gets the path of a pool, and a way to open its lock. */
  const test = (
    title: string,
    body: (
      path: string,
      open: Effect.Effect<PoolLockHandle, unknown, Scope.Scope>
    ) => Effect.Effect<void, unknown, Scope.Scope | PoolLock | PoolStorage>
  ): void => {
    it.scopedLive(title, () =>
      Effect.gen(function* () {
        const path = `${yield* tools.newDirectory}/a.plasmite`
        yield* (yield* PoolStorage).create(path, newFile)
        yield* body(path, (yield* PoolLock).open(path))
      }).pipe(Effect.provide(tools.layer))
    )
  }

  describe(`PoolLock: ${name}`, () => {
    for (const held of modes) {
      for (const wanted of modes) {
        const granted = held === "shared" && wanted === "shared"
        test(`${wanted} beside ${held} is ${granted ? "granted" : "refused"}`, (_, open) =>
          Effect.gen(function* () {
            const [first, second] = yield* Effect.all([open, open])
            assert.isTrue(first.tryAcquire(held))
            assert.strictEqual(second.tryAcquire(wanted), granted)
            first.release()
            second.release()
            assert.isTrue(second.tryAcquire("exclusive"))
          }))
      }
    }

    test("it is free again after each release, in either mode", (_, open) =>
      Effect.gen(function* () {
        const [first, second] = yield* Effect.all([open, open])
        for (let round = 0; round < 50; round++) {
          const mode = modes[round % 2]!
          assert.isTrue(first.tryAcquire(mode))
          assert.isFalse(second.tryAcquire("exclusive"))
          first.release()
          assert.isTrue(second.tryAcquire("exclusive"))
          second.release()
        }
      }))

    test("exclusive waits for the last of several shared holders", (_, open) =>
      Effect.gen(function* () {
        const writer = yield* open
        const readers = yield* Effect.all([open, open, open])
        for (const reader of readers) assert.isTrue(reader.tryAcquire("shared"))
        for (const reader of readers) {
          assert.isFalse(writer.tryAcquire("exclusive"))
          reader.release()
        }
        assert.isTrue(writer.tryAcquire("exclusive"))
      }))

    test("releasing what is not held frees nobody else's lock", (_, open) =>
      Effect.gen(function* () {
        const [first, second, third] = yield* Effect.all([open, open, open])
        assert.isTrue(first.tryAcquire("exclusive"))
        second.release()
        second.release()
        assert.isFalse(third.tryAcquire("exclusive"))
        first.release()
        first.release()
        assert.isTrue(third.tryAcquire("shared"))
      }))

    test("asking while holding is a defect, in every combination, and changes nothing", (_, open) =>
      Effect.gen(function* () {
        const [first, second] = yield* Effect.all([open, open])
        for (const held of modes) {
          for (const wanted of modes) {
            assert.isTrue(first.tryAcquire(held))
            assert.throws(() => first.tryAcquire(wanted), /already/)
            assert.isFalse(second.tryAcquire("exclusive"))
            first.release()
          }
        }
        assert.isTrue(second.tryAcquire("exclusive"))
      }))

    test("a refused attempt returns within a moment", (_, open) =>
      Effect.gen(function* () {
        const [first, second] = yield* Effect.all([open, open])
        assert.isTrue(first.tryAcquire("exclusive"))
        const durations = Array.from({ length: 21 }, () => {
          const start = performance.now()
          assert.isFalse(second.tryAcquire("exclusive"))
          return performance.now() - start
        })
        assert.isBelow(durations.sort((left, right) => left - right)[10]!, 5)
      }))

    test("the end of the scope frees the lock, and ends its use", (_, open) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const first = yield* Scope.extend(open, scope)
        const second = yield* open
        assert.isTrue(first.tryAcquire("exclusive"))
        yield* Scope.close(scope, Exit.void)
        assert.isTrue(second.tryAcquire("exclusive"))
        assert.throws(() => first.tryAcquire("shared"), /closed/)
        first.release()
        assert.isFalse((yield* open).tryAcquire("shared"))
      }))

    test("an interrupted holder frees the lock", (_, open) =>
      Effect.gen(function* () {
        const holder = yield* open.pipe(
          Effect.tap((lock) => Effect.sync(() => assert.isTrue(lock.tryAcquire("exclusive")))),
          Effect.zipRight(Effect.never),
          Effect.scoped,
          Effect.fork
        )
        const lock = yield* open
        yield* Effect.repeat(
          Effect.sync(() => {
            const free = lock.tryAcquire("exclusive")
            lock.release()
            return free
          }),
          { until: (free) => !free }
        )
        yield* holder.interruptAsFork(holder.id())
        yield* holder.await
        assert.isTrue(lock.tryAcquire("exclusive"))
      }))

    test("a missing pool is NotFound", (path) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip((yield* PoolLock).open(`${path}.missing`))
        assert.strictEqual(error.reason, "NotFound")
        assert.strictEqual(error.path, `${path}.missing`)
      }))

    test("pools do not share locks; nor does a pool with its successor", (path, open) =>
      Effect.gen(function* () {
        const storage = yield* PoolStorage
        const locks = yield* PoolLock
        const other = path.replace("a.plasmite", "b.plasmite")
        yield* storage.create(other, newFile)
        assert.isTrue((yield* open).tryAcquire("exclusive"))
        assert.isTrue((yield* locks.open(other)).tryAcquire("exclusive"))
        yield* storage.remove(path)
        yield* storage.create(path, newFile)
        assert.isTrue((yield* open).tryAcquire("exclusive"))
      }))
  })
}
