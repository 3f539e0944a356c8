/**
 * Waits until every job of a commit has reported green: exit 0. The first red one ends it with 1, silence with 124.
 */
import { Effect, Option, Schema, Stream } from "effect"
import { Pools, TypedPool } from "effect-plasmite"
import { NodePools } from "effect-plasmite/node"

const Report = Schema.Struct({ job: Schema.String, status: Schema.Literal("green", "red") })

const [commit = "", seconds = "600", ...jobs] = process.argv.slice(2)

const verdict = Effect.gen(function* () {
  const pool = yield* (yield* Pools).open("ci", { create: true })
  const missing = new Set(jobs)
  const judge = ({ job, status }: typeof Report.Type): Option.Option<number> => {
    console.log(`${job} is ${status}`)
    if (status === "red") return Option.some(1)
    missing.delete(job)
    return missing.size === 0 ? Option.some(0) : Option.none()
  }
  // From the oldest on: a job may have reported before anybody waited.
  const reports = TypedPool.make(pool, Report).tail({ from: "oldest", tags: [commit], onMismatch: "skip" })
  return yield* Stream.runHead(Stream.filterMap(reports, ({ data }) => judge(data)))
}).pipe(Effect.scoped, Effect.timeoutOption(Number(seconds) * 1000), Effect.map(Option.flatten))

process.exitCode = await verdict.pipe(
  Effect.map(Option.getOrElse(() => 124)),
  Effect.provide(NodePools.layer()),
  Effect.runPromise
)
