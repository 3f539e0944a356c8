/**
 * Owns the jq thread: starts it when first needed, gives it one batch at a time, and stops it when a message takes
 * too long. Nothing of jq runs on the caller's thread, and an idle jq thread keeps no process alive.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Worker } from "node:worker_threads"
import { requireLater, workerThreads } from "../lazyModules.js"
import { tickMillis, watchStandstill } from "./standstill.js"
import { runJqThread, type JqReply, type JqRequest, type SharedProgress, type ThreadData } from "./thread.js"

/** The most messages that one request may hold. */
export const messagesPerRequest = 1_000

/** What came of a request: the verdicts, up to the message over which it ended early. */
export interface JqRun {
  readonly verdicts: Uint8Array
  /** Beside the ends that the thread knows: `stalled` over a message, or jq is `unavailable` on this machine. */
  readonly end: JqReply["end"] | "stalled" | "unavailable"
  readonly detail: string
}

export interface JqEngine {
  /** Judges a batch. No message may take longer than `allowanceMillis`. Interrupting it stops the thread. */
  readonly run: (request: JqRequest, allowanceMillis: number) => Effect.Effect<JqRun>
}

interface JqThread {
  readonly worker: Worker
  readonly shared: SharedProgress
}

const sharedCell = () => new Int32Array(new SharedArrayBuffer(4))

const startThread = (): JqThread => {
  const shared: SharedProgress = {
    requests: sharedCell(),
    activity: sharedCell(),
    systemThread: sharedCell(),
    stage: sharedCell(),
    answered: sharedCell(),
    verdicts: new Uint8Array(new SharedArrayBuffer(messagesPerRequest))
  }
  const engine = requireLater.resolve("jq-wasm/dist/build/jq.js")
  const { Worker } = workerThreads()
  const worker = new Worker(`(${runJqThread.toString()})(require("node:worker_threads"), require)`, {
    eval: true,
    name: "jq",
    workerData: { engine, shared } satisfies ThreadData,
    // The thread gets nothing of the process: no environment, no arguments, no loaders, no output.
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true
  })
  // What keeps the process alive while a batch runs is the watch over it.
  worker.unref()
  return { worker, shared }
}

const textOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure))

/** An engine without a thread. Closing the scope stops the thread, if there came to be one. */
export const makeJqEngine: Effect.Effect<JqEngine, never, Scope.Scope> = Effect.gen(function* () {
  const turn = yield* Effect.makeSemaphore(1)
  let current: JqThread | undefined
  let isClosed = false

  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      isClosed = true
      await current?.worker.terminate()
    })
  )

  const currentThread = (): JqThread => {
    if (current !== undefined) return current
    const thread = startThread()
    const forget = (): void => {
      if (current === thread) current = undefined
    }
    thread.worker.on("error", forget).on("exit", forget)
    return (current = thread)
  }

  const runAlone = (request: JqRequest, allowanceMillis: number): Effect.Effect<JqRun> =>
    Effect.async<JqRun>((resume) => {
      let thread: JqThread
      try {
        thread = currentThread()
      } catch (failure) {
        resume(Effect.succeed({ verdicts: new Uint8Array(0), end: "unavailable", detail: textOf(failure) }))
        return
      }
      const { shared, worker } = thread

      const leave = (): void => {
        clearInterval(watch)
        worker.off("message", onReply).off("error", onDeath).off("exit", onDeath)
      }
      const finish = (end: JqRun["end"], detail: string): void => {
        leave()
        const verdicts = shared.verdicts.slice(0, Atomics.load(shared.answered, 0))
        resume(Effect.succeed({ verdicts, end, detail }))
      }
      const kill = (): void => {
        current = undefined
        void worker.terminate()
      }
      /** Whose fault it is that the thread did not come back. */
      const blame = (end: "stalled" | "gave up", detail: string): void => {
        const stage = Atomics.load(shared.stage, 0)
        finish(stage === 0 ? "unavailable" : stage === 1 ? "refused" : end, detail)
      }
      const onReply = ({ detail, end }: JqReply): void => finish(end, detail)
      const onDeath = (failure: unknown): void => {
        kill()
        blame("gave up", textOf(failure))
      }
      const isStalled = watchStandstill(shared, allowanceMillis)
      const watch = setInterval(() => {
        if (!isStalled()) return
        kill()
        blame("stalled", "it takes too long")
      }, tickMillis)

      worker.on("message", onReply).on("error", onDeath).on("exit", onDeath)
      Atomics.store(shared.answered, 0, 0)
      worker.postMessage(request, [])
      Atomics.add(shared.requests, 0, 1)
      Atomics.notify(shared.requests, 0)

      return Effect.sync(() => {
        leave()
        kill()
      })
    })

  return {
    run: (request, allowanceMillis) =>
      turn.withPermits(1)(
        Effect.suspend(() =>
          isClosed ? Effect.dieMessage("the filter outlived its layer") : runAlone(request, allowanceMillis)
        )
      )
  }
})
