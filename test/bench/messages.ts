/** The messages that everybody is given, and how long an operation on them takes. */
import type { JsonObject } from "../../src/index.js"

/** 34 characters of JSON, 445 bytes as a Lite3 payload with its envelope, 512 bytes of ring with its frame. */
export const tiny: JsonObject = { from: "alice", msg: "hello bob" }
export const tinyText = JSON.stringify(tiny)

/** Messages per batch, wherever there are batches. */
export const batchSize = 256
export const tinyBatch = Array.from({ length: batchSize }, () => ({ data: tiny }))

const nowNanos = (): number => Number(process.hrtime.bigint())

/** Nanoseconds for each call, over at least `millis`. The operation gets a counter and must return something to use. */
export const nanosPerCall = (operation: (index: number) => number, millis = 40, callsPerLook = 256): number => {
  const started = nowNanos()
  const end = started + millis * 1e6
  let now = started
  let calls = 0
  while (now < end) {
    for (let index = 0; index < callsPerLook; index++) used += operation(calls + index)
    calls += callsPerLook
    now = nowNanos()
  }
  return (now - started) / calls
}

/** Nanoseconds for each of `count` that one call of `operation` performs, over at least `millis`. */
export const nanosPerItem = async (operation: () => Promise<number>, millis = 60): Promise<number> => {
  const started = nowNanos()
  const end = started + millis * 1e6
  let now = started
  let items = 0
  while (now < end) {
    items += await operation()
    now = nowNanos()
  }
  return (now - started) / items
}

/** Keeps the compiler from removing what is measured. */
let used = 0
export const assertUsed = (): void => {
  if (Number.isNaN(used)) throw new Error("an operation returned no number")
}

export const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))
