/**
 * Durability on a disk: `flush` waits until the storage has synced the range, `fast` waits for nothing.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Durability, type Barrier } from "../src/Durability.js"

const syncRange: Barrier = (file, offset, length) => file.sync(offset, length)

/**
 * Keeps both promises.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Durability> = Layer.succeed(Durability, {
  barrier: (mode) => Effect.succeed(mode === "flush" ? syncRange : undefined)
})
