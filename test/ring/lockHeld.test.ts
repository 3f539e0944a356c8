/**
 * The lock is held while the work is done, neither shorter nor longer.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { PoolError } from "../../src/PoolError.js"
import { withLock } from "../../src/internal/withLock.js"
import { TestLock } from "./MemoryFile.js"

for (const mode of ["exclusive", "shared"] as const) {
  it.effect(`${mode}: held in the body, free after it, whatever becomes of it`, () =>
    Effect.gen(function* () {
      const lock = new TestLock()
      const wait = { lock, path: "test.plasmite", timeoutMillis: 1000 }
      assert.strictEqual(yield* withLock(wait, mode, () => lock.held), mode)
      assert.isUndefined(lock.held)
      const refuse = (): never => {
        throw new PoolError({ reason: "Usage", message: "no", hint: "no" })
      }
      assert.strictEqual((yield* Effect.flip(withLock(wait, mode, refuse))).reason, "Usage")
      assert.isUndefined(lock.held)
      assert.strictEqual(lock.acquired, 2)
    })
  )
}
