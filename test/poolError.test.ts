// Guards for failures, as handlers use them.
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as MemoryPools from "../layers/MemoryPools.js"
import { hasReason, PoolError } from "../src/PoolError.js"
import { Pools } from "../src/Pools.js"
import * as TypedPool from "../src/TypedPool.js"

it.scoped("hasReason picks a pool's failures out of others, and leaves the rest", () =>
  Effect.gen(function* () {
    const pool = yield* (yield* Pools).open("readings", { create: true })
    const readings = TypedPool.make(pool, Schema.Struct({ sensor: Schema.String }))
    yield* pool.append({ sensor: 7 })
    const orNone = (seq: number) =>
      readings.get(seq).pipe(
        Effect.map(({ data }) => data.sensor),
        Effect.catchIf(hasReason("NotFound", "Corrupt"), ({ reason }) => Effect.succeed(reason))
      )
    assert.strictEqual(yield* orNone(2), "NotFound")
    assert.strictEqual((yield* Effect.flip(orNone(1)))._tag, "SchemaMismatch")

    const isBusy = hasReason("Busy")
    assert.isTrue(isBusy(new PoolError({ reason: "Busy", message: "locked" })))
    for (const other of [new PoolError({ reason: "Io", message: "full" }), { reason: "Busy" }, undefined, "Busy"]) {
      assert.isFalse(isBusy(other))
    }
  }).pipe(Effect.provide(MemoryPools.layer()))
)
