// Pulling a stream value by value: in order, as long as it is wanted, and with the stream's own end.
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { forEachPulled } from "../src/internal/directPull.js"

const taken = (stream: Stream.Stream<number, string>, until = Number.POSITIVE_INFINITY) =>
  Effect.gen(function* () {
    const values: Array<number> = []
    const end = yield* Effect.either(
      forEachPulled(stream, (value) => Effect.sync(() => values.push(value) < until).pipe(Effect.delay(0)))
    )
    return { values, end: end._tag === "Left" ? end.left : "ended" }
  })

describe("forEachPulled", () => {
  it.live("gives each value once, in order, over all chunks, and ends with the stream", () =>
    Effect.gen(function* () {
      const stream = Stream.concat(Stream.make(1, 2, 3), Stream.make(4, 5))
      assert.deepStrictEqual(yield* taken(stream), { values: [1, 2, 3, 4, 5], end: "ended" })
      assert.deepStrictEqual(yield* taken(Stream.empty), { values: [], end: "ended" })
    })
  )

  it.live("asks for no more once it has enough, and lets go of the stream", () =>
    Effect.gen(function* () {
      let released = 0
      let pulled = 0
      const stream = Stream.repeatEffect(Effect.sync(() => ++pulled)).pipe(
        Stream.ensuring(Effect.sync(() => void released++))
      )
      assert.deepStrictEqual(yield* taken(stream, 3), { values: [1, 2, 3], end: "ended" })
      assert.strictEqual(pulled, 3)
      assert.strictEqual(released, 1)
    })
  )

  it.live("fails as the stream does, after what came before", () =>
    Effect.gen(function* () {
      const stream = Stream.concat(Stream.make(1, 2), Stream.fail("broken"))
      assert.deepStrictEqual(yield* taken(stream), { values: [1, 2], end: "broken" })
    })
  )

  it.live("takes as many values as there are without growing a stack", () =>
    Effect.gen(function* () {
      let sum = 0
      yield* forEachPulled(Stream.range(1, 100_000, 7), (value) =>
        Effect.sync(() => {
          sum += value
          return true
        })
      )
      assert.strictEqual(sum, 5_000_050_000)
    })
  )
})
