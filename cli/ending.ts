// From a command to the end of the process: every way to end becomes a status, after it was reported. The one place that
// ends the process. Signals keep their default meaning, so a shell sees how the program ended; a store cut short by one
// is what the pool format is made to survive.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isPoolError, PoolError } from "../src/PoolError.js"
import { colorOf } from "./colorOf.js"
import type { CommandEnd } from "./CommandEnd.js"
import { exitCodeOf } from "./exitCode.js"
import { presentation, reportError } from "./presentation.js"
import { type OutputClosed, type ProcessIo, layer as processIo } from "./ProcessIo.js"

/** Runs a program that answers with its status. */
export const runToExit = (
  program: Effect.Effect<number, CommandEnd | OutputClosed, ProcessIo>,
  argv: ReadonlyArray<string>
): void => {
  Effect.runCallback(
    Effect.flatMap(Effect.exit(program), (exit) => statusOf(exit, argv)).pipe(Effect.provide(processIo)),
    { onExit: (exit) => process.exit(Exit.isSuccess(exit) ? exit.value : exitCodeOf.Internal) }
  )
}

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
