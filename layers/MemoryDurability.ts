/**
 * Durability where there is no disk: `fast` holds as long as the memory does, and `flush` can be no more than that.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Durability } from "../src/Durability.js"
import { PoolError } from "../src/PoolError.js"

/**
 * Keeps `fast`, and takes `flush` for the same: where nothing outlives the process, there is nothing to wait for, and a program
 * that asks for it runs unchanged.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Durability> = Layer.succeed(Durability, {
  barrier: () => Effect.succeed(undefined)
})

/**
 * Keeps `fast`, refuses `flush` with `Usage`: for a storage that outlives the process, and cannot say when.
 *
 * @since 0.1.0
 * @category layers
 */
export const strict: Layer.Layer<Durability> = Layer.succeed(Durability, {
  barrier: (mode) =>
    mode === "fast"
      ? Effect.succeed(undefined)
      : Effect.fail(
          new PoolError({
            reason: "Usage",
            message: "durability flush is not possible: this storage cannot say what is on a disk",
            hint: "Use durability fast, or pools on disk."
          })
        )
})
