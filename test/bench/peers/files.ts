/** Peers that live in this process: lines in a file, and LMDB. */
import { open as openLmdb } from "lmdb"
import * as fs from "node:fs"
import * as path from "node:path"
import { batchSize, tiny, tinyText } from "../messages.js"
import { type Peer, readCount } from "./Peer.js"

const line = (): string => `${JSON.stringify(tiny)}\n`

export const ndjson: Peer = {
  name: "NDJSON file",
  fast: "death of the writer; but no order between writers, no retention, no torn-line check",
  flush: "a power cut (fsync)",
  missing: () => undefined,
  open: async (directory) => {
    const file = fs.openSync(path.join(directory, "appended.ndjson"), "a")
    const full = path.join(directory, "read.ndjson")
    fs.writeFileSync(full, `${tinyText}\n`.repeat(readCount))
    return {
      single: async () => {
        for (let index = 0; index < 200; index++) fs.appendFileSync(file, line())
        return 200
      },
      batch: async () => {
        let lines = ""
        for (let index = 0; index < batchSize; index++) lines += line()
        fs.writeSync(file, lines)
        return batchSize
      },
      flush: async () => {
        fs.writeSync(file, line())
        fs.fsyncSync(file)
        return 1
      },
      read: async () => {
        const lines = fs.readFileSync(full, "utf8").split("\n")
        lines.pop()
        for (const text of lines) JSON.parse(text)
        return lines.length
      },
      close: async () => fs.closeSync(file)
    }
  }
}

export const lmdb: Peer = {
  name: "LMDB",
  fast: "death of the writer (noSync)",
  flush: "a power cut (a synchronous commit)",
  missing: () => undefined,
  open: async (directory) => {
    const options = { keyEncoding: "uint32", overlappingSync: false } as const
    const fast = openLmdb({ ...options, path: path.join(directory, "fast.mdb"), noSync: true })
    const flush = openLmdb({ ...options, path: path.join(directory, "flush.mdb") })
    let key = 0
    const put = (database: typeof fast, count: number): number => {
      database.transactionSync(() => {
        // A ring of its own: what is older than a million messages is replaced.
        for (let index = 0; index < count; index++) database.putSync(key++ % 1_000_000, tiny)
      })
      return count
    }
    put(fast, readCount)
    return {
      single: async () => {
        for (let index = 0; index < 100; index++) put(fast, 1)
        return 100
      },
      batch: async () => put(fast, batchSize),
      flush: async () => put(flush, 1),
      read: async () => {
        let seen = 0
        for (const { value } of fast.getRange({ limit: readCount })) if (value !== undefined) seen++
        return seen
      },
      close: async () => {
        await fast.close()
        await flush.close()
      }
    }
  }
}
