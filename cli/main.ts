// The process: argv in, exit status out. The one place that ends it. Signals keep their default meaning, so a shell sees
// how the program ended; a store cut short by one is what the pool format is made to survive.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isPoolError, PoolError } from "../src/PoolError.js"
import type { CommandEnd } from "./CommandEnd.js"
import { doctor } from "./commands/doctor.js"
import { get } from "./commands/get.js"
import { peek } from "./commands/peek.js"
import { poke } from "./commands/poke.js"
import { poolCreate, poolDelete, poolInfo, poolList } from "./commands/pool.js"
import { version, versionLine } from "./commands/version.js"
import { exitCodeOf } from "./exitCode.js"
import { colorOf, parseArgv } from "./parse.js"
import { makePls } from "./pls.js"
import { presentation, reportError } from "./presentation.js"
import { type OutputClosed, ProcessIo, layer as processIo } from "./ProcessIo.js"

const pls = makePls({ poke, peek, get, poolCreate, poolList, poolInfo, poolDelete, doctor, version })

const run = (
  programName: "pls" | "plasmite",
  argv: ReadonlyArray<string>
): Effect.Effect<number, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const parsed = yield* parseArgv(pls, argv, { programName, stderrIsTerminal: io.stderrIsTerminal })
    switch (parsed._tag) {
      case "Version":
        yield* io.write(versionLine)
        return 0
      case "Print":
        yield* parsed.stream === "stdout" ? io.write(parsed.text) : io.writeError(parsed.text)
        return parsed.exitCode
      case "Run":
        yield* parsed.effect
        return 0
    }
  })

/** Every way to end becomes a status, after it was reported. */
const statusOf = (
  exit: Exit.Exit<number, CommandEnd | OutputClosed>,
  argv: ReadonlyArray<string>
): Effect.Effect<number, never, ProcessIo> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(exit.value)
  const failure = Cause.failureOption(exit.cause)
  const end = failure._tag === "Some" ? failure.value : internalError(exit.cause)
  switch (end._tag) {
    case "CommandExit":
      return Effect.succeed(end.code)
    case "OutputClosed":
      return Effect.succeed(0)
    case "CommandFailure":
      return report(argv, end.error, end.extras)
    case "PoolError":
      return report(argv, end)
  }
}

const report = (
  argv: ReadonlyArray<string>,
  error: PoolError,
  extras: Parameters<typeof reportError>[2] = {}
): Effect.Effect<number, never, ProcessIo> =>
  Effect.flatMap(presentation(colorOf(argv)), (look) =>
    Effect.as(reportError(look, error, extras), exitCodeOf[error.reason])
  )

/** A broken invariant: say where it broke, so that it can be reported and mended. */
const internalError = (cause: Cause.Cause<unknown>): PoolError => {
  const defect = Cause.squash(cause)
  if (isPoolError(defect)) return defect
  return new PoolError({
    reason: "Internal",
    message: `internal error: ${defect instanceof Error ? defect.message : String(defect)}`,
    hint: "This is a bug in plasmite. Please report it with the command and this output.",
    causes: [Cause.pretty(cause).split("\n").slice(0, 12).join("\n")]
  })
}

export const main = (programName: "pls" | "plasmite"): void => {
  const argv = process.argv.slice(2)
  const program = Effect.flatMap(Effect.exit(run(programName, argv)), (exit) => statusOf(exit, argv)).pipe(
    Effect.provide(processIo)
  )
  Effect.runCallback(program, {
    onExit: (exit) => process.exit(Exit.isSuccess(exit) ? exit.value : exitCodeOf.Internal)
  })
}
