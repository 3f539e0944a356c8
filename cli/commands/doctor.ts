// `doctor`: is this pool, are all pools, in order? Damage is the answer, not an error.
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
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

export const doctor = (args: DoctorArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const reports = yield* args.pool === undefined ? checkAll(args) : checkOne(args.pool)
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

const checkOne = (typed: string): Effect.Effect<ReadonlyArray<DoctorReport>, PoolError, Pools> =>
  Effect.gen(function* () {
    const target = yield* requireLocal(yield* parsePoolTarget(typed), "doctor")
    const pools = yield* Pools
    const verification = yield* Effect.mapError(pools.verify(refOf(target)), (error) =>
      error.reason === "NotFound" ? missing(typed, error) : error
    )
    const name = target.isPath ? nameOfPath(target.text) : bareName(typed)
    return [{ ...verification, poolRef: typed, name }]
  })

const checkAll = (args: DoctorArguments): Effect.Effect<ReadonlyArray<DoctorReport>, PoolError, Pools> =>
  Effect.gen(function* () {
    const directory = poolDirectory(args)
    if (!fs.existsSync(directory)) return yield* missingDirectory(directory)
    const pools = yield* Pools
    return yield* Effect.forEach(yield* pools.list, ({ name, path }) =>
      Effect.map(pools.verify({ path }), (verification) => ({ ...verification, poolRef: path, name }))
    )
  })

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
