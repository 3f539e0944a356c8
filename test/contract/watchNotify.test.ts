/**
 * What the watching notification does with the machine: file events between processes, the semaphore of upstream's
 * followers, and giving back what it took.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as FileSystem from "node:fs"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import { nativeIfAny } from "../../layers/native.js"
import { removePoolFile } from "../../layers/poolDirectory.js"
import { removeSemaphore, semaphoreName } from "../../layers/poolSemaphore.js"
import * as WatchPoolNotify from "../../layers/WatchPoolNotify.js"
import { PoolNotify } from "../../src/PoolNotify.js"
import { PoolStorage } from "../../src/PoolStorage.js"
import { startChild } from "./childProcess.js"
import { newDirectory, watchCount } from "./machine.js"

const layer = Layer.merge(WatchPoolNotify.layer, FilePoolStorage.layer)
const eventsOnly = Layer.merge(WatchPoolNotify.layerWith({ timer: false }), FilePoolStorage.layer)
const announcementsOnly = Layer.merge(
  WatchPoolNotify.layerWith({ timer: false, fileEvents: false }),
  FilePoolStorage.layer
)

const newPool = Effect.gen(function* () {
  const path = `${yield* newDirectory}/a.plasmite`
  yield* (yield* PoolStorage).create(path, { byteLength: 8192, header: new Uint8Array(8) })
  yield* Effect.addFinalizer(() => Effect.sync(() => removeSemaphore(path)))
  return path
})

/** A view of what the publishing child publishes. */
const openCounter = (path: string) =>
  Effect.map(
    Effect.flatMap(PoolStorage, (storage) => storage.open(path)),
    (file) => {
      const bytes = new Uint8Array(4)
      const words = new DataView(bytes.buffer)
      return () => {
        file.read(64, bytes, 0, 4)
        return words.getUint32(0, true)
      }
    }
  )

const median = (numbers: ReadonlyArray<number>): number =>
  [...numbers].sort((left, right) => left - right)[numbers.length >> 1]!

describe("waking between processes", () => {
  for (const storage of ["mmap", "file"] as const) {
    it.scopedLive(`the file event of a publish alone wakes a waiter (${storage} writer)`, () =>
      Effect.gen(function* () {
        const path = yield* newPool
        const counter = yield* openCounter(path)
        const handle = yield* (yield* PoolNotify).open(path)
        const child = yield* startChild("publish", [path], { storage })
        assert.strictEqual(yield* child.nextLine, "ready")
        const delaysMillis: Array<number> = []
        for (let count = 1; count <= 30; count++) {
          const waiting = yield* Effect.fork(handle.waitUntil(() => counter() === count))
          yield* Effect.sleep("4 millis")
          child.send(String(count))
          yield* Fiber.join(waiting)
          const woken = process.hrtime.bigint()
          delaysMillis.push(Number(woken - BigInt(yield* child.nextLine)) / 1e6)
        }
        assert.isBelow(median(delaysMillis), 20)
      }).pipe(Effect.provide(eventsOnly))
    )
  }

  it.scopedLive("a process that waits stays alive until woken, and then ends by itself", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const waiting = yield* startChild("wait", [path])
      assert.strictEqual(yield* waiting.nextLine, "waiting")
      const publishing = yield* startChild("publish", [path])
      assert.strictEqual(yield* publishing.nextLine, "ready")
      publishing.send("1")
      assert.strictEqual(yield* waiting.nextLine, "woken")
      assert.strictEqual(yield* waiting.ended, 0)
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("a process whose only waiter was interrupted ends by itself", () =>
    Effect.gen(function* () {
      const child = yield* startChild("giveUpWaiting", [yield* newPool])
      assert.strictEqual(yield* child.nextLine, "given up")
      assert.strictEqual(yield* child.ended, 0)
    }).pipe(Effect.provide(layer))
  )
})

describe("waking within a process", () => {
  it.scopedLive("an announcement alone wakes, whatever path led to the pool", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      FileSystem.symlinkSync(path, `${path}-link`)
      const notify = yield* PoolNotify
      const [writer, reader] = yield* Effect.all([notify.open(path), notify.open(`${path}-link`)])
      let changed = false
      const waiting = yield* Effect.fork(reader.waitUntil(() => changed))
      yield* Effect.sleep("10 millis")
      changed = true
      const start = performance.now()
      writer.announce()
      yield* Fiber.join(waiting)
      assert.isBelow(performance.now() - start, 50)
    }).pipe(Effect.provide(announcementsOnly))
  )
})

describe("beginning to wait", () => {
  it.scopedLive("asks again once hints would be heard, so that no change falls in between", () =>
    Effect.gen(function* () {
      const handle = yield* (yield* PoolNotify).open(yield* newPool)
      let asked = 0
      yield* handle.waitUntil(() => asked++ > 0)
      assert.strictEqual(asked, 2)
    }).pipe(Effect.provide(announcementsOnly))
  )
})

describe("what is taken is given back", () => {
  it.scopedLive("a file is watched once, however many wait, and no longer than it is open", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const before = watchCount()
      const notify = yield* PoolNotify
      const scope = yield* Scope.make()
      const handles = yield* Scope.extend(
        Effect.replicateEffect(
          Effect.suspend(() => notify.open(path)),
          5
        ),
        scope
      )
      assert.strictEqual(watchCount(), before)
      const waiting = yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, index) => index),
        (index) => Effect.fork(handles[index % 5]!.waitUntil(() => false))
      )
      yield* Effect.sleep("20 millis")
      if (before !== undefined) assert.strictEqual(watchCount(), before + 1)
      yield* Fiber.interruptAll(waiting)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(watchCount(), before)
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("a pool that nobody waits for any more is not watched for long, even while it is open", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const before = watchCount()
      const handle = yield* (yield* PoolNotify).open(path)
      const file = yield* (yield* PoolStorage).open(path)
      const wait = Effect.race(
        handle.waitUntil(() => false),
        Effect.sleep("20 millis")
      )
      yield* wait
      if (before !== undefined) assert.strictEqual(watchCount(), before + 1)
      yield* Effect.sleep("1100 millis")
      file.store32(64, 1)
      yield* Effect.sleep("50 millis")
      assert.strictEqual(watchCount(), before)
      yield* wait
      if (before !== undefined) assert.strictEqual(watchCount(), before + 1)
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("a pool that is deleted under its waiters harms nobody", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const handle = yield* (yield* PoolNotify).open(path)
      const waiting = yield* Effect.fork(handle.waitUntil(() => !FileSystem.existsSync(path)))
      yield* Effect.sleep("20 millis")
      FileSystem.rmSync(path)
      yield* Fiber.join(waiting)
      handle.announce()
      yield* Effect.race(
        handle.waitUntil(() => false),
        Effect.sleep("50 millis")
      )
    }).pipe(Effect.provide(eventsOnly))
  )
})

describe("the semaphore of upstream's followers", () => {
  const native = nativeIfAny()!

  it.scopedLive("is named after the canonical path", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const digest = Crypto.createHash("sha256").update(path).digest("hex")
      assert.strictEqual(semaphoreName(path), `/plsm-${digest}`)
      FileSystem.symlinkSync(path, `${path}-link`)
      assert.strictEqual(semaphoreName(`${path}-link`), `/plsm-${digest}`)
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("gets one post for each announcement, up to 64", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const handle = yield* (yield* PoolNotify).open(path)
      const semaphore = yield* Effect.acquireRelease(
        Effect.sync(() => native.openSemaphore(semaphoreName(path), { create: true })!),
        (opened) =>
          Effect.sync(() => {
            opened.close()
            removeSemaphore(path)
          })
      )
      for (let count = 1; count <= 100; count++) {
        handle.announce()
        assert.strictEqual(semaphore.value(), Math.min(count, 64))
      }
    }).pipe(Effect.provide(layer))
  )

  // On Linux, and by upstream's writers: each of their appends opens it.
  it.scopedLive("wakes by being opened, and is watched no longer than the pool", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const before = watchCount()
      if (before === undefined) return
      const name = semaphoreName(path)
      native.openSemaphore(name, { create: true })!.close()
      const scope = yield* Scope.make()
      const handle = yield* Scope.extend((yield* PoolNotify).open(path), scope)
      for (let append = 1; append <= 3; append++) {
        let changed = false
        let asked = 0
        const waiting = yield* Effect.fork(handle.waitUntil(() => ++asked > 0 && changed))
        yield* Effect.sleep("50 millis")
        assert.strictEqual(watchCount(), before + 2)
        // The first post opens it, and no later one: what we do ourselves goes on waking nobody.
        handle.announce()
        yield* Effect.sleep("50 millis")
        const askedBefore = asked
        handle.announce()
        yield* Effect.sleep("50 millis")
        assert.strictEqual(asked, askedBefore + 1)
        changed = true
        native.openSemaphore(name)!.close()
        yield* Fiber.join(waiting)
      }
      yield* Scope.close(scope, Exit.void)
      // Until now all this ran within the event itself.
      yield* Effect.sleep("10 millis")
      assert.strictEqual(watchCount(), before)
    }).pipe(Effect.provide(eventsOnly))
  )

  it.scopedLive("is watched once the timer has found what nothing told of", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const before = watchCount()
      if (before === undefined) return
      const handle = yield* (yield* PoolNotify).open(path)
      yield* Effect.timeoutOption(
        handle.waitUntil(() => false),
        "1100 millis"
      )
      native.openSemaphore(semaphoreName(path), { create: true })!.close()
      assert.strictEqual(watchCount(), before + 1)
      let changed = false
      const waiting = yield* Effect.fork(handle.waitUntil(() => changed))
      yield* Effect.sleep("10 millis")
      changed = true
      yield* Fiber.join(waiting)
      yield* Effect.timeoutOption(
        handle.waitUntil(() => false),
        "20 millis"
      )
      assert.strictEqual(watchCount(), before + 2)
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("is found by a handle that was there first, and never made by one", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const handle = yield* (yield* PoolNotify).open(path)
      handle.announce()
      assert.isUndefined(native.openSemaphore(semaphoreName(path)))
      const semaphore = native.openSemaphore(semaphoreName(path), { create: true })!
      yield* Effect.sleep(150)
      handle.announce()
      assert.strictEqual(semaphore.value(), 1)
      semaphore.close()
      assert.isTrue(removeSemaphore(path))
    }).pipe(Effect.provide(layer))
  )

  it.scopedLive("is removed with the pool, whatever path leads to it", () =>
    Effect.gen(function* () {
      const path = yield* newPool
      const exists = () => {
        const semaphore = native.openSemaphore(semaphoreName(path))
        semaphore?.close()
        return semaphore !== undefined
      }
      native.openSemaphore(semaphoreName(path), { create: true })!.close()
      assert.isTrue(exists())
      FileSystem.symlinkSync(path, `${path}-link`)
      assert.isFalse(removeSemaphore(`${path}-link`))
      assert.isTrue(exists())
      yield* removePoolFile(path)
      assert.isFalse(removeSemaphore(path))
    }).pipe(Effect.provide(layer))
  )
})
