/**
 * What must be true of a pool when everybody has come to rest, whatever happened before.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import type { Pools } from "../../src/Pools.js"
import { Follower, type Model } from "./Model.js"
import type { Plan } from "./plan.js"
import { readToEnd } from "./readToEnd.js"

/** Frame, field names and number of a message, all in the payload's encoding, and a wrap marker: rounded up. */
const mostOverheadBytes = 800

const headerBytes = 4096

/** The most bytes that one append may drop, more than it fills. */
const largestAppendBytes = ({ writers }: Plan): number =>
  Math.max(
    ...writers.flatMap(({ steps }) =>
      steps.map((step) => {
        if (step.do === "append") return step.padding + mostOverheadBytes
        if (step.do === "appendAll") return step.paddings.reduce((sum, one) => sum + one + mostOverheadBytes, 0)
        return mostOverheadBytes
      })
    )
  )

/** An append that died may have dropped everything to make room for itself. */
export const mayHaveDroppedAll = (plan: Plan): boolean =>
  plan.sizeBytes - headerBytes - 16 * plan.indexCapacity < 2 * largestAppendBytes(plan)

export const judge = (
  pools: Context.Tag.Service<Pools>,
  pool: Pool,
  plan: Plan,
  model: Model
): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const { issues, status } = yield* pools.verify(pool.name)
    if (status !== "ok" && !model.mayHaveHoles) model.violate(`verify: ${issues.map(({ message }) => message).join()}`)
    if (status !== "ok") model.note("hole found by verify after a power loss in fast mode")

    const { bounds, metrics, ringSize } = yield* pool.info
    const { newest = 0, oldest = newest + 1 } = bounds
    const seqs = yield* readToEnd(pool, new Follower(model, "the judge"), oldest)
    if (newest !== model.newestAcknowledged)
      model.violate(`the newest message is ${newest}, but ${model.newestAcknowledged} was the last acknowledged`)
    if (seqs.at(-1) !== newest) model.violate(`reading ended with ${seqs.at(-1)} instead of ${newest}`)
    if (!model.mayHaveHoles && seqs[0] !== oldest) model.violate(`reading began with ${seqs[0]} instead of ${oldest}`)

    // What was dropped had to make room for something.
    const dropsTooMuch = oldest > 1 && metrics.usedBytes + 2 * largestAppendBytes(plan) < ringSize
    if (dropsTooMuch && !model.mayHaveHoles)
      model.violate(`message ${oldest - 1} was dropped, but only ${metrics.usedBytes} of ${ringSize} bytes are used`)

    if (oldest > 1) model.note("old messages dropped")
    if (metrics.freeBytes === 0) model.note("ring exactly full")
    if (newest > 1 && oldest === newest) model.note("a single message left")
    if (plan.indexCapacity > 0 && metrics.messageCount > plan.indexCapacity) model.note("index slots shared")
  })
