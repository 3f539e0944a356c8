/**
 * What a filter costs per message, beyond the tail that it filters: one of the kind that people write, and the same
 * question put in a way that only jq itself can answer. Both pass the same messages, and that is checked.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Pool } from "../../../src/index.js"
import type { Entry } from "../Entry.js"
import { mebibyte, openPools } from "../pools.js"

const simple = '.data.level == "error" and .data.code >= 500'
const onlyJq = 'def severe: .level == "error" and .code >= 500; .data | severe'
const count = 20_000
const ofJq = 4_000

const message = (index: number) => ({
  data: { level: index % 10 === 0 ? "error" : "info", code: 200 + (index % 400), path: `/items/${index}` }
})

const nanosOfTail = async (pool: Pool.Pool, messages: number, where: ReadonlyArray<string>) => {
  const started = process.hrtime.bigint()
  const passed = await Effect.runPromise(
    Stream.runFold(
      pool.encoded.tail({ from: { seq: count - messages + 1 }, follow: false, where }),
      0,
      (sum, batch) => sum + batch.messages.length
    )
  )
  return { nanos: Number(process.hrtime.bigint() - started) / messages, passed }
}

export const filter: Entry = {
  name: "filter",
  rows: [
    {
      name: "filter",
      what: "filter fast path, per message, against jq-wasm batches",
      unit: "ns",
      yardstick: "jq-wasm in batches",
      figure: "inverse",
      direction: "at least",
      bar: 50,
      aim: 100
    }
  ],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const pool = await pools.open("filtered", { sizeBytes: 32 * mebibyte })
    await Effect.runPromise(pool.appendAll(Array.from({ length: count }, (_, index) => message(index))))
    const agreed = await Promise.all([simple, onlyJq].map((where) => nanosOfTail(pool, ofJq, [where])))
    if (agreed[0]!.passed !== agreed[1]!.passed) throw new Error("the two filters do not agree")
    for (let warm = 0; warm < 3; warm++) await nanosOfTail(pool, count, [simple])
    return {
      round: async () => {
        // The time of the tail itself is in both and taken from both; a filter never costs less than nothing.
        const bare = (await nanosOfTail(pool, count, [])).nanos
        const fast = (await nanosOfTail(pool, count, [simple])).nanos - bare
        const batches = (await nanosOfTail(pool, ofJq, [onlyJq])).nanos - bare
        return { filter: { ours: Math.max(fast, 1), yardstick: batches } }
      },
      close: () => pools.close()
    }
  }
}
