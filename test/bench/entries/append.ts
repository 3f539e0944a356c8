/**
 * Appending: the bare ring code beside the lock that it cannot do without, the public operation beside the bare one,
 * both beside a line of a file and beside upstream.
 */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { encodeLent, encodeValue } from "../../../src/internal/lite3/encodeValue.js"
import { giveBack } from "../../../src/internal/lite3/Scratch.js"
import type { LocalHandle } from "../../../src/internal/localHandle.js"
import type { Entry, Sample } from "../Entry.js"
import { batchSize, nanosPerCall, nanosPerItem, tiny, tinyBatch, tinyText } from "../messages.js"
import { upstreamIfAny } from "../peers/upstream.js"
import { fill, openPools, repeat } from "../pools.js"

const noTags: ReadonlyArray<string> = []
const singles = 1_000

const locking = (handle: LocalHandle) => (): number => {
  if (!handle.lock.tryAcquire("exclusive")) throw new Error("the lock is held")
  handle.lock.release()
  return 1
}

/** Lock, look for a dead predecessor, frame, checksum, publish, unlock: what an append is once its bytes exist. */
const appendingBytes = (handle: LocalHandle) => {
  const payloads = [encodeValue(tiny, noTags)]
  return (): number => {
    if (!handle.lock.tryAcquire("exclusive")) throw new Error("the lock is held")
    try {
      return handle.writer.appendAll(payloads, 1, 1, undefined).firstSeq
    } finally {
      handle.lock.release()
    }
  }
}

/** The same with all that `Pool.append` does beside it: encode, read the clock, wake the readers. */
const appendingValue = (handle: LocalHandle) => (): number => {
  const payload = encodeLent(tiny, noTags)
  const millis = Date.now()
  const low = (millis % 4_294_967) * 1_000
  if (!handle.lock.tryAcquire("exclusive")) throw new Error("the lock is held")
  try {
    return handle.writer.appendAll([payload], low, 1, undefined).firstSeq
  } finally {
    handle.lock.release()
    handle.notify.announce()
    giveBack(payload)
  }
}

export const append: Entry = {
  name: "append",
  roundsFactor: 3,
  rows: [
    {
      name: "append raw",
      what: "raw append ÷ one flock + unlock pair",
      unit: "ns",
      yardstick: "flock + unlock",
      figure: "ratio",
      direction: "at most",
      bar: 3.5,
      aim: 2.2
    },
    {
      name: "append Effect",
      what: "`Pool.append` as an Effect, beside raw",
      unit: "µs",
      yardstick: "the same without Effect",
      figure: "difference",
      direction: "at most",
      bar: 2,
      aim: 1
    },
    {
      name: "appendAll rate",
      what: "`appendAll` of 256, tiny",
      unit: "messages/s",
      figure: "ours",
      direction: "at least",
      bar: 800_000,
      aim: 2_000_000
    },
    {
      name: "appendAll upstream",
      what: "`appendAll` against upstream's append",
      unit: "ns",
      yardstick: "upstream's append",
      figure: "inverse",
      direction: "at least",
      bar: 15,
      aim: 50
    },
    {
      name: "append upstream",
      what: "single append against upstream's append",
      unit: "ns",
      yardstick: "upstream's append",
      figure: "inverse",
      direction: "at least",
      bar: 5,
      aim: 10
    },
    {
      name: "append NDJSON",
      what: "single append against NDJSON `appendFileSync`",
      unit: "ns",
      yardstick: "appendFileSync by path, as logs are written",
      figure: "inverse",
      direction: "at least",
      bar: 0.6,
      aim: 1
    }
  ],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const { absent, upstream } = await upstreamIfAny(directory)
    const pool = await pools.open("effect")
    for (const name of ["raw", "value"]) await fill(await pools.open(name))
    const bytes = appendingBytes(await pools.handle("raw"))
    const value = appendingValue(await pools.handle("value"))
    const lock = locking(await pools.handle("raw"))
    const batches = await pools.open("batch")
    await fill(pool)
    await fill(batches)
    const line = `${tinyText}\n`
    const file = path.join(directory, "lines.ndjson")
    const appendLine = (): number => {
      fs.appendFileSync(file, `${JSON.stringify(tiny)}\n`)
      return line.length
    }
    const single = (): Promise<number> =>
      Effect.runPromise(repeat(() => pool.append(tiny), singles)).then(() => singles)
    const batch = (): Promise<number> => Effect.runPromise(batches.appendAll(tinyBatch)).then(() => batchSize)
    const round = async (): Promise<Readonly<Record<string, Sample>>> => {
      const locked = nanosPerCall(lock)
      const raw = nanosPerCall(bytes)
      const plain = nanosPerCall(value)
      const effect = await nanosPerItem(single)
      const ndjson = nanosPerCall(appendLine)
      const message = await nanosPerItem(batch)
      const theirs = await upstream?.append(2_000)
      return {
        "append raw": { ours: raw, yardstick: locked },
        "append Effect": { ours: effect / 1e3, yardstick: plain / 1e3 },
        "append NDJSON": { ours: effect, yardstick: ndjson },
        "appendAll rate": { ours: 1e9 / message },
        ...(theirs !== undefined && {
          "append upstream": { ours: effect, yardstick: theirs },
          "appendAll upstream": { ours: message, yardstick: theirs }
        })
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
