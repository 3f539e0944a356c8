/**
 * A full check of one pool file while nobody writes. A pool that cannot be opened because it is damaged, or of
 * another version, is an answer; a pool that is not there is a failure.
 */
import * as Effect from "effect/Effect"
import type { PoolError } from "../PoolError.js"
import type { PoolVerification } from "../PoolInfo.js"
import type { LocalServices } from "./localHandle.js"
import { payloadProblem } from "./payloadProblem.js"
import { Ring } from "./ring/Ring.js"
import { verifyRing } from "./ring/verify.js"
import { withLock } from "./withLock.js"

const advice = [
  "Copy the file before anything else writes to it; what is intact can still be read with `pls peek`.",
  "If its messages are not needed, delete and recreate the pool."
]

export const verifyPool = (
  services: LocalServices,
  path: string,
  timeoutMillis: number
): Effect.Effect<PoolVerification, PoolError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* services.storage.open(path)
      const lock = yield* services.locks.open(path)
      return yield* withLock({ lock, path, timeoutMillis }, "shared", () => {
        const { hints, issues, lastGoodSeq, messageCount } = verifyRing(Ring.open(file, { payloadProblem }))
        const damaged = issues.length > 0
        const report: PoolVerification = {
          path,
          status: damaged ? "corrupt" : "ok",
          lastGoodSeq,
          messageCount,
          issues,
          hints: damaged ? [...advice, ...hints] : hints
        }
        return report
      })
    })
  ).pipe(
    Effect.catchAll((error) => {
      const code = error.reason === "Corrupt" ? "corrupt" : error.reason === "Usage" ? "format" : undefined
      if (code === undefined) return Effect.fail(error)
      const report: PoolVerification = {
        path,
        status: "corrupt",
        lastGoodSeq: null,
        messageCount: 0,
        issues: [{ code, message: error.message, seq: null, offset: null }],
        hints: code === "format" && error.hint !== undefined ? [error.hint] : advice
      }
      return Effect.succeed(report)
    })
  )
