/**
 * The whole tower on a real machine: mapped files, the operating system's lock, file events, the disk, jq.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as os from "node:os"
import * as path from "node:path"
import * as PoolConfig from "../src/PoolConfig.js"
import * as Pools from "../src/Pools.js"
import * as DiskDurability from "./DiskDurability.js"
import * as FilePoolStorage from "./FilePoolStorage.js"
import * as JqMessageFilter from "./JqMessageFilter.js"
import * as MmapPoolStorage from "./MmapPoolStorage.js"
import * as OsPoolLock from "./OsPoolLock.js"
import * as PollPoolNotify from "./PollPoolNotify.js"
import * as WatchPoolNotify from "./WatchPoolNotify.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface NodePoolsOptions extends Partial<PoolConfig.PoolConfigValues> {
  /** `"mapped"` (default) maps pool files into memory where the machine can; `"file"` reads and writes by position. */
  readonly storage?: "mapped" | "file"
  /** `"watch"` (default) wakes readers by file events; `"poll"` only looks now and then. */
  readonly notify?: "watch" | "poll"
}

/**
 * Where pools live unless somebody says otherwise: `PLASMITE_DIR`, else `.plasmite/pools` in the home directory.
 *
 * @since 0.1.0
 * @category constructors
 */
export const defaultDirectory = (): string =>
  process.env["PLASMITE_DIR"] || path.join(process.env["HOME"] || os.userInfo().homedir, ".plasmite", "pools")

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: NodePoolsOptions = {}): Layer.Layer<Pools.Pools> => {
  const { notify = "watch", storage = "mapped", ...config } = options
  return Pools.layer.pipe(
    Layer.provide([
      storage === "mapped" ? MmapPoolStorage.layer : FilePoolStorage.layer,
      OsPoolLock.layer,
      notify === "watch" ? WatchPoolNotify.layer : PollPoolNotify.layer,
      DiskDurability.layer,
      JqMessageFilter.layer,
      PoolConfig.layer({ directory: config.directory ?? defaultDirectory(), ...config })
    ])
  )
}
