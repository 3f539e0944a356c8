/**
 * The lock contract over every lock.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import * as MemoryPoolLock from "../../layers/MemoryPoolLock.js"
import * as MemoryPoolStorage from "../../layers/MemoryPoolStorage.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import { newDirectory } from "./machine.js"
import { poolLockContract } from "./poolLockContract.js"

poolLockContract("operating system", { layer: Layer.merge(OsPoolLock.layer, FilePoolStorage.layer), newDirectory })

poolLockContract("within a process", {
  layer: Layer.provideMerge(MemoryPoolLock.withinProcess, FilePoolStorage.layer),
  newDirectory
})

poolLockContract("memory", {
  layer: Layer.merge(MemoryPoolLock.layer, MemoryPoolStorage.layer),
  newDirectory: Effect.succeed("/pools")
})
