/**
 * The storage contract over every storage. The layers on disk run it on real files.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import { MemoryDisk } from "../../layers/MemoryDisk.js"
import * as MemoryPoolStorage from "../../layers/MemoryPoolStorage.js"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import { newDirectory, unprivileged } from "./machine.js"
import { poolStorageContract, type PoolStorageTools } from "./poolStorageContract.js"

const onDisk: Omit<PoolStorageTools<never>, "layer"> = {
  newDirectory,
  readingOnly: (path, effect) =>
    Effect.zipRight(
      Effect.sync(() => FileSystem.chmodSync(path, 0o444)),
      unprivileged(effect)
    )
}

poolStorageContract("mapped", { layer: MmapPoolStorage.layer, ...onDisk })

poolStorageContract("by position", { layer: FilePoolStorage.layer, ...onDisk })

poolStorageContract<MemoryDisk>("memory", {
  layer: MemoryPoolStorage.layer,
  newDirectory: Effect.succeed("/pools"),
  readingOnly: (path, effect) =>
    Effect.zipRight(
      Effect.map(MemoryDisk, ({ files }) => {
        files.get(path)!.writable = false
      }),
      effect
    )
})
