/**
 * What the pools of a program have in common. Code reads the service; only the edge of a program reads the
 * environment.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/**
 * @since 0.1.0
 * @category models
 */
export interface PoolConfigValues {
  /** Where named pools live. */
  readonly directory: string
  /** File size of a pool that is created without one, in bytes. */
  readonly defaultSizeBytes: number
  /** How long to wait for another process's lock before failing with `Busy`, in milliseconds. */
  readonly lockTimeoutMillis: number
}

/**
 * @since 0.1.0
 * @category constants
 */
export const defaults: Omit<PoolConfigValues, "directory"> = {
  defaultSizeBytes: 1024 * 1024,
  lockTimeoutMillis: 10_000
}

/**
 * @since 0.1.0
 * @category services
 */
export class PoolConfig extends Context.Tag("effect-plasmite/PoolConfig")<PoolConfig, PoolConfigValues>() {}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  values: Pick<PoolConfigValues, "directory"> & Partial<PoolConfigValues>
): Layer.Layer<PoolConfig> => Layer.succeed(PoolConfig, { ...defaults, ...values })
