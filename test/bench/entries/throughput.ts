/** Messages per second of everybody who keeps messages, in turns: one at a time, in batches, flushed, read back. */
import * as fs from "node:fs"
import * as path from "node:path"
import type { Absence, Entry, PeerMode } from "../Entry.js"
import { nanosPerItem } from "../messages.js"
import { lmdb, ndjson } from "../peers/files.js"
import { nats } from "../peers/nats.js"
import type { OpenPeer, Peer } from "../peers/Peer.js"
import { ours, upstream } from "../peers/plasmites.js"
import { redis } from "../peers/redis.js"
import { sqlite } from "../peers/sqlite.js"
import { summarize } from "../statistics.js"

const peers: ReadonlyArray<Peer> = [ours, upstream, ndjson, lmdb, sqlite, redis, nats]
const modes: ReadonlyArray<PeerMode> = ["single", "batch", "flush", "read"]

interface Measured {
  readonly peer: Peer
  readonly open: OpenPeer
  readonly rates: Record<PeerMode, Array<number>>
}

export const throughput: Entry = {
  name: "throughput",
  rows: [],
  open: async ({ directory }) => {
    const absent: Array<Absence> = []
    const measured: Array<Measured> = []
    for (const peer of peers) {
      const reason = peer.missing()
      if (reason !== undefined) {
        absent.push({ name: peer.name, reason })
        continue
      }
      const place = path.join(directory, String(measured.length))
      fs.mkdirSync(place)
      try {
        const open = await peer.open(place)
        measured.push({ peer, open, rates: { single: [], batch: [], flush: [], read: [] } })
      } catch (error) {
        absent.push({ name: peer.name, reason: `it could not be started: ${String(error)}` })
      }
    }
    const measure = async (millis: number): Promise<void> => {
      for (const mode of modes) {
        for (const { open, rates } of measured) {
          const operation = open[mode]
          if (mode === "read") await open.prepareRead?.()
          if (operation !== undefined) rates[mode].push(1e9 / (await nanosPerItem(operation, millis)))
        }
      }
    }
    await measure(20)
    for (const { rates } of measured) for (const mode of modes) rates[mode].length = 0
    return {
      round: async () => {
        await measure(60)
        return {}
      },
      absent,
      peers: () =>
        measured.map(({ peer, rates }) => ({
          peer: peer.name,
          fast: peer.fast,
          flush: peer.flush,
          rates: Object.fromEntries(
            modes.flatMap((mode) => (rates[mode].length === 0 ? [] : [[mode, summarize(rates[mode])]]))
          )
        })),
      close: async () => {
        for (const { open } of measured) await open.close()
      }
    }
  }
}
