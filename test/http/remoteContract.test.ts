// What every `Pools` has to do, by pools that are behind a server. The suite's own hands stay on the files: where it holds a
// lock or damages bytes, it does so on the server's side.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import * as PoolServer from "../../http/PoolServer.js"
import * as RemotePools from "../../http/RemotePools.js"
import * as DiskDurability from "../../layers/DiskDurability.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import * as WatchPoolNotify from "../../layers/WatchPoolNotify.js"
import * as PoolConfig from "../../src/PoolConfig.js"
import { PoolLock } from "../../src/PoolLock.js"
import type { PoolRef } from "../../src/PoolRef.js"
import { display } from "../../src/PoolRef.js"
import * as Pools from "../../src/Pools.js"
import { PoolStorage } from "../../src/PoolStorage.js"
import { forEachContract } from "../contract/forEachContract.js"
import { keyedAppendContract } from "../contract/keyedAppendContract.js"
import { poolsContract } from "../contract/poolsContract.js"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-remote-contract-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
let directories = 0

const layer = (): Layer.Layer<Pools.Pools | PoolLock | PoolStorage> => {
  const directory = path.join(root, String(directories++))
  const machine = Pools.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(MmapPoolStorage.layer, OsPoolLock.layer, WatchPoolNotify.layer)),
    Layer.provide([
      DiskDurability.layer,
      JqMessageFilter.layer,
      PoolConfig.layer({ directory, lockTimeoutMillis: 1000 })
    ])
  )
  const nameOf = (ref: PoolRef): string => decodeURIComponent(display(ref).split("/").at(-1)!)
  const fileOf = (url: string): string => path.join(directory, `${nameOf(url)}.plasmite`)
  return Layer.scopedContext(
    Effect.gen(function* () {
      const context = yield* Layer.build(machine)
      const local = Context.get(context, Pools.Pools)
      const { url } = yield* Effect.provide(PoolServer.make({ port: 0, logRequests: "none" }), context)
      const filters = yield* Layer.build(JqMessageFilter.layer)
      const remote = yield* Effect.provide(RemotePools.make({ url, token: "not needed" }), filters)
      const locks = Context.get(context, PoolLock)
      const storage = Context.get(context, PoolStorage)
      return Context.empty().pipe(
        Context.add(Pools.Pools, { ...remote, verify: (ref) => local.verify(nameOf(ref)) }),
        Context.add(PoolLock, { ...locks, open: (target) => locks.open(fileOf(target)) }),
        Context.add(PoolStorage, { ...storage, open: (target) => storage.open(fileOf(target)) })
      )
    })
  ).pipe(Layer.orDie)
}

poolsContract("behind a server", layer, { remote: true })
keyedAppendContract("behind a server", layer)
forEachContract("behind a server", layer, { remote: true })
