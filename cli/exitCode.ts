// The status of the process: a total function of how the command ended. The numbers never change meaning.
import type { PoolErrorReason } from "../src/PoolError.js"

export const exitCodeOf: { readonly [Reason in PoolErrorReason]: number } = {
  Internal: 1,
  Usage: 2,
  NotFound: 3,
  AlreadyExists: 4,
  Busy: 5,
  Permission: 6,
  Corrupt: 7,
  Io: 8,
  RetentionGap: 9
}

/** A followed pool was silent for the whole `--timeout`. */
export const timedOut = 124

/** As a shell sees a program that SIGPIPE ended. */
export const brokenPipe = 141
