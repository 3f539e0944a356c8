/**
 * Where a tailed message goes, and one that is got by its number. Each way is gone down a little further than the time
 * before; what the further part took is the difference of the two. Only the checksums are timed in loops of their own.
 */
import * as Effect from "effect/Effect"
import { Message } from "../../../src/index.js"
import { decodeSpan } from "../../../src/internal/lite3/decodeValue.js"
import type { LocalHandle } from "../../../src/internal/localHandle.js"
import { LentCopyBuffer } from "../../../src/internal/ring/copyBuffer.js"
import { payloadSpan } from "../../../src/internal/ring/copyFrames.js"
import { RingCursor, type StoredFrame } from "../../../src/internal/ring/cursor.js"
import { checksumsHold } from "../../../src/internal/ring/frame.js"
import { frameHeaderBytes } from "../../../src/internal/ring/layout.js"
import { readFrame } from "../../../src/internal/ring/readFrame.js"
import type { Entry } from "../Entry.js"
import { nanosPerCall, nanosPerItem } from "../messages.js"
import { fill, openPools, repeat } from "../pools.js"
import { drainStream } from "./read.js"

const tailed = 50_000
const gets = 2_000
const chunkBytes = 256 * 1024

/** What was measured, by the name of the step: a value per round. */
class Steps {
  private readonly taken = new Map<string, Array<number>>()

  note(name: string, nanos: number): void {
    const values = this.taken.get(name) ?? []
    this.taken.set(name, values)
    values.push(nanos)
  }

  forget(): void {
    this.taken.clear()
  }

  get series(): ReadonlyArray<{ readonly name: string; readonly values: ReadonlyArray<number> }> {
    return [...this.taken].map(([name, values]) => ({ name, values }))
  }
}

/** Copies as many bytes as the messages take, and does nothing with them. */
const copyOnly = (handle: LocalHandle): (() => Promise<number>) => {
  const { ring } = handle
  const target = new Uint8Array(chunkBytes)
  const messagesPerChunk = chunkBytes / 512
  return async () => {
    let at = 0
    for (let copied = 0; copied < tailed; copied += messagesPerChunk, at += chunkBytes) {
      if (at + chunkBytes > ring.geometry.ringSize) at = 0
      ring.read(at, target, 0, chunkBytes)
    }
    return tailed
  }
}

const cursorOver = (handle: LocalHandle, first: number, use: (frame: StoredFrame) => void): (() => Promise<number>) => {
  const copies = new LentCopyBuffer()
  return async () => {
    const cursor = new RingCursor(handle.ring, handle.lock, first, { reportFirstGap: false, copies })
    let seen = 0
    while (seen < tailed) {
      const { frames } = cursor.read(1_024, chunkBytes)
      if (frames.length === 0) throw new Error(`the cursor stopped after ${seen} of ${tailed} messages`)
      for (const frame of frames) use(frame)
      seen += frames.length
    }
    return seen
  }
}

const messageOf = (frame: StoredFrame): Message => {
  const { data, tags } = decodeSpan(payloadSpan(frame), { integers: "number" })
  return new Message(frame.seq, frame.timestampLow, frame.timestampHigh, tags, data)
}

/** Both checksums of a frame that a reader has copied: header and payload stand one behind the other. */
const checksumming = (handle: LocalHandle, seq: number): (() => number) => {
  const frame = readFrame(handle.ring, handle.lock, seq)
  if (typeof frame === "string") throw new Error(`message ${seq} is ${frame}`)
  const { buffer, byteOffset, length } = frame.payload
  const view = new DataView(buffer)
  return () => Number(checksumsHold(view, byteOffset - frameHeaderBytes, length))
}

/** Numbers scattered over the newest 50,000, as the entry of `get` has them. */
const scattered = (newest: number): (() => number) => {
  let state = 1
  return () => newest - ((state = (state * 48_271) % 2_147_483_647) % 50_000)
}

export const readSteps: Entry = {
  name: "read steps",
  rows: [],
  roundsFactor: 2,
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const pool = await pools.open("tail")
    const newest = await fill(pool)
    const first = newest - tailed + 1
    const handle = await pools.handle("tail")
    const tail = new Steps()
    const get = new Steps()
    const copies = new LentCopyBuffer()
    const next = scattered(newest)
    const getting = (use: (frame: StoredFrame) => unknown): (() => Promise<number>) => {
      return async () => {
        for (let done = 0; done < gets; done++) {
          const frame = readFrame(handle.ring, handle.lock, next(), copies)
          if (typeof frame === "string" || use(frame) === undefined) throw new Error("a message is not there")
        }
        return gets
      }
    }
    const copy = copyOnly(handle)
    const checksums = checksumming(handle, newest)
    const walk = cursorOver(handle, first, () => {})
    const walkAndDecode = cursorOver(handle, first, messageOf)
    const find = getting((frame) => frame)
    const findAndDecode = getting(messageOf)
    const measure = async (): Promise<void> => {
      const proving = nanosPerCall(checksums, 10)
      const copied = await nanosPerItem(copy, 30)
      const walked = await nanosPerItem(walk)
      const decoded = await nanosPerItem(walkAndDecode)
      const streamed = await nanosPerItem(() => drainStream(pool, first))
      tail.note("copy out of the map, 256 KiB at once", copied)
      tail.note("checksums of header and payload", proving)
      tail.note("walk: fields of the frame, a view of its payload", walked - copied - proving)
      tail.note("decode: envelope, members, strings, `Message`", decoded - walked)
      tail.note("chunks, `Stream`, and memory that lives longer", streamed - decoded)
      const found = await nanosPerItem(find)
      const foundAndDecoded = await nanosPerItem(findAndDecode)
      const whole = await nanosPerItem(() => Effect.runPromise(repeat(() => pool.get(next()), gets)).then(() => gets))
      get.note("group, index slot, copy of a frame that is in no cache", found - proving)
      get.note("checksums of header and payload", proving)
      get.note("decode: envelope, members, strings, `Message`", foundAndDecoded - found)
      get.note("Effect: two steps of the fiber, and the one of the caller", whole - foundAndDecoded)
    }
    for (let warm = 0; warm < 2; warm++) await measure()
    tail.forget()
    get.forget()
    return {
      round: async () => {
        await measure()
        return {}
      },
      plots: () => ({ "steps of a tail": tail.series, "steps of a get": get.series }),
      close: pools.close
    }
  }
}
