/**
 * Durability where there is no disk: `fast` holds as long as the memory does, `flush` cannot be promised.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Durability } from "../src/Durability.js"
import { PoolError } from "../src/PoolError.js"

/**
 * Keeps `fast`, refuses `flush` with `Usage`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Durability> = Layer.succeed(Durability, {
  barrier: (mode) =>
    mode === "fast"
      ? Effect.succeed(undefined)
      : Effect.fail(
          new PoolError({
            reason: "Usage",
            message: "durability flush is not possible for pools in memory",
            hint: "Use durability fast, or pools on disk."
          })
        )
})
