/**
 * `effect-plasmite/testing`: pools in memory, the single layers they are made of, and a simulated machine on which
 * whatever can go wrong does, by a seed.
 *
 * @since 0.1.0
 */
export * as MemoryDurability from "./MemoryDurability.js"
export * as MemoryPoolLock from "./MemoryPoolLock.js"
export * as MemoryPoolNotify from "./MemoryPoolNotify.js"
export * as MemoryPools from "./MemoryPools.js"
export * as MemoryPoolStorage from "./MemoryPoolStorage.js"
export * as Simulated from "./simulated/Simulation.js"
