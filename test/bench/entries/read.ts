/** Reading: whole tails to objects, and single messages by their number, inside the index and beyond it. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Message, type Pool } from "../../../src/index.js"
import { decodeSpan } from "../../../src/internal/lite3/decodeValue.js"
import type { LocalHandle } from "../../../src/internal/localHandle.js"
import { payloadSpan } from "../../../src/internal/ring/copyFrames.js"
import { RingCursor } from "../../../src/internal/ring/cursor.js"
import type { Entry, Sample } from "../Entry.js"
import { nanosPerItem } from "../messages.js"
import { upstreamIfAny } from "../peers/upstream.js"
import { fill, mebibyte, openPools, repeat } from "../pools.js"

/** Enough messages for a fair part of a round, few enough to be in the index. */
const indexed = 50_000
const tailed = 100_000
const gets = 2_000

/** Numbers scattered over a range, the same for everybody: no two neighbours share a cache line. */
const scattered = (): (() => number) => {
  let state = 1
  return () => (state = (state * 48_271) % 2_147_483_647)
}

/** Every message of the pool as an object, by the ring's own cursor, without any Effect. */
const drainRaw = (handle: LocalHandle, first: number, count: number): number => {
  const cursor = new RingCursor(handle.ring, handle.lock, first, { reportFirstGap: false })
  let seen = 0
  while (seen < count) {
    const { frames } = cursor.read(1_024, mebibyte)
    if (frames.length === 0) throw new Error(`the cursor stopped after ${seen} of ${count} messages`)
    for (const frame of frames) {
      const { data, tags } = decodeSpan(payloadSpan(frame), { integers: "number" })
      const message = new Message(frame.seq, frame.timestampLow, frame.timestampHigh, tags, data)
      if (message.data === undefined) throw new Error("no data")
      seen++
    }
  }
  return seen
}

export const drainStream = async (pool: Pool.Pool, first: number): Promise<number> => {
  let seen = 0
  const messages = pool.tail({ from: { seq: first }, follow: false })
  await Effect.runPromise(
    Stream.runForEachChunk(messages, (chunk) => Effect.sync(() => void (seen += Chunk.size(chunk))))
  )
  return seen
}

const getting = (pool: Pool.Pool, newest: number, span: number) => {
  const next = scattered()
  return (): Promise<number> =>
    Effect.runPromise(repeat(() => pool.get(newest - (next() % span)), gets)).then(() => gets)
}

export const read: Entry = {
  name: "read",
  rows: [
    {
      name: "tail upstream",
      what: "tail to objects, tiny, against upstream's decoding tail",
      unit: "ns",
      yardstick: "upstream's `Tail::next_message`",
      figure: "inverse",
      direction: "at least",
      bar: 1.3,
      aim: 2.5
    },
    {
      name: "tail Stream",
      what: "tail as `Stream` beside the raw loop",
      unit: "ns",
      yardstick: "cursor and decoder in a loop",
      figure: "ratio",
      direction: "at most",
      bar: 1.15,
      aim: 1.05
    },
    {
      name: "get upstream",
      what: "get + decode against upstream",
      unit: "ns",
      yardstick: "upstream's `get_message`",
      figure: "inverse",
      direction: "at least",
      bar: 1,
      aim: 2
    }
  ],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const { absent, upstream } = await upstreamIfAny(directory)
    const pool = await pools.open("tail")
    const newest = await fill(pool)
    await upstream?.append(tailed + 10_000)
    const first = newest - tailed + 1
    const handle = await pools.handle("tail")
    const get = getting(pool, newest, indexed)
    const round = async (): Promise<Readonly<Record<string, Sample>>> => {
      const raw = await nanosPerItem(async () => drainRaw(handle, first, tailed))
      const stream = await nanosPerItem(() => drainStream(pool, first))
      const theirTail = await upstream?.tail(tailed)
      const got = await nanosPerItem(get)
      const theirGet = await upstream?.get(20_000)
      return {
        "tail Stream": { ours: stream, yardstick: raw },
        ...(theirTail !== undefined && { "tail upstream": { ours: stream, yardstick: theirTail } }),
        ...(theirGet !== undefined && { "get upstream": { ours: got, yardstick: theirGet } })
      }
    }
    await round()
    return {
      round,
      absent,
      close: async () => {
        await upstream?.close()
        await pools.close()
      }
    }
  }
}

/**
 * Each round opens the pool anew and pays again for whatever it has to learn. The index has room for fewer messages than
 * the ring; what is asked for lies before those that it still knows.
 */
export const index: Entry = {
  name: "index",
  rows: [
    {
      name: "get beyond the index",
      what: "get where the pool holds more messages than the index",
      unit: "ns",
      yardstick: "get of an indexed message",
      figure: "ratio",
      direction: "at most",
      bar: 3,
      aim: 1.5
    }
  ],
  open: async ({ directory }) => {
    const indexCapacity = 16_384
    const first = await openPools(directory)
    const { newest, oldest } = await (async () => {
      const pool = await first.open("small-index", { sizeBytes: 64 * mebibyte, indexCapacity })
      await fill(pool)
      return (await Effect.runPromise(pool.info)).bounds
    })()
    await first.close()
    if (newest === undefined || oldest === undefined) throw new Error("the pool is empty")
    const lastUnindexed = newest - indexCapacity
    return {
      round: async () => {
        const pools = await openPools(directory)
        try {
          const pool = await pools.open("small-index")
          const inside = await nanosPerItem(getting(pool, newest, indexCapacity >> 1), 300)
          // One at a time, so that a get that walks the ring is cut off in time.
          const next = scattered()
          const span = lastUnindexed - oldest + 1
          const beyond = await nanosPerItem(async () => {
            await Effect.runPromise(repeat(() => pool.get(oldest + (next() % span)), 50))
            return 50
          }, 300)
          return { "get beyond the index": { ours: beyond, yardstick: inside } }
        } finally {
          await pools.close()
        }
      },
      close: async () => {}
    }
  }
}
