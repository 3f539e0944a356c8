// A process that follows a pool with file events as its only wake-up: no timer looks, and no other handle of this process
// announces. Prints the number of each message it gets, and when it got it.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { PoolConfig, Pools, layer } from "../../dist/src/index.js"
import {
  DiskDurability,
  FilePoolStorage,
  JqMessageFilter,
  MmapPoolStorage,
  OsPoolLock,
  WatchPoolNotify
} from "../../dist/binding/index.js"

const [directory, name, storage] = process.argv.slice(2)

const pools = layer.pipe(
  Layer.provide([
    storage === "mapped" ? MmapPoolStorage.layer : FilePoolStorage.layer,
    OsPoolLock.layer,
    WatchPoolNotify.layerWith({ timer: false }),
    DiskDurability.layer,
    JqMessageFilter.layer,
    PoolConfig.layer({ directory })
  ])
)

await Effect.gen(function* () {
  const pool = yield* (yield* Pools).open(name)
  yield* Effect.sync(() => console.log("open"))
  yield* Stream.runForEach(pool.tail({ from: "oldest" }), ({ seq }) =>
    Effect.sync(() => console.log(`${seq} ${process.hrtime.bigint()}`))
  )
}).pipe(
  // Waiting for an event alone does not keep a process alive.
  Effect.race(Effect.sleep("60 seconds")),
  Effect.scoped,
  Effect.provide(pools),
  Effect.runPromise
)
