/**
 * A full check of one pool file while nobody writes. A pool that cannot be opened because it is damaged, or of
 * another version, is an answer; a pool that is not there is a failure.
 */
import * as Effect from "effect/Effect"
import type { PoolError } from "../PoolError.js"
import { isPoolError } from "../PoolError.js"
import type { PoolVerification } from "../PoolInfo.js"
import type { PoolFile } from "../PoolStorage.js"
import type { LocalServices } from "./localHandle.js"
import { payloadProblem } from "./payloadProblem.js"
import { provenGeometry } from "./ring/mendHeader.js"
import { Ring } from "./ring/Ring.js"
import type { RingVerification } from "./ring/verify.js"
import { verifyRing } from "./ring/verify.js"
import { withLock } from "./withLock.js"

/** `typed` is what to type for the pool, in advice. */
export const verifyPool = (
  services: LocalServices,
  typed: string,
  path: string,
  timeoutMillis: number
): Effect.Effect<PoolVerification, PoolError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* services.storage.open(path)
      const lock = yield* services.locks.open(path)
      return yield* withLock({ lock, path, timeoutMillis }, "shared", () => verifyFile(file, typed))
    })
  ).pipe(
    // What cannot even be opened, such as a pipe.
    Effect.catchIf(
      (error) => error.reason === "Corrupt",
      (error) => Effect.succeed(unusable(path, error, [adviceWithoutRepair]))
    )
  )

/** The caller holds the lock, shared or exclusive. */
export const verifyFile = (file: PoolFile, typed: string): PoolVerification => {
  try {
    const verification = verifyRing(Ring.open(file, { payloadProblem }))
    const { hints, issues, lastGoodSeq, messageCount } = verification
    const damaged = issues.length > 0
    return {
      path: file.path,
      status: damaged ? "corrupt" : "ok",
      lastGoodSeq,
      messageCount,
      issues,
      hints: damaged ? [...adviceFor(verification, typed), ...hints] : hints
    }
  } catch (error) {
    if (!isPoolError(error)) throw error
    if (error.reason === "Usage") return unusable(file.path, error, error.hint === undefined ? [] : [error.hint])
    if (error.reason !== "Corrupt") throw error
    return unusable(file.path, error, [canBeOpenedForRepair(file) ? adviceToRepair(typed) : adviceWithoutRepair])
  }
}

/** A check that came to nothing. */
const unusable = (path: string, error: PoolError, hints: ReadonlyArray<string>): PoolVerification => ({
  path,
  status: "corrupt",
  lastGoodSeq: null,
  messageCount: 0,
  issues: [{ code: error.reason === "Usage" ? "format" : "corrupt", message: error.message, seq: null, offset: null }],
  hints
})

const canBeOpenedForRepair = (file: PoolFile): boolean => {
  try {
    Ring.open(file, { allowUnsoundGroup: true })
    return true
  } catch (error) {
    if (isPoolError(error)) return provenGeometry(file) !== undefined
    throw error
  }
}

const adviceWithoutRepair =
  "Restore the file from a copy; if its messages are not needed, delete and recreate the pool."

const adviceToRepair = (typed: string): string =>
  `Run \`pls doctor ${typed} --repair\`: it copies the file first, then makes of it what can be had.`

const adviceFor = ({ finding }: RingVerification, typed: string): ReadonlyArray<string> => {
  const readable = "What is intact can be read with `pls peek`."
  return finding === "hole" || finding === "content"
    ? [
        readable,
        "Appends work, and the damage goes when the ring has come round. " +
          `To be rid of it now, and of every message before it, run \`pls doctor ${typed} --repair --drop-damaged\`.`
      ]
    : [readable, adviceToRepair(typed)]
}
