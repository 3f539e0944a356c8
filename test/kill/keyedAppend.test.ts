/**
 * Real processes that append the same keys at once, are killed at random moments and begin again with the first key: each
 * key becomes one message, and everybody is told the same one.
 */
import { assert, it } from "vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"
import { startChild, temporaryDirectory } from "./processes.js"
import { Chance } from "./random.js"

const keys = 400
const processes = 3
const deathsEach = 8

for (const storage of ["mapped", "file"] as const) {
  it(`the same keys from killed and restarted processes become one message each (${storage})`, async () => {
    const directory = temporaryDirectory()
    const pools = NodePools.layer({ directory, storage })
    const run = <A, E>(effect: Effect.Effect<A, E, Pools>) => Effect.runPromise(Effect.provide(effect, pools))
    const { path: file } = await run(Effect.flatMap(Pools, (all) => all.create("keys", { sizeBytes: 4 << 20 })))
    const receipts: Array<{ readonly key: number; readonly seq: number; readonly repeated: boolean }> = []
    let killed = 0

    const keepAlive = async (author: number): Promise<void> => {
      const chance = new Chance(author)
      for (let lives = deathsEach; ; lives--) {
        const child = startChild({
          part: "keyed",
          path: file,
          storage,
          mixture: { seed: 1, largestBytes: 1 },
          author,
          keys,
          durability: "fast"
        })
        // Further each time, so that some deaths come among new keys and some among repeated ones.
        const linesToLive =
          lives > 0 ? 1 + chance.below(keys / 2) + (deathsEach - lives) * 20 : Number.POSITIVE_INFINITY
        let lines = 0
        for (let line = await child.nextLine(); line !== undefined; line = await child.nextLine()) {
          if (++lines === linesToLive) child.signal("SIGKILL")
          const [key, seq, repeated] = line.split(" ")
          if (seq !== undefined) receipts.push({ key: Number(key), seq: Number(seq), repeated: repeated === "true" })
        }
        const how = await child.ended
        if (how === "SIGKILL") killed++
        else {
          assert.strictEqual(how, 0)
          return
        }
      }
    }
    await Promise.all(Array.from({ length: processes }, (_, author) => keepAlive(author)))

    const stored = await run(
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* (yield* Pools).open("keys")
          return Chunk.toReadonlyArray(yield* Stream.runCollect(pool.tail({ from: "oldest", follow: false })))
        })
      )
    )
    assert.strictEqual(stored.length, keys)
    const keyOf = new Map(stored.map(({ data, seq }) => [seq, data["key"]]))
    assert.strictEqual(new Set(keyOf.values()).size, keys)
    for (const { key, seq } of receipts) assert.strictEqual(keyOf.get(seq), key)
    assert.isAtMost(receipts.filter(({ repeated }) => !repeated).length, keys)
    assert.isAbove(receipts.filter(({ repeated }) => repeated).length, keys)
    assert.isAtLeast(killed, processes * (deathsEach - 2))
    assert.isAbove(new Set(stored.map(({ data }) => data["author"])).size, 1)
  }, 120_000)
}
