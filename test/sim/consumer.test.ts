/**
 * Consumers that resume, on a simulated machine: killed between a handler and its commit and in the middle of a commit, cut
 * off from power, failed by the disk. What the pool still holds at the end was handled, in order, at least once.
 */
import { assert, describe, it } from "vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import { Simulation, simulateOrThrow } from "../../layers/simulated/Simulation.js"
import * as Consumer from "../../src/Consumer.js"
import type { DurabilityMode } from "../../src/Durability.js"
import type { Pool } from "../../src/Pool.js"
import { Pools } from "../../src/Pools.js"

const quiet = Logger.withMinimumLogLevel(LogLevel.None)

const openPool = Effect.flatMap(Pools, (pools) => pools.open("orders"))

/** What was handled, as the outside world saw it: it survives everything. */
class Handled {
  readonly ids = new Set<string>()
  repeats = 0
  gaps = 0

  add(id: string): void {
    if (this.ids.has(id)) this.repeats++
    this.ids.add(id)
  }
}

const consume = (pool: Pool, handled: Handled, kind: number, durability: DurabilityMode) => {
  let last = 0
  const handle = ({ data, seq }: { readonly data: object; readonly seq: number }) =>
    Effect.zipRight(
      Effect.sync(() => {
        assert.isAbove(seq, last, "order")
        last = seq
        handled.add((data as { readonly id: string }).id)
      }),
      Effect.yieldNow()
    )
  const options = {
    follow: false,
    onGap: () =>
      Effect.sync(() => {
        handled.gaps++
        last = 0
      }),
    onDamage: "skip"
  } as const
  return kind === 0
    ? Stream.runForEach(pool.tail({ ...options, cursor: "billing" }), handle)
    : Effect.scoped(
        Effect.flatMap(Consumer.make(pool, "billing", { durability }), (consumer) =>
          consumer.forEach(handle, { ...options, ...(kind === 2 && { commitEvery: 2 }) })
        )
      )
}

/** Rounds of appending, consuming and dying; then whoever is left reads to the end. */
const run = (seed: number, losesPower: boolean) => {
  const handled = new Handled()
  const program = Effect.gen(function* () {
    const { chance, counts, disk, powerLoss, spawn } = yield* Simulation
    yield* (yield* Pools).create("orders", { sizeBytes: 16_384 })
    disk.settle()
    const durability = chance.pick(["fast", "flush"] as const)
    for (let round = 0; round < 8; round++) {
      const produced = chance.below(chance.oneIn(4) ? 120 : 12)
      const producer = yield* spawn(
        "producer",
        Effect.scoped(
          Effect.flatMap(openPool, (pool) =>
            Effect.forEach(
              Array.from({ length: produced }, (_, n) => ({ id: `${round}.${n}`, pad: "x".repeat(40) })),
              (data) => pool.append(data)
            )
          )
        )
      )
      if (chance.oneIn(3)) producer.process.dieAtStore(1 + chance.below(60))
      if (chance.oneIn(4)) disk.failOn({ operation: chance.pick(["store", "sync"]), code: "EIO", short: true })
      const consumer = yield* spawn(
        "consumer",
        Effect.scoped(Effect.flatMap(openPool, (pool) => consume(pool, handled, chance.below(3), durability)))
      )
      const fate = chance.pick(["dies at a store", "is killed", "lives", "dies at a store"] as const)
      if (fate === "dies at a store") consumer.process.dieAtStore(1 + chance.below(6))
      if (fate === "is killed") {
        yield* Effect.sleep(chance.below(3))
        yield* consumer.kill
      }
      if (losesPower && chance.oneIn(3)) yield* powerLoss
      else {
        yield* producer.end
        yield* consumer.end
      }
      disk.heal()
      yield* Effect.sleep(5)
    }
    const pool = yield* openPool
    // A producer that died may have left the last word to the next one.
    yield* pool.append({ id: "last" })
    yield* consume(pool, handled, chance.below(3), durability)
    const retained = yield* Stream.runCollect(pool.tail({ from: "oldest", follow: false, onDamage: "skip" }))
    const { cursors } = yield* pool.info
    return { retained: [...retained], cursors, counts: { ...counts }, storesLost: disk.storesLost }
  }).pipe(quiet)
  const { cursors, retained, storesLost } = simulateOrThrow({
    seed,
    program,
    access: seed % 2 === 0 ? "mapped" : "positional"
  })
  for (const { data, seq } of retained) {
    assert.isTrue(
      handled.ids.has(data["id"] as string),
      `seed ${seed}: message ${seq} (${String(data["id"])}) was skipped`
    )
  }
  assert.strictEqual(cursors?.[0]?.lag, 0)
  return { repeats: handled.repeats, gaps: handled.gaps, storesLost }
}

const total = (losesPower: boolean, firstSeed: number, seeds: number) => {
  const sum = { repeats: 0, gaps: 0, storesLost: 0 }
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { gaps, repeats, storesLost } = run(seed, losesPower)
    sum.repeats += repeats
    sum.gaps += gaps
    sum.storesLost += storesLost
  }
  return sum
}

describe("consumers of a simulated machine", () => {
  it("handle every message at least once, in order, wherever they are killed", () => {
    const { gaps, repeats } = total(false, 1, 60)
    assert.isAbove(repeats, 20, "the seeds do not test this")
    assert.isAbove(gaps, 5, "the seeds do not test this")
  })

  it("skip none after a power loss, though the pool may have lost what they had handled", () => {
    const { gaps, repeats, storesLost } = total(true, 1000, 60)
    assert.isAbove(repeats, 20, "the seeds do not test this")
    assert.isAbove(gaps, 5, "the seeds do not test this")
    assert.isAbove(storesLost, 20, "the seeds do not test this")
  })

  it("stand, after a death at any store of a commit or a power loss behind it, where one commit left them", () => {
    let lost = 0
    for (let seed = 0; seed < 120; seed++) {
      const program = Effect.gen(function* () {
        const { chance, disk, powerLoss, spawn } = yield* Simulation
        const pools = yield* Pools
        const pool = yield* pools.open("orders", { create: { sizeBytes: 16_384 } })
        for (let n = 1; n <= 20; n++) yield* pool.append({ n })
        disk.settle()
        const durability = chance.pick(["fast", "flush"] as const)
        let acknowledged = 0
        const { end, process } = yield* spawn(
          "consumer",
          Effect.scoped(
            Effect.gen(function* () {
              const consumer = yield* Consumer.make(yield* pools.open("orders"), "billing", { durability })
              for (let seq = 1; seq <= 20; seq++) {
                yield* consumer.commit(seq)
                acknowledged = seq
              }
            })
          )
        )
        process.dieAtStore(1 + chance.below(22))
        yield* end
        const cut = chance.oneIn(2)
        if (cut) yield* powerLoss
        const position = yield* Effect.scoped(
          Effect.gen(function* () {
            const again = yield* pools.open("orders")
            const consumer = yield* Consumer.make(again, "billing")
            return yield* consumer.position
          })
        )
        return { acknowledged, position, held: !cut || durability === "flush" }
      }).pipe(quiet)
      const { acknowledged, held, position } = simulateOrThrow({
        seed,
        program,
        access: seed % 2 ? "mapped" : "positional"
      })
      assert.isAtMost(position, acknowledged + 1, `seed ${seed}`)
      if (held) assert.isAtLeast(position, acknowledged, `seed ${seed}`)
      else if (position < acknowledged) lost++
    }
    assert.isAbove(lost, 10, "the seeds do not test this")
  })
})
