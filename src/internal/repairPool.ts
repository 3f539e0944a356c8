/**
 * The repair of one pool file, under its exclusive lock from the first look to the last. What the repair comes to is known
 * before anything changes; if that is nothing, nothing is copied either.
 */
import * as Effect from "effect/Effect"
import type { PoolError } from "../PoolError.js"
import type { PoolRepair, SeqRange } from "../PoolInfo.js"
import { nameOfPath } from "../PoolRef.js"
import type { RepairOptions } from "../Pools.js"
import type { PoolFile } from "../PoolStorage.js"
import type { LocalServices } from "./localHandle.js"
import { deletedError, readOnlyError } from "./localHandle.js"
import { payloadProblem } from "./payloadProblem.js"
import { planRepair } from "./ring/planRepair.js"
import { Ring } from "./ring/Ring.js"
import { verifyRing } from "./ring/verify.js"
import { verifyFile } from "./verifyPool.js"
import { attempt, holdLock } from "./withLock.js"

/** `typed` is what to type for the pool, in advice. */
export const repairPool = (
  { locks, storage }: LocalServices,
  typed: string,
  path: string,
  timeoutMillis: number,
  { backup = true, dropDamaged = false }: RepairOptions
): Effect.Effect<PoolRepair, PoolError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* storage.open(path)
      const lock = yield* locks.open(path)
      yield* holdLock({ lock, path, timeoutMillis }, "exclusive")
      if (!file.isCurrent()) return yield* deletedError({ name: nameOfPath(path), path })

      const before = yield* attempt(() => verifyFile(file, typed))
      if (before.status === "ok") {
        const kept = yield* attempt(() => keptIn(file))
        return { before, after: before, changes: [], kept, lost: [], backupPath: null }
      }
      const { changes, lost, outcome } = yield* attempt(() => planRepair(file, { payloadProblem, dropDamaged }))
      let backupPath: string | null = null
      if (!outcome.changesNothing) {
        if (!file.writable) return yield* readOnlyError(path)
        if (backup) backupPath = yield* backUp(storage, path)
        yield* attempt(() => outcome.perform())
      }
      const after = yield* attempt(() => verifyFile(file, typed))
      const kept = yield* attempt(() => keptIn(file))
      return { before, after, changes, kept, lost, backupPath }
    })
  )

const keptIn = (file: PoolFile): PoolRepair["kept"] => {
  const ring = Ring.open(file, { payloadProblem })
  const { newest, oldest } = ring.readGroup()
  const count = verifyRing(ring).readable.reduce((sum, { from, to }: SeqRange) => sum + to - from + 1, 0)
  return oldest === 0 ? { oldest: null, newest: null, count } : { oldest, newest, count }
}

/** Under the first name that is free. */
const backUp = (storage: LocalServices["storage"], path: string, number = 1): Effect.Effect<string, PoolError> => {
  const to = `${path}.backup-${number}`
  return Effect.matchEffect(storage.copy(path, to), {
    onFailure: (error) => (error.reason === "AlreadyExists" ? backUp(storage, path, number + 1) : Effect.fail(error)),
    onSuccess: () => Effect.succeed(to)
  })
}
