/**
 * What suites about whole pools share, whatever these stand on: tests after which every pool is verified, and damage done
 * behind the back of the code under test.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import type { PoolLock } from "../../src/PoolLock.js"
import { Pools } from "../../src/Pools.js"
import { PoolStorage } from "../../src/PoolStorage.js"

export type Everything = Pools | PoolLock | PoolStorage

/** The error; succeeding is the failure of the test. */
export const failure = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<PoolError, never, R> =>
  Effect.matchEffect(effect, {
    onFailure: Effect.succeed,
    onSuccess: (value) => Effect.dieMessage(`should have failed, but gave ${JSON.stringify(value)}`)
  })

/** Every pool is sound afterwards, except those whose name says that they are damaged. */
export const verifiedTest =
  (makeLayer: () => Layer.Layer<Everything>) =>
  (title: string, body: Effect.Effect<void, PoolError, Everything | Scope.Scope>): void => {
    const verified = Effect.gen(function* () {
      const pools = yield* Pools
      yield* Effect.scoped(body)
      for (const { name, path } of yield* pools.list) {
        if (name.startsWith("damaged")) continue
        assert.deepStrictEqual((yield* pools.verify({ path })).issues, [], `verify of ${name}`)
      }
    })
    it.live(title, () => Effect.provide(verified, makeLayer()))
  }

/** One bit within the payload of the second of three messages of equal length. */
export const damageSecondOfThree = (pool: Pool): Effect.Effect<void, PoolError, PoolStorage | Scope.Scope> =>
  Effect.gen(function* () {
    const info = yield* pool.info
    const file = yield* (yield* PoolStorage).open(pool.path)
    const at = info.ringOffset + Math.floor(info.metrics.usedBytes / 3) + 64 + 410
    const byte = new Uint8Array(1)
    file.read(at, byte, 0, 1)
    byte[0]! ^= 0x10
    file.write(at, byte, 0, 1)
  })
