/**
 * Logs in a pool: what a line holds, that none is lost at the end, and that trouble with the pool is never the program's.
 */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as MemoryPools from "../layers/MemoryPools.js"
import type { Pool } from "../src/Pool.js"
import { PoolError } from "../src/PoolError.js"
import * as PoolLogger from "../src/PoolLogger.js"
import { Pools } from "../src/Pools.js"

const lines = Effect.gen(function* () {
  const pools = yield* Pools
  const pool = yield* pools.open("logs")
  return Chunk.toReadonlyArray(yield* Stream.runCollect(pool.tail({ from: "oldest", follow: false })))
}).pipe(Effect.scoped)

const logged = (program: Effect.Effect<void>, options: PoolLogger.LayerOptions = {}) =>
  Effect.zipRight(
    Effect.provide(program, PoolLogger.layer("logs", { create: true, replaceDefault: true, ...options })),
    lines
  ).pipe(Effect.provide(MemoryPools.layer()))

class DiskFull extends Error {
  readonly disk = "sda"
  override readonly name = "DiskFull"
}

describe("PoolLogger", () => {
  it.effect("keeps level, message, cause, annotations, spans and fiber, with the level as a tag", () =>
    Effect.gen(function* () {
      const [info, error] = yield* logged(
        Effect.gen(function* () {
          yield* Effect.logInfo("started").pipe(Effect.annotateLogs({ service: "billing", attempt: 2 }))
          yield* Effect.logError("failed", new DiskFull("no space")).pipe(Effect.withLogSpan("import"))
        }),
        { tags: ["app"] }
      )
      assert.deepStrictEqual(info!.tags, ["info", "app"])
      assert.strictEqual(info!.data["level"], "INFO")
      assert.strictEqual(info!.data["message"], "started")
      assert.deepStrictEqual(info!.data["annotations"], { service: "billing", attempt: 2 })
      assert.match(String(info!.data["fiber"]), /^#\d+$/)
      assert.notProperty(info!.data, "cause")
      assert.deepStrictEqual(error!.tags, ["error", "app"])
      assert.deepStrictEqual(error!.data["message"], ["failed", { name: "DiskFull", message: "no space", disk: "sda" }])
      assert.deepStrictEqual(error!.data["spans"], { import: 0 })
    })
  )

  it.effect("has a failure's cause as people read it", () =>
    Effect.gen(function* () {
      const [line] = yield* logged(
        Effect.catchAllCause(Effect.fail(new DiskFull("no space")), (cause) => Effect.logFatal("gone", cause))
      )
      assert.deepStrictEqual(line!.tags, ["fatal"])
      assert.match(String(line!.data["cause"]), /DiskFull: no space/)
    })
  )

  it.effect("turns what has no JSON into words", () =>
    Effect.gen(function* () {
      const cyclic: Record<string, unknown> = { big: 10n, f: () => 1, nothing: undefined, nan: Number.NaN }
      cyclic["self"] = cyclic
      const hostile = {
        get trap(): string {
          throw new Error("sprung")
        }
      }
      const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => ({ inner }), "bottom")
      const found = yield* logged(
        Effect.gen(function* () {
          yield* Effect.log(cyclic)
          yield* Effect.log(hostile)
          yield* Effect.log(deep)
          yield* Effect.log(new Map([["a", new Set([1])]]), Symbol("s"))
        })
      )
      const messages = found.map(({ data }) => data["message"])
      assert.deepStrictEqual(messages[0], { big: "10", nan: "NaN", self: "[circular]" })
      assert.strictEqual(messages[1], "[not loggable: Error: sprung]")
      assert.include(JSON.stringify(messages[2]), "[object]")
      assert.deepStrictEqual(messages[3], [[["a", [1]]], "Symbol(s)"])
    })
  )

  it.effect("appends everything logged before the scope closed, in order", () =>
    Effect.gen(function* () {
      const found = yield* logged(
        Effect.forEach(Array.from({ length: 2000 }), (_, n) => Effect.log(`line ${n}`), { discard: true }),
        { create: { sizeBytes: 8 << 20 } }
      )
      assert.deepStrictEqual(
        found.map(({ data }) => data["message"]),
        Array.from({ length: 2000 }, (_, n) => `line ${n}`)
      )
    })
  )

  it.effect("drops what comes faster than it can be appended, and says how much", () =>
    Effect.gen(function* () {
      const found = yield* logged(
        // Without a pause, so that the appender has no turn in between.
        Effect.forEach(Array.from({ length: 30 }), (_, n) => Effect.log(`line ${n}`), { discard: true }),
        { capacity: 10 }
      )
      const messages = found.map(({ data }) => String(data["message"]))
      const kept = messages.filter((text) => text.startsWith("line")).length
      assert.isBelow(kept, 20)
      assert.deepStrictEqual(
        messages.filter((text) => text.includes("dropped")),
        [`${30 - kept} log lines were dropped: more came than could be appended`]
      )
    })
  )

  it.effect("leaves out a line that the pool refuses, and only that", () =>
    Effect.gen(function* () {
      const found = yield* logged(
        Effect.gen(function* () {
          yield* Effect.log("before")
          yield* Effect.log(Array.from({ length: 100 }, () => "x".repeat(1000)))
          yield* Effect.log("after")
        }),
        { create: { sizeBytes: 65536 } }
      )
      assert.deepStrictEqual(
        found.map(({ data }) => data["message"]),
        ["before", "after"]
      )
    })
  )

  it.effect("says once, on the default logger, that the pool fails, and never fails the program", () =>
    Effect.gen(function* () {
      const said = vi.spyOn(globalThis.console, "log").mockReturnValue(undefined)
      yield* Effect.addFinalizer(() => Effect.sync(() => said.mockRestore()))
      const failing = {
        name: "logs",
        appendAll: () => Effect.fail(new PoolError({ reason: "Io", message: "no space left" }))
      } satisfies Partial<Pool>
      yield* Effect.gen(function* () {
        const logger = yield* PoolLogger.make(failing as unknown as Pool)
        const program = Effect.gen(function* () {
          yield* Effect.log("one")
          yield* Effect.yieldNow()
          yield* Effect.log("two")
          yield* Effect.yieldNow()
        })
        yield* Effect.provide(program, Logger.replace(Logger.defaultLogger, logger))
      }).pipe(Effect.scoped)
      const texts = said.mock.calls.map(([text]) => String(text))
      assert.strictEqual(texts.filter((text) => text.includes("no space left")).length, 1)
      assert.notInclude(texts.join("\n"), "one")
    }).pipe(Effect.scoped)
  )

  it("gives the layer the pool's own failures", async () => {
    const result = await Effect.runPromise(
      Effect.flip(Effect.provide(Effect.void, PoolLogger.layer("logs").pipe(Layer.provide(MemoryPools.layer()))))
    )
    assert.strictEqual(result.reason, "NotFound")
  })
})
