/**
 * The notification contract over every notification, and with parts of the watching one switched off: what it
 * promises, the timer alone keeps.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as FileSystem from "node:fs"
import * as MemoryPoolNotify from "../../layers/MemoryPoolNotify.js"
import * as PollPoolNotify from "../../layers/PollPoolNotify.js"
import { removeSemaphore } from "../../layers/poolSemaphore.js"
import * as WatchPoolNotify from "../../layers/WatchPoolNotify.js"
import { PoolNotify } from "../../src/PoolNotify.js"
import { newDirectory } from "./machine.js"
import { poolNotifyContract } from "./poolNotifyContract.js"

const missingPath = Effect.flatMap(newDirectory, (directory) =>
  Effect.acquireRelease(Effect.succeed(`${directory}/a.plasmite`), (path) =>
    Effect.sync(() => {
      removeSemaphore(path)
      removeSemaphore(`${path}-other`)
    })
  )
)

const newPath = Effect.tap(missingPath, (path) => Effect.sync(() => FileSystem.writeFileSync(path, "pool")))

poolNotifyContract("watching", { layer: WatchPoolNotify.layer, newPath })
poolNotifyContract("watching a pool that is not there", { layer: WatchPoolNotify.layer, newPath: missingPath })
poolNotifyContract("watching without file events", { layer: WatchPoolNotify.layerWith({ fileEvents: false }), newPath })
poolNotifyContract("polling", { layer: PollPoolNotify.layer, newPath })
poolNotifyContract("memory", { layer: MemoryPoolNotify.layer, newPath: Effect.succeed("/pools/a.plasmite") })

describe("memory notification by the clock of the test", () => {
  it.scoped("nothing unannounced is seen until 50 ms have passed", () =>
    Effect.gen(function* () {
      const handle = yield* (yield* PoolNotify).open("/pools/a.plasmite")
      let changed = false
      const waiting = yield* Effect.fork(handle.waitUntil(() => changed))
      yield* TestClock.adjust("10 millis")
      changed = true
      yield* TestClock.adjust("39 millis")
      assert.strictEqual((yield* Fiber.poll(waiting))._tag, "None")
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(waiting)
    }).pipe(Effect.provide(MemoryPoolNotify.layer))
  )

  it.scoped("an announcement needs no time at all", () =>
    Effect.gen(function* () {
      const handle = yield* (yield* PoolNotify).open("/pools/a.plasmite")
      let changed = false
      const waiting = yield* Effect.fork(handle.waitUntil(() => changed))
      yield* TestClock.adjust("10 seconds")
      changed = true
      handle.announce()
      yield* Fiber.join(waiting)
    }).pipe(Effect.provide(MemoryPoolNotify.layer))
  )
})

describe("polling", () => {
  it.scopedLive("an unannounced change is seen well within 100 ms, also after a quiet time", () =>
    Effect.gen(function* () {
      const handle = yield* (yield* PoolNotify).open("anything")
      let changedMillis = Number.POSITIVE_INFINITY
      const delays: Array<number> = []
      for (const quietMillis of [10, 300, 1500]) {
        changedMillis = Number.POSITIVE_INFINITY
        const waiting = yield* Effect.fork(handle.waitUntil(() => performance.now() >= changedMillis))
        yield* Effect.sleep(quietMillis)
        changedMillis = performance.now()
        yield* Fiber.join(waiting)
        delays.push(performance.now() - changedMillis)
      }
      assert.isBelow(Math.min(...delays), 20)
      assert.isBelow(Math.max(...delays), 100)
    }).pipe(Effect.provide(PollPoolNotify.layer))
  )
})
