/** The two that use pool files: this library, through its public operations, and upstream's library. */
import * as Effect from "effect/Effect"
import { batchSize, tiny, tinyBatch } from "../messages.js"
import { drainStream } from "../entries/read.js"
import { fill, openPools, repeat } from "../pools.js"
import type { Peer } from "./Peer.js"
import { buildUpstream, openUpstream } from "./upstream.js"

export const ours: Peer = {
  name: "effect-plasmite",
  fast: "death of the writer",
  flush: "a power cut (msync before and after publishing)",
  missing: () => undefined,
  open: async (directory) => {
    const pools = await openPools(directory)
    const pool = await pools.open("ours")
    const full = await pools.open("read")
    const newest = await fill(full, 100_000)
    return {
      single: () => Effect.runPromise(repeat(() => pool.append(tiny), 500)).then(() => 500),
      batch: () => Effect.runPromise(pool.appendAll(tinyBatch)).then(() => batchSize),
      flush: () => Effect.runPromise(pool.append(tiny, { durability: "flush" })).then(() => 1),
      read: () => drainStream(full, newest - 50_000 + 1),
      close: () => pools.close()
    }
  }
}

export const upstream: Peer = {
  name: "upstream 0.8 (Rust)",
  fast: "death of the writer, unless it died within an append",
  flush: "a power cut (msync), unless it came within an append",
  missing: buildUpstream,
  open: async (directory) => {
    const library = await openUpstream(directory)
    await library.append(50_000)
    const counted = (operation: Promise<unknown>, count: number): Promise<number> => operation.then(() => count)
    return {
      single: () => counted(library.append(1_000), 1_000),
      flush: () => counted(library.flush(10), 10),
      read: () => counted(library.tail(50_000), 50_000),
      close: library.close
    }
  }
}
