/**
 * The same tower on sand: pools that live as long as the layer, for tests of programs that use `Pools`. Everybody
 * who gets the same layer instance sees the same pools; time is Effect's `Clock`.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as PoolConfig from "../src/PoolConfig.js"
import * as Pools from "../src/Pools.js"
import * as JqMessageFilter from "./JqMessageFilter.js"
import * as MemoryDurability from "./MemoryDurability.js"
import * as MemoryPoolLock from "./MemoryPoolLock.js"
import * as MemoryPoolNotify from "./MemoryPoolNotify.js"
import * as MemoryPoolStorage from "./MemoryPoolStorage.js"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Partial<PoolConfig.PoolConfigValues> = {}): Layer.Layer<Pools.Pools> =>
  Pools.layer.pipe(
    Layer.provide([
      MemoryPoolStorage.layer,
      MemoryPoolLock.layer,
      MemoryPoolNotify.layer,
      MemoryDurability.layer,
      JqMessageFilter.layer,
      PoolConfig.layer({ directory: options.directory ?? "/memory", ...options })
    ])
  )
