/**
 * What every notification must do: one suite, run over each layer. The pools need not exist, since a notification
 * knows nothing of what is in them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { PoolNotify } from "../../src/PoolNotify.js"

export interface PoolNotifyTools {
  readonly layer: Layer.Layer<PoolNotify>
  /** The path of something to wait for. */
  readonly newPath: Effect.Effect<string, never, Scope.Scope>
}

export const poolNotifyContract = (name: string, tools: PoolNotifyTools): void => {
  const test = (
    title: string,
    body: (notify: PoolNotify["Type"], path: string) => Effect.Effect<void, unknown, Scope.Scope>
  ): void => {
    it.scopedLive(title, () =>
      Effect.gen(function* () {
        yield* body(yield* PoolNotify, yield* tools.newPath)
      }).pipe(Effect.provide(tools.layer))
    )
  }

  /** Time enough for every hint there is. */
  const aWhile = Effect.sleep("150 millis")

  describe(`PoolNotify: ${name}`, () => {
    test("what has changed already is not waited for, and asked about once", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        let asked = 0
        yield* handle.waitUntil(() => ++asked > 0)
        yield* aWhile
        assert.strictEqual(asked, 1)
      }))

    test("a change that is announced ends the wait, of every handle", (notify, path) =>
      Effect.gen(function* () {
        const [writer, reader] = yield* Effect.all([notify.open(path), notify.open(path)])
        let changed = false
        const waiting = yield* Effect.fork(
          Effect.all([writer.waitUntil(() => changed), reader.waitUntil(() => changed)], { concurrency: 2 })
        )
        yield* Effect.sleep("20 millis")
        changed = true
        writer.announce()
        yield* Fiber.join(waiting)
      }))

    test("a change that nobody announces ends it, too", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        let changed = false
        const waiting = yield* Effect.fork(handle.waitUntil(() => changed))
        yield* aWhile
        changed = true
        yield* Fiber.join(waiting)
      }))

    test("a change that comes while the wait begins is not missed", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        for (let changesAfter = 1; changesAfter <= 5; changesAfter++) {
          let asked = 0
          yield* handle.waitUntil(() => asked++ >= changesAfter)
          assert.strictEqual(asked, changesAfter + 1)
        }
      }))

    test("hints without a change, doubled, or for nobody end nothing and harm nothing", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        handle.announce()
        let changed = false
        let ended = false
        const waiting = yield* handle
          .waitUntil(() => changed)
          .pipe(
            Effect.tap(() => Effect.sync(() => (ended = true))),
            Effect.fork
          )
        for (let hint = 0; hint < 10; hint++) {
          handle.announce()
          handle.announce()
          yield* Effect.sleep("5 millis")
        }
        assert.isFalse(ended)
        changed = true
        handle.announce()
        handle.announce()
        yield* Fiber.join(waiting)
        handle.announce()
      }))

    test("pools do not disturb each other", (notify, path) =>
      Effect.gen(function* () {
        const [one, other] = yield* Effect.all([notify.open(path), notify.open(`${path}-other`)])
        let changed = false
        const waiting = yield* Effect.fork(one.waitUntil(() => changed))
        yield* Effect.sleep("10 millis")
        other.announce()
        yield* Effect.sleep("10 millis")
        assert.isNull(yield* Effect.map(Fiber.poll(waiting), (exit) => (exit._tag === "None" ? null : exit.value)))
        changed = true
        one.announce()
        yield* Fiber.join(waiting)
      }))

    test("an interrupted waiter is never asked again", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        let asked = 0
        const waiting = yield* Effect.fork(
          handle.waitUntil(() => {
            asked++
            return false
          })
        )
        yield* aWhile
        assert.isAtLeast(asked, 2)
        yield* Fiber.interrupt(waiting)
        const askedBefore = asked
        handle.announce()
        yield* aWhile
        assert.strictEqual(asked, askedBefore)
      }))

    test("a waiter that throws gets its exception; the others wait on", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        let changed = false
        let broken = false
        const other = yield* Effect.fork(handle.waitUntil(() => changed))
        const breaking = yield* Effect.fork(
          handle.waitUntil(() => {
            if (broken) throw new Error("broken promise")
            return false
          })
        )
        yield* Effect.sleep("10 millis")
        broken = true
        const exit = yield* Fiber.await(breaking)
        assert.isTrue(Exit.isFailure(exit) && exit.cause._tag === "Die")
        changed = true
        handle.announce()
        yield* Fiber.join(other)
      }))

    test("a thousand wait at once, and all are woken", (notify, path) =>
      Effect.gen(function* () {
        const handle = yield* notify.open(path)
        let version = 0
        const waiting = yield* Effect.forEach(
          Array.from({ length: 1000 }, (_, index) => index),
          (index) => handle.waitUntil(() => version > index % 2),
          { concurrency: "unbounded", discard: true }
        ).pipe(Effect.fork)
        yield* Effect.sleep("50 millis")
        version = 1
        handle.announce()
        yield* Effect.sleep("10 millis")
        version = 2
        handle.announce()
        yield* Fiber.join(waiting)
      }))

    test("a wait in a loop sees every change", (notify, path) =>
      Effect.gen(function* () {
        const [writer, reader] = yield* Effect.all([notify.open(path), notify.open(path)])
        let newest = 0
        const reading = yield* Effect.iterate(0, {
          while: (seen) => seen < 200,
          body: (seen) =>
            Effect.map(
              reader.waitUntil(() => newest > seen),
              () => newest
            )
        }).pipe(Effect.fork)
        for (let count = 0; count < 200; count++) {
          newest++
          writer.announce()
          yield* Effect.yieldNow()
        }
        assert.strictEqual(yield* Fiber.join(reading), 200)
      }))
  })
}
