/**
 * Takes jobs from one pool and puts results into another. A result names the number of its job, so the results say where to
 * go on: a worker that was killed loses no job. Killed within an append it may do the last one again. One worker at a time.
 */
import { Effect, Option, Schema, Stream } from "effect"
import { Pools, TypedPool } from "effect-plasmite"
import { NodePools } from "effect-plasmite/node"

const Job = Schema.Struct({ n: Schema.Number })
const Result = Schema.Struct({ job: Schema.Number, square: Schema.Number })

const work = Effect.gen(function* () {
  const pools = yield* Pools
  const jobs = yield* pools.open("jobs", { create: true })
  const results = TypedPool.make(yield* pools.open("results", { create: true }), Result)
  const dead = yield* pools.open("jobs-dead", { create: true })

  const newest = yield* Stream.runLast(results.tail({ from: { last: 1 }, follow: false }))
  const first = Option.match(newest, { onNone: () => 1, onSome: ({ data }) => data.job + 1 })
  console.log(`starting with job ${first}`)

  yield* TypedPool.make(jobs, Job)
    .tail({ from: { seq: first }, onGap: "fail", onMismatch: TypedPool.deadLetter(dead) })
    .pipe(
      Stream.runForEach(({ data, seq }) =>
        Effect.sleep("10 millis").pipe(Effect.zipRight(results.append({ job: seq, square: data.n * data.n })))
      )
    )
})

await work.pipe(Effect.scoped, Effect.provide(NodePools.layer()), Effect.runPromise)
