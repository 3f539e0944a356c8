/**
 * What an acknowledged append survives. `fast`: the death of every process, not of the machine. `flush`: a power
 * cut, too. An environment that cannot keep a promise refuses it instead of pretending.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PoolError } from "./PoolError.js"
import type { PoolFile } from "./PoolStorage.js"

/**
 * @since 0.1.0
 * @category models
 */
export type DurabilityMode = "fast" | "flush"

/**
 * Run between the stores of an append: returns when the range (bytes of the file) is as durable as the mode
 * asks. Throws a `PoolError` (`Io`) when the disk says no.
 *
 * @since 0.1.0
 * @category models
 */
export type Barrier = (file: PoolFile, offset: number, length: number) => void

/**
 * @since 0.1.0
 * @category services
 */
export class Durability extends Context.Tag("effect-plasmite/Durability")<
  Durability,
  {
    /**
     * The barrier that keeps the mode's promise; `undefined` when there is nothing to wait for. Fails with `Usage`
     * when the promise cannot be kept here.
     */
    readonly barrier: (mode: DurabilityMode) => Effect.Effect<Barrier | undefined, PoolError>
  }
>() {}
