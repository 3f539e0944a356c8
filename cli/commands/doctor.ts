// `doctor`: is this pool, are all pools, in order? Damage is the answer, not an error. With `--repair` it is asked what can
// be made of it, and the answer is about the pool afterwards.
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import type { PoolRef } from "../../src/PoolRef.js"
import { nameOfPath } from "../../src/PoolRef.js"
import { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import type { DoctorArguments } from "../arguments.js"
import { type CommandEnd, CommandExit } from "../CommandEnd.js"
import { exitCodeOf } from "../exitCode.js"
import { poolDirectory, refOf, withPools } from "../localPools.js"
import { doctorAllText, doctorLines, doctorText } from "../output/doctorText.js"
import { doctorJson, type DoctorReport } from "../output/poolReports.js"
import { bareName, parsePoolTarget, requireLocal } from "../poolTarget.js"
import { jsonResult, presentation, wantsJson } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { usageError } from "../usageError.js"

export const doctor = (args: DoctorArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    if (!args.repair && (args.noBackup || args.dropDamaged)) {
      const option = args.noBackup ? "--no-backup" : "--drop-damaged"
      return yield* usageError(args.call.words, `${option} requires --repair`, "Add --repair")
    }
    const look = yield* presentation(args.color)
    const reports = yield* args.pool === undefined ? checkAll(args) : checkOne(args, args.pool)
    const text = () => (args.pool === undefined ? doctorAllText(reports) : reports.map(doctorText).join("\n"))
    yield* (yield* ProcessIo).write(
      wantsJson(look, args.json)
        ? jsonResult(look, doctorJson(reports))
        : `${look.stdoutIsTerminal ? text() : doctorLines(reports)}\n`
    )
    if (reports.some(({ status }) => status === "corrupt")) {
      return yield* new CommandExit({ code: exitCodeOf.Corrupt })
    }
  }).pipe(withPools(args))

const checkOne = (args: DoctorArguments, typed: string): Effect.Effect<ReadonlyArray<DoctorReport>, PoolError, Pools> =>
  Effect.gen(function* () {
    const target = yield* requireLocal(yield* parsePoolTarget(typed), "doctor")
    const outcome = yield* Effect.mapError(examine(args, refOf(target)), (error) =>
      error.reason === "NotFound" ? missing(typed, error) : error
    )
    const name = target.isPath ? nameOfPath(target.text) : bareName(typed)
    return [{ ...outcome, poolRef: typed, name }]
  })

const checkAll = (args: DoctorArguments): Effect.Effect<ReadonlyArray<DoctorReport>, PoolError, Pools> =>
  Effect.gen(function* () {
    const directory = poolDirectory(args)
    if (!fs.existsSync(directory)) return yield* missingDirectory(directory)
    const pools = yield* Pools
    return yield* Effect.forEach(yield* pools.list, ({ name, path }) =>
      Effect.map(examine(args, { path }), (outcome) => ({ ...outcome, poolRef: path, name }))
    )
  })

/** A check; with `--repair`, the one after the repair. */
const examine = (
  args: DoctorArguments,
  ref: PoolRef
): Effect.Effect<Omit<DoctorReport, "poolRef" | "name">, PoolError, Pools> =>
  Effect.flatMap(Pools, (pools) =>
    args.repair
      ? Effect.matchEffect(pools.repair(ref, { backup: !args.noBackup, dropDamaged: args.dropDamaged }), {
          onSuccess: ({ after, ...repair }) =>
            Effect.succeed({ ...after, repaired: repair.changes.length === 0 ? null : repair }),
          // Beyond repair: the check says why, and the other pools of the directory get their turn.
          onFailure: (error) =>
            error.reason === "Corrupt" || error.reason === "Usage"
              ? Effect.map(pools.verify(ref), (verification) => ({ ...verification, repaired: null }))
              : Effect.fail(error)
        })
      : pools.verify(ref)
  )

const missing = (typed: string, { path }: PoolError): PoolError =>
  new PoolError({
    reason: "NotFound",
    message: `pool ${typed} not found`,
    hint: "See the pools there are with `plasmite pool list`, or choose another directory with --dir.",
    ...(path === undefined ? {} : { path })
  })

const missingDirectory = (directory: string): PoolError =>
  new PoolError({
    reason: "NotFound",
    message: `pool directory ${directory} not found`,
    hint: "Create a pool with `plasmite pool create NAME`, or choose another directory with --dir.",
    path: directory
  })
