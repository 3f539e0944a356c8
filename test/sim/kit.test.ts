/**
 * The simulated machine itself: what a death, a power loss, a fault and a seed mean there.
 */
import { assert, describe, it } from "vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import * as Simulated from "../../layers/simulated/Simulation.js"
import { Simulation, simulate, simulateOrThrow } from "../../layers/simulated/Simulation.js"
import { Pools } from "../../src/Pools.js"

const path = "/simulated/pool.plasmite"
const seeds = Array.from({ length: 30 }, (_, seed) => seed)

/** Two processes add one to what both read before. */
const lostUpdate = Effect.gen(function* () {
  const { spawn } = yield* Simulation
  let total = 0
  const add = Effect.gen(function* () {
    const before = total
    yield* Effect.yieldNow()
    total = before + 1
  })
  const processes = yield* Effect.forEach([1, 2], (index) => spawn(`adder ${index}`, add))
  yield* Effect.forEach(processes, ({ end }) => end)
  return total
})

describe("a seed", () => {
  it("decides the order in which fibers run", () => {
    const totals = seeds.map((seed) => simulateOrThrow({ seed, program: lostUpdate }))
    assert.deepStrictEqual(new Set(totals), new Set([1, 2]))
    assert.deepStrictEqual(
      seeds.map((seed) => simulateOrThrow({ seed, program: lostUpdate })),
      totals
    )
  })

  it("gives the same run again, to the last store", () => {
    const program = Effect.gen(function* () {
      const pool = yield* (yield* Pools).open("pool", { create: { sizeBytes: 8192 } })
      yield* Effect.forEach([1, 2, 3], (n) => pool.append({ n }), { concurrency: 3 })
    })
    const fingerprints = seeds.map((seed) => simulate({ seed, program }).fingerprint)
    assert.deepStrictEqual(
      seeds.map((seed) => simulate({ seed, program }).fingerprint),
      fingerprints
    )
    assert.isAbove(new Set(fingerprints).size, 25)
  })
})

describe("time", () => {
  it("passes only when nobody has anything to do, and then at once", () => {
    const program = Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      yield* Effect.sleep("30 days")
      return (yield* Clock.currentTimeMillis) - before
    })
    assert.strictEqual(simulateOrThrow({ seed: 1, program }), 30 * 86_400_000)
  })
})

describe("a program that does not end", () => {
  const messageOf = (exit: Exit.Exit<unknown, unknown>): string =>
    Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "it ended"

  it("because everybody waits, is reported with its seed", () => {
    const { exit } = simulate({ seed: 77, program: Effect.flatMap(Deferred.make<void>(), Deferred.await) })
    assert.include(messageOf(exit), "the program of seed 77 stands still: everybody waits")
  })

  it("because it goes round in circles, is reported with its seed", () => {
    const { exit } = simulate({ seed: 78, program: Effect.forever(Effect.yieldNow()), maxSteps: 1000 })
    assert.include(messageOf(exit), "the program of seed 78 has not ended after 1000 steps")
  })
})

describe("a killed process", () => {
  it("runs nothing more, no finalizer either", () => {
    for (const seed of seeds) {
      const log: Array<string> = []
      const program = Effect.gen(function* () {
        const { spawn } = yield* Simulation
        const body = Effect.sleep("1 second").pipe(
          Effect.zipRight(Effect.sync(() => log.push("woke up"))),
          Effect.ensuring(Effect.sync(() => log.push("finalizer")))
        )
        const { end, kill } = yield* spawn("victim", body)
        yield* Effect.sleep("10 millis")
        yield* kill
        yield* Effect.sleep("1 minute")
        return yield* end
      })
      assert.strictEqual(simulateOrThrow({ seed, program }), "killed")
      assert.deepStrictEqual(log, [])
    }
  })

  it("leaves its lock to others, wherever in an append it dies", () => {
    let freed = 0
    for (let store = 1; store <= 8; store++) {
      const log: Array<string> = []
      const program = Effect.gen(function* () {
        const { counts, spawn } = yield* Simulation
        const pools = yield* Pools
        yield* pools.create("pool", { sizeBytes: 8192 })
        const writer = Effect.gen(function* () {
          const pool = yield* pools.open("pool")
          yield* pool.append({ from: "victim" })
          yield* pool.append({ from: "victim" })
        }).pipe(
          Effect.scoped,
          Effect.catchAllCause(() => Effect.sync(() => log.push("noticed its own death")))
        )
        const { end, process } = yield* spawn("victim", writer)
        process.dieAtStore(store)
        yield* end
        const pool = yield* pools.open("pool")
        const { seq } = yield* pool.append({ from: "survivor" })
        const { status } = yield* pools.verify("pool")
        freed += counts.locksFreedByDeath
        return { seq, status }
      }).pipe(Logger.withMinimumLogLevel(LogLevel.None))
      const { seq, status } = simulateOrThrow({ seed: store, program })
      assert.include([1, 2, 3], seq)
      assert.strictEqual(status, "ok")
      assert.deepStrictEqual(log, [])
    }
    assert.isAtLeast(freed, 4)
  })
})

/** A pool with messages 1 and 2, of which the first was synced, after a power loss. */
const afterPowerLoss = Effect.gen(function* () {
  const { powerLoss } = yield* Simulation
  const pools = yield* Pools
  yield* Effect.scoped(
    Effect.gen(function* () {
      const pool = yield* pools.open("pool", { create: { sizeBytes: 8192 } })
      yield* pool.append({ n: 1, text: "x".repeat(300) }, { durability: "flush" })
      yield* pool.append({ n: 2, text: "y".repeat(300) }, { durability: "fast" })
    })
  )
  yield* powerLoss
  const pool = yield* pools.open("pool")
  const left = yield* Stream.runCollect(pool.tail({ from: "oldest", follow: false, onDamage: "skip" }))
  return [...left].map(({ data }) => data["n"])
})

describe("a power loss", () => {
  it("leaves what was synced, and of the rest what chance picks", () => {
    const numbers = seeds.map((seed) => simulateOrThrow({ seed, program: afterPowerLoss }))
    for (const found of numbers) assert.strictEqual(found[0], 1)
    assert.isTrue(numbers.some((found) => found.length === 1))
    assert.isTrue(numbers.some((found) => found.length === 2))
  })

  it("tears mapped stores at 8 bytes, others at sectors only", () => {
    const [mapped, positional] = (["mapped", "positional"] as const).map((access) => {
      const chance = new Simulated.Chance(1)
      const tornAt = new Set<number>()
      for (let times = 0; times < 50; times++) {
        const disk = new Simulated.SimDisk(chance, access)
        disk.create(path, 4096, new Uint8Array(0), true, 0)
        disk.store(disk.file(path)!, 100, new Uint8Array(2000).fill(1), access === "mapped" ? 8 : 512, 0)
        disk.losePower()
        const { bytes } = disk.file(path)!
        for (let at = 101; at < 2100; at++) if (bytes[at] !== bytes[at - 1]) tornAt.add(at)
      }
      return [...tornAt]
    })
    assert.isTrue(mapped!.every((at) => at % 8 === 0))
    assert.isAbove(mapped!.length, 200)
    assert.deepStrictEqual(new Set(positional), new Set([512, 1024, 1536, 2048]))
  })
})

describe("a message that its writer could neither sync nor publish", () => {
  // Whoever publishes it for the dead, or for the one whom the disk has failed, must sync it first.
  it("is still there after a power loss, once a durable append has published it", () => {
    for (const seed of seeds) {
      const program = Effect.gen(function* () {
        const { disk, powerLoss } = yield* Simulation
        const pools = yield* Pools
        yield* pools.create("pool", { sizeBytes: 8192 })
        disk.settle()
        const append = (n: number) =>
          Effect.scoped(Effect.flatMap(pools.open("pool"), (pool) => pool.append({ n }, { durability: "flush" })))
        yield* append(1)
        disk.failOn({ operation: "sync", code: "EIO" })
        yield* Effect.flip(append(2))
        yield* append(3)
        yield* powerLoss
        const { issues } = yield* pools.verify("pool")
        return { issues, info: (yield* pools.info("pool")).bounds }
      }).pipe(Logger.withMinimumLogLevel(LogLevel.None))
      assert.deepStrictEqual(simulateOrThrow({ seed, program }), { issues: [], info: { oldest: 1, newest: 3 } })
    }
  })
})

describe("a disk that fails on order", () => {
  const appendTwice = (fault: Simulated.DiskFault) =>
    Effect.gen(function* () {
      const { disk } = yield* Simulation
      const pools = yield* Pools
      const pool = yield* pools.open("pool", { create: { sizeBytes: 8192 } })
      disk.failOn(fault)
      const first = yield* Effect.either(pool.append({ n: 1 }, { durability: "flush" }))
      // A handle that the disk has failed is not to be trusted.
      const again = yield* pools.open("pool")
      yield* again.append({ n: 2 }, { durability: "flush" })
      const { status } = yield* pools.verify("pool")
      return { status, failure: first._tag === "Left" ? `${first.left.reason}: ${first.left.message}` : "none" }
    })

  const cases: ReadonlyArray<readonly [string, Simulated.DiskFault, string]> = [
    ["a store", { operation: "store", code: "EIO" }, `Io: cannot write to ${path}: the disk reported an error`],
    [
      "a short store",
      { operation: "store", code: "ENOSPC", short: true },
      `Io: cannot write to ${path}: the disk is full`
    ],
    [
      "the third store",
      { operation: "store", code: "EIO", after: 2 },
      `Io: cannot write to ${path}: the disk reported an error`
    ],
    ["a sync", { operation: "sync", code: "EIO" }, `Io: cannot flush ${path}: the disk reported an error`]
  ]
  for (const [name, fault, expected] of cases) {
    it(`at ${name}: the append says so, and the next one works`, () => {
      const { failure, status } = simulateOrThrow({ seed: 5, program: appendTwice(fault) })
      assert.include(failure, expected)
      assert.strictEqual(status, "ok")
    })
  }

  it("by flipping a bit: the message is damaged, and said to be", () => {
    const program = Effect.gen(function* () {
      const { disk } = yield* Simulation
      const pools = yield* Pools
      const pool = yield* pools.open("pool", { create: { sizeBytes: 8192, indexCapacity: 0 } })
      yield* pool.append({ text: "correct" })
      disk.flipBit(path, (4096 + 80) * 8)
      return yield* Effect.flip(pool.get(1))
    })
    assert.strictEqual(simulateOrThrow({ seed: 5, program }).reason, "Corrupt")
  })
})

describe("announcements", () => {
  it("may be late, doubled or lost: a follower gets everything all the same", () => {
    for (const seed of seeds.slice(0, 30)) {
      const program = Effect.gen(function* () {
        const { spawn } = yield* Simulation
        const pools = yield* Pools
        const pool = yield* pools.open("pool", { create: { sizeBytes: 8192 } })
        const follow = pools.open("pool").pipe(
          Effect.flatMap((opened) => Stream.runCollect(Stream.take(opened.tail({ from: "oldest" }), 5))),
          Effect.scoped
        )
        const { end } = yield* spawn("follower", follow)
        const write = Effect.forEach([1, 2, 3, 4, 5], (n) => Effect.zipRight(Effect.sleep(20), pool.append({ n })))
        const writing = yield* Effect.fork(write)
        yield* Fiber.join(writing)
        return yield* end
      })
      const end = simulateOrThrow({ seed, program })
      if (end === "killed" || Exit.isFailure(end)) throw new Error(`seed ${seed}: the follower ended`)
      assert.deepStrictEqual(
        [...end.value].map(({ data }) => data["n"]),
        [1, 2, 3, 4, 5]
      )
    }
  })
})

describe("filters", () => {
  it("are refused: they run on a thread that no seed decides about", () => {
    const program = Effect.gen(function* () {
      const pool = yield* (yield* Pools).open("pool", { create: true })
      return yield* Effect.flip(Stream.runDrain(pool.tail({ where: ["true"] })))
    })
    assert.strictEqual(simulateOrThrow({ seed: 1, program }).reason, "Usage")
  })
})
