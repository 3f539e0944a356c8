import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as os from "node:os"
import { afterAll } from "vitest"
import * as DiskDurability from "../../layers/DiskDurability.js"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import * as MemoryDurability from "../../layers/MemoryDurability.js"
import * as MemoryPoolLock from "../../layers/MemoryPoolLock.js"
import * as MemoryPoolNotify from "../../layers/MemoryPoolNotify.js"
import * as MemoryPoolStorage from "../../layers/MemoryPoolStorage.js"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import * as PollPoolNotify from "../../layers/PollPoolNotify.js"
import * as WatchPoolNotify from "../../layers/WatchPoolNotify.js"
import * as PoolConfig from "../../src/PoolConfig.js"
import * as Pools from "../../src/Pools.js"
import { forEachContract } from "./forEachContract.js"
import { keyedAppendContract } from "./keyedAppendContract.js"
import { poolsContract } from "./poolsContract.js"

const root = fs.mkdtempSync(`${os.tmpdir()}/pools-contract-`)
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

let directories = 0
const config = () => PoolConfig.layer({ directory: `${root}/${directories++}`, lockTimeoutMillis: 1000 })

const mapped = () =>
  Pools.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(MmapPoolStorage.layer, OsPoolLock.layer, WatchPoolNotify.layer)),
    Layer.provide([DiskDurability.layer, JqMessageFilter.layer, config()])
  )

poolsContract("mapped files, watched", mapped)
keyedAppendContract("mapped files, watched", mapped)
forEachContract("mapped files, watched", mapped, { announces: true })

const positional = () =>
  Pools.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(FilePoolStorage.layer, OsPoolLock.layer, PollPoolNotify.layer)),
    Layer.provide([DiskDurability.layer, JqMessageFilter.layer, config()])
  )

poolsContract("positional files, polled", positional)
keyedAppendContract("positional files, polled", positional)
forEachContract("positional files, polled", positional)

const memory = () =>
  Pools.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(MemoryPoolStorage.layer, MemoryPoolLock.layer, MemoryPoolNotify.layer)),
    Layer.provide([MemoryDurability.layer, JqMessageFilter.layer, config()])
  )

poolsContract("memory", memory)
keyedAppendContract("memory", memory)
forEachContract("memory", memory, { announces: true })
