// The ways in which a command can end other than well and other than by a plain `PoolError`.
import * as Data from "effect/Data"
import type { PoolError } from "../src/PoolError.js"
import type { ErrorExtras } from "./output/envelopes.js"

/** The process ends with this status; everything worth saying has been said. */
export class CommandExit extends Data.TaggedError("CommandExit")<{ readonly code: number }> {}

/** An error with facts that only the command line knows: where in the input, how often tried. */
export class CommandFailure extends Data.TaggedError("CommandFailure")<{
  readonly error: PoolError
  readonly extras: ErrorExtras
}> {}

export type CommandEnd = PoolError | CommandFailure | CommandExit
