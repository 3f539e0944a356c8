/** A stream made of one pull does what one of Effect's own would do with it, and hands the pull back. */
import { assert, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type OpenPull, type Pull, pulledStream, pullOf } from "../src/internal/pulledStream.js"
import { PoolError } from "../src/PoolError.js"

const broken = new PoolError({ reason: "Io", message: "broken" })

/** Chunks of two up to `end`, then what `last` does; notes when it begins and when it is let go. */
const counting = (end: number, last: Pull<number>, notes: Array<string> = []): OpenPull<number> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => notes.push("begun")),
      () => Effect.sync(() => notes.push("let go"))
    ),
    () => {
      let next = 0
      return Effect.suspend(() => (next >= end ? last : Effect.succeed(Chunk.make(next++, next++))))
    }
  )
const atEnd = Effect.fail(Option.none())

it.effect("gives every chunk, ends, and lets go, each time it runs", () =>
  Effect.gen(function* () {
    const notes: Array<string> = []
    const stream = pulledStream(counting(6, atEnd, notes))
    for (const run of [1, 2]) {
      assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(stream)), [0, 1, 2, 3, 4, 5])
      assert.strictEqual(notes.length, 2 * run)
    }
    assert.deepStrictEqual(notes, ["begun", "let go", "begun", "let go"])
  })
)

it.effect("fails as its pull does, or as its beginning", () =>
  Effect.gen(function* () {
    const notes: Array<string> = []
    const seen: Array<number> = []
    const stream = pulledStream(counting(2, Effect.fail(Option.some(broken)), notes))
    const error = yield* Effect.flip(Stream.runForEach(stream, (each) => Effect.sync(() => seen.push(each))))
    assert.strictEqual(error, broken)
    assert.deepStrictEqual(seen, [0, 1])
    assert.deepStrictEqual(notes, ["begun", "let go"])
    assert.strictEqual(yield* Effect.flip(Stream.runDrain(pulledStream(Effect.fail(broken)))), broken)
  })
)

it.effect("lets go when its consumer has enough, and when it is interrupted while it waits", () =>
  Effect.gen(function* () {
    const notes: Array<string> = []
    const stream = pulledStream(counting(4, Effect.never, notes))
    assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(Stream.take(stream, 3))), [0, 1, 2])
    assert.deepStrictEqual(notes, ["begun", "let go"])
    const waits = yield* Deferred.make<void>()
    const waiting = counting(2, Effect.zipRight(Deferred.succeed(waits, undefined), Effect.never), notes)
    const fiber = yield* Effect.fork(Stream.runDrain(pulledStream(waiting)))
    yield* Deferred.await(waits)
    assert.strictEqual(notes.length, 3)
    yield* Fiber.interrupt(fiber)
    assert.deepStrictEqual(notes.slice(2), ["begun", "let go"])
  })
)

it.scoped("is pulled without anything in between, unless something was put around it", () =>
  Effect.gen(function* () {
    const pull = Effect.succeed(Chunk.of(1))
    const stream = pulledStream(Effect.succeed(pull))
    assert.strictEqual(yield* pullOf(stream), pull)
    const mapped = yield* pullOf(Stream.map(stream, (one) => one + 1))
    assert.deepStrictEqual(Chunk.toArray(yield* mapped), [2])
  })
)
