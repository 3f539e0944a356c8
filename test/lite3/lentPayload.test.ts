/** Memory of payloads that were given back is used again, and never while anybody may still look at a payload in it. */
import { Effect, Fiber, Layer, Option } from "effect"
import * as fc from "fast-check"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as NodePools from "../../layers/NodePools.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import { PoolLock, Pools } from "../../src/index.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeLent, encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { giveBack } from "../../src/internal/lite3/Scratch.js"

const sameMemory = (one: Uint8Array, other: Uint8Array): boolean =>
  one.buffer === other.buffer && one.byteOffset === other.byteOffset

const lend = (text: string) => ({ text, payload: encodeLent({ text }, []) })
const holds = ({ payload, text }: ReturnType<typeof lend>): void =>
  assert.deepStrictEqual(decodeValue(payload).data, { text })

describe("a lent payload", () => {
  it("is what a kept one is, and the next one lies in its place", () => {
    const first = encodeLent({ text: "one" }, ["tag"])
    assert.deepStrictEqual(first, encodeValue({ text: "one" }, ["tag"]))
    giveBack(first)
    const second = lend("two")
    assert.isTrue(sameMemory(first, second.payload))
    giveBack(second.payload)
    assert.isFalse(sameMemory(encodeValue({ text: "kept" }, []), second.payload))
  })

  it("stays whole when others are encoded before it is given back, in a getter of them as well", () => {
    const outer = lend("outer")
    const between = encodeValue({ text: "between" }, [])
    let inner = lend("before")
    const around = encodeValue({ toJSON: () => ((inner = lend("inner")), { text: "around" }) }, [])
    holds(outer)
    holds(inner)
    assert.deepStrictEqual(decodeValue(between).data, { text: "between" })
    assert.deepStrictEqual(decodeValue(around).data, { text: "around" })
    for (const { payload } of [inner, outer]) giveBack(payload)
  })

  it("that was lost does not keep others from being lent", () => {
    const lost = lend("lost")
    const isLending = (): boolean => {
      const one = lend("one").payload
      giveBack(one)
      const other = lend("two").payload
      giveBack(other)
      return sameMemory(one, other)
    }
    assert.isFalse(isLending())
    for (let index = 0; index < 2000; index++) holds(lend("x"))
    for (let index = 0; index < 1100; index++) giveBack(lend("x").payload)
    assert.isTrue(isLending())
    holds(lost)
  })

  it("in whatever order they are given back, those that were not are as they were", () => {
    const move = fc.record({ size: fc.nat({ max: 6000 }), ends: fc.boolean(), fails: fc.boolean(), which: fc.nat() })
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const open: Array<ReturnType<typeof lend>> = []
        for (const { ends, fails, size, which } of moves) {
          if (fails) assert.throws(() => encodeLent({ text: "y".repeat(size), never: Number.NaN }, []))
          else if (ends && open.length > 0) giveBack(open.splice(which % open.length, 1)[0]!.payload)
          else open.push(lend(`${which} ${"y".repeat(size)}`))
          open.forEach(holds)
        }
        open.forEach(({ payload }) => giveBack(payload))
      }),
      { numRuns: 200 }
    )
  })
})

describe("appends that wait for the lock", () => {
  it("store what each was given, though others encode meanwhile", async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "pls-lent-"))
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(index + 1))
    const program = Effect.gen(function* () {
      const pools = yield* Pools
      const locks = yield* PoolLock.PoolLock
      const pool = yield* pools.open("p", { create: { sizeBytes: 1024 * 1024 } })
      const lock = yield* locks.open(pool.path)
      assert.isTrue(lock.tryAcquire("exclusive"))
      const fibers = yield* Effect.forEach(texts, (text) => Effect.fork(pool.append({ text })))
      yield* Effect.sleep(20)
      assert.isNull(yield* Fiber.poll(fibers[0]!).pipe(Effect.map(Option.getOrNull)))
      lock.release()
      const receipts = yield* Effect.forEach(fibers, Fiber.join)
      return yield* Effect.forEach(receipts, ({ seq }) => Effect.map(pool.get(seq), ({ data }) => data["text"]))
    })
    const layers = Layer.merge(NodePools.layer({ directory }), OsPoolLock.layer)
    const stored = await Effect.runPromise(Effect.scoped(Effect.provide(program, layers)))
    assert.deepStrictEqual(stored, texts)
    fs.rmSync(directory, { recursive: true, force: true })
  })
})
