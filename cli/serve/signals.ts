/**
 * The signals that a server understands: the first SIGINT or SIGTERM asks it to stop, a second one ends it at once as it
 * would any program; SIGHUP asks it to read its files again, unless it says that the terminal is gone.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { isatty } from "node:tty"

export interface Signals {
  readonly stop: Effect.Effect<NodeJS.Signals>
  readonly reload: Effect.Effect<void>
}

const standardError = 2
const stopSignals = ["SIGINT", "SIGTERM"] as const

/** From now until the scope closes. `onTerminal`: standard error is a terminal, with which the program ends. */
export const listenToSignals = (onTerminal: boolean): Effect.Effect<Signals, never, Scope.Scope> =>
  Effect.gen(function* () {
    const stopped = yield* Deferred.make<NodeJS.Signals>()
    const reloads = yield* Queue.sliding<void>(1)
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of stopSignals) process.off(name, stop)
      Deferred.unsafeDone(stopped, Effect.succeed(signal))
    }
    const hangUp = (): void => {
      if (onTerminal && !isatty(standardError)) stop("SIGHUP")
      else reloads.unsafeOffer(undefined)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        for (const name of stopSignals) process.on(name, stop)
        process.on("SIGHUP", hangUp)
      }),
      () => Effect.sync(() => process.off("SIGHUP", hangUp))
    )
    return { stop: Deferred.await(stopped), reload: Queue.take(reloads) }
  })

/**
 * Ends the process as the signal would have. Node cannot end by itself once its terminal is gone: it wants to put the terminal
 * back in order, and aborts when it cannot.
 */
export const endBy = (signal: NodeJS.Signals): Effect.Effect<never> =>
  Effect.zipRight(
    Effect.sync(() => process.kill(process.pid, signal)),
    Effect.never
  )
