/**
 * Readers hear of an append once it is there, and not of one that failed.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LocalHandle } from "../../src/internal/localHandle.js"
import { makeLocalPool } from "../../src/internal/localPool.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { MemoryFile, TestLock } from "./MemoryFile.js"
import { payloadOf } from "./tools.js"

const noCursors = {
  open: () => Effect.dieMessage("not asked for"),
  get: () => Effect.dieMessage("not asked for"),
  list: Effect.dieMessage("not asked for"),
  remove: () => Effect.dieMessage("not asked for")
}

it.effect("an append announces what it published, after the lock was given back", () =>
  Effect.gen(function* () {
    const file = MemoryFile.create(4096 + 1000, 0)
    const ring = Ring.open(file)
    const lock = new TestLock()
    const heard: Array<number> = []
    const notify = {
      announce: () => {
        assert.isUndefined(lock.held)
        heard.push(ring.newestSeq())
      },
      waitUntil: () => Effect.never
    }
    const handle = new LocalHandle("test", "test.plasmite", 1000, file, ring, new RingWriter(ring), lock, notify)
    const services = { barrier: () => Effect.succeed(undefined), compile: () => Effect.die("no filter") }
    const pool = makeLocalPool(handle, services, undefined, noCursors)
    yield* pool.append([payloadOf(1, 10)], "fast")
    yield* pool.append([payloadOf(2, 10), payloadOf(3, 10)], "flush")
    assert.strictEqual((yield* Effect.flip(pool.append([payloadOf(4, 2000)], "fast"))).reason, "Usage")
    assert.deepStrictEqual(heard, [1, 3])
  })
)
