/**
 * The append without Effect, on real pools: it does the same as `poke` would, or nothing at all.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { PokeArguments } from "../../cli/arguments.js"
import { grammarOf } from "../../cli/grammar.js"
import { pokeNow } from "../../cli/pokeNow.js"
import { quickCall } from "../../cli/quickCall.js"
import * as NodePools from "../../layers/NodePools.js"
import { flockOperation, nativeOrThrow } from "../../layers/native.js"
import { isPoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { program } from "./recordedCall.js"

let directory = ""
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-now-"))
})
afterAll(() => fs.rmSync(directory, { recursive: true }))

const callOf = (...words: ReadonlyArray<string>): PokeArguments => {
  const call = quickCall(grammarOf(program.table), ["--dir", directory, "poke", ...words])
  if (call?.handler !== "poke") throw new Error(`not a quick call: ${words.join(" ")}`)
  return call.arguments
}

const withPools = <A, E>(body: (pools: Pools["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.provide(Effect.flatMap(Pools, body), NodePools.layer({ directory })))

let pools = 0
/** A new pool and its file. */
const newPool = async (sizeBytes = 65_536): Promise<{ readonly name: string; readonly file: string }> => {
  const name = `p${++pools}`
  await withPools((pools) => pools.create(name, { sizeBytes }))
  return { name, file: path.join(directory, `${name}.plasmite`) }
}

const messages = (name: string) =>
  withPools((pools) =>
    Effect.scoped(
      Effect.gen(function* () {
        const pool = yield* pools.open(name)
        const { bounds } = yield* pool.info
        const newest = bounds.newest ?? 0
        return yield* Effect.forEach(
          Array.from({ length: newest }, (_, index) => index + 1),
          (seq) => pool.get(seq)
        )
      })
    )
  )

describe("an append without Effect", () => {
  it("stores what poke would, by name and by path", async () => {
    const { file, name } = await newPool()
    const before = Date.now()
    assert.strictEqual(pokeNow(callOf(name, '{"x":1.5,"y":["é"]}', "--tag", "a", "--tag", "b", "-q")), "acknowledged")
    assert.strictEqual(pokeNow(callOf(`${name}.plasmite`, '{"x":2}', "-q", "--create")), "acknowledged")
    assert.strictEqual(pokeNow(callOf(file, '{"x":3}', "-q")), "acknowledged")
    const stored = await messages(name)
    assert.deepStrictEqual(
      stored.map(({ data, seq, tags }) => ({ data, seq, tags })),
      [
        { seq: 1, tags: ["a", "b"], data: { x: 1.5, y: ["é"] } },
        { seq: 2, tags: [], data: { x: 2 } },
        { seq: 3, tags: [], data: { x: 3 } }
      ]
    )
    for (const { timestampHigh, timestampLow } of stored) {
      const millis = Number(((BigInt(timestampHigh) << 32n) | BigInt(timestampLow)) / 1_000_000n)
      assert.isAtLeast(millis, before - 1000)
      assert.isAtMost(millis, Date.now() + 1000)
    }
  })

  it("does nothing where there is more to do or to say", async () => {
    const { file, name } = await newPool()
    const bytes = fs.readFileSync(file)
    const damaged = path.join(directory, "damaged.plasmite")
    fs.writeFileSync(damaged, bytes.subarray(0, 100))
    const cases = [
      ["missing", "{}"],
      ["missing", "{}", "--create"],
      ["http://localhost:9700/p", "{}"],
      ["", "{}"],
      ["damaged", "{}"],
      [directory + "/", "{}"],
      [name, "no json"],
      [name, "[1]"],
      [name, "{}", "--durability", "flush"],
      [name, "{}", "--retry", "1"],
      [name, "{}", "--retry-delay", "1s"],
      [name, "{}", "--create", "--create-size", "1M"],
      [name, "{}", "--token", "t"],
      [name, "{}", "--token-file", "t"],
      [name, "{}", "--tls-ca", "t"],
      [name, "{}", "--tls-skip-verify"]
    ]
    for (const words of cases) assert.isUndefined(pokeNow(callOf(...words, "-q")), words.join(" "))
    assert.isTrue(fs.readFileSync(file).equals(bytes))
    assert.isFalse(fs.existsSync(path.join(directory, "missing.plasmite")))
  })

  it("does not wait for a lock", async () => {
    const { file, name } = await newPool()
    const descriptor = fs.openSync(file, "r+")
    const native = nativeOrThrow("lock", file)
    assert.strictEqual(native.flock(descriptor, flockOperation.exclusive), 0)
    assert.isUndefined(pokeNow(callOf(name, "{}", "-q")))
    fs.closeSync(descriptor)
    assert.strictEqual(pokeNow(callOf(name, "{}", "-q")), "acknowledged")
    assert.lengthOf(await messages(name), 1)
  })

  it("hands on a refusal of the append itself", async () => {
    const { name } = await newPool()
    const outcome = pokeNow(callOf(name, JSON.stringify({ text: "x".repeat(100_000) }), "-q"))
    assert.isTrue(typeof outcome === "object" && "failure" in outcome && isPoolError(outcome.failure))
    assert.lengthOf(await messages(name), 0)
  })
})
