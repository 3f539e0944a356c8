/**
 * `effect-plasmite/testing`: pools in memory, and the single layers they are made of.
 *
 * @since 0.1.0
 */
export * as MemoryDurability from "./MemoryDurability.js"
export * as MemoryPoolLock from "./MemoryPoolLock.js"
export * as MemoryPoolNotify from "./MemoryPoolNotify.js"
export * as MemoryPools from "./MemoryPools.js"
export * as MemoryPoolStorage from "./MemoryPoolStorage.js"
