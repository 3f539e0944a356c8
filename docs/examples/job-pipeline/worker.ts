/**
 * Takes jobs from one pool and puts results into another. Its place among the jobs is a cursor, which moves once the result is
 * appended: a worker that was killed loses no job, and may do its last one again. The result has a key, so it is there once all
 * the same. One worker of a name at a time.
 */
import { Effect, Schema, Stream } from "effect"
import { Pools, TypedPool } from "effect-plasmite"
import { NodePools } from "effect-plasmite/node"

const Job = Schema.Struct({ n: Schema.Number })
const Result = Schema.Struct({ job: Schema.Number, square: Schema.Number })

const work = Effect.gen(function* () {
  const pools = yield* Pools
  const jobs = TypedPool.make(yield* pools.open("jobs", { create: true }), Job)
  const results = TypedPool.make(yield* pools.open("results", { create: true }), Result)
  const dead = yield* pools.open("jobs-dead", { create: true })

  yield* jobs
    .tail({ cursor: "squares", onGap: "fail", onMismatch: TypedPool.deadLetter(dead) })
    .pipe(
      Stream.runForEach(({ data, seq }) =>
        Effect.sleep("10 millis").pipe(
          Effect.zipRight(results.append({ job: seq, square: data.n * data.n }, { key: `job-${seq}` }))
        )
      )
    )
})

await work.pipe(Effect.scoped, Effect.provide(NodePools.layer()), Effect.runPromise)
