/**
 * `effect-plasmite/node`: everything that touches the machine.
 *
 * @since 0.1.0
 */
export * as DiskDurability from "./DiskDurability.js"
export * as FilePoolStorage from "./FilePoolStorage.js"
export * as JqMessageFilter from "./JqMessageFilter.js"
export * as MmapPoolStorage from "./MmapPoolStorage.js"
export * as NodePools from "./NodePools.js"
export * as OsPoolLock from "./OsPoolLock.js"
export * as PollPoolNotify from "./PollPoolNotify.js"
export * as WatchPoolNotify from "./WatchPoolNotify.js"
