/**
 * The place that each stream takes for as long as it lives.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ServerState } from "../server/ServerState.js"
import type { Refusal } from "../server/wireError.js"
import { busy } from "../server/wireError.js"

/** Held until the scope closes. Fails with `Busy` when none is free. */
export const tailSlot = (state: ServerState): Effect.Effect<void, Refusal, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.suspend((): Effect.Effect<() => void, Refusal> => {
        const release = state.tailSlots.take()
        if (release !== undefined) return Effect.succeed(release)
        return Effect.fail(
          busy(
            `all ${state.tailSlots.limit} tails are taken`,
            "Try again when one has ended, or raise the server's --max-tail-concurrency."
          )
        )
      }),
      (release) => Effect.sync(release)
    )
  )
