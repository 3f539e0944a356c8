/**
 * Append and get in pools from 1 MiB to 2 GiB, each with its ring filled and wrapped, in turns; and get by how many
 * messages a pool holds.
 */
import * as Effect from "effect/Effect"
import type { Pool } from "../../../src/index.js"
import type { Entry, Sample } from "../Entry.js"
import { nanosPerItem, tiny } from "../messages.js"
import { fill, mebibyte, openPools, repeat, sharedPool } from "../pools.js"
import { median } from "../statistics.js"

const sizes = [1, 16, 128, 1_024, 2_048]
const counts = [100, 1_000, 10_000, 100_000, 500_000]
const operations = 500
/** All pools are asked for the same number of their newest messages, so that they differ in nothing but size. */
const newestAsked = 1_000

/** The dearest ÷ the cheapest of five would say more about noise than about size, were each measured only once. */
const slicesPerRound = 5
const sliceMillis = 12

const appending = (pool: Pool.Pool) => (): Promise<number> =>
  Effect.runPromise(repeat(() => pool.append(tiny), operations)).then(() => operations)

const getting = (pool: Pool.Pool, newest: number, span: number) => {
  let state = 1
  const next = (): number => (state = (state * 48_271) % 2_147_483_647)
  return (): Promise<number> =>
    Effect.runPromise(repeat(() => pool.get(newest - (next() % span)), operations)).then(() => operations)
}

const row = (operation: "append" | "get") =>
  ({
    name: `${operation} by size`,
    what: `${operation} cost, pool of 1 MiB → 2 GiB, the dearest ÷ the cheapest`,
    unit: "ns",
    yardstick: "the cheapest size",
    figure: "ratio",
    direction: "at most",
    bar: 1.3,
    aim: 1.1
  }) as const

export const size: Entry = {
  name: "size",
  rows: [row("append"), row("get")],
  open: async ({ directory, shared }) => {
    for (const mebibytes of sizes) await sharedPool(shared, mebibytes * mebibyte)
    const pools = await openPools(shared)
    const bySize = await Promise.all(
      sizes.map(async (mebibytes) => {
        const pool = await pools.open(`filled-${mebibytes}-mib`)
        return { pool, append: [] as Array<number>, get: [] as Array<number> }
      })
    )
    const others = await openPools(directory)
    const byCount = await Promise.all(
      counts.map(async (count) => {
        const pool = await others.open(`count-${count}`, { sizeBytes: 288 * mebibyte })
        const newest = await fill(pool, count)
        return { get: getting(pool, newest, newest), nanos: [] as Array<number> }
      })
    )
    const measure = async (): Promise<void> => {
      const slices = bySize.map(() => ({ append: [] as Array<number>, get: [] as Array<number> }))
      for (let slice = 0; slice < slicesPerRound; slice++) {
        for (const [index, { pool }] of bySize.entries()) {
          slices[index]!.append.push(await nanosPerItem(appending(pool), sliceMillis))
          const { bounds } = await Effect.runPromise(pool.info)
          slices[index]!.get.push(await nanosPerItem(getting(pool, bounds.newest!, newestAsked), sliceMillis))
        }
      }
      for (const [index, measured] of bySize.entries()) {
        measured.append.push(median(slices[index]!.append))
        measured.get.push(median(slices[index]!.get))
      }
      for (const measured of byCount) measured.nanos.push(await nanosPerItem(measured.get, 30))
    }
    await measure()
    for (const { append, get } of bySize) append.length = get.length = 0
    for (const { nanos } of byCount) nanos.length = 0

    const extremes = (operation: "append" | "get"): Sample => {
      const latest = bySize.map((measured) => measured[operation].at(-1)!)
      return { ours: Math.max(...latest), yardstick: Math.min(...latest) }
    }
    return {
      round: async () => {
        await measure()
        return { "append by size": extremes("append"), "get by size": extremes("get") }
      },
      plots: () => ({
        size: (["append", "get"] as const).map((operation) => ({
          name: operation,
          at: sizes,
          values: bySize.map((measured) => median(measured[operation]))
        })),
        count: [{ name: "get", at: counts, values: byCount.map(({ nanos }) => median(nanos)) }]
      }),
      close: async () => {
        await others.close()
        await pools.close()
      }
    }
  }
}
