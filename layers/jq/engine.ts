/**
 * Owns the jq thread: starts it when first needed, gives it one batch at a time, and stops it when a message takes
 * too long. Nothing of jq runs on the caller's thread, and an idle jq thread keeps no process alive.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import { createRequire } from "node:module"
import { Worker } from "node:worker_threads"
import { runJqThread, type JqReply, type JqRequest, type SharedProgress, type ThreadData } from "./thread.js"

/** The most messages that one request may hold. */
export const messagesPerRequest = 1_000

/** Loading and compiling take milliseconds; this only ends what would never end. */
const startMillis = 15_000
// The clock counts ticks, not time: a machine that slept, or a process that was held, has not used up an allowance.
const tickMillis = 25
/** By the clock a message may take this many times its allowance, on a machine that is too busy to work on it. */
const patience = 20

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
  const engine = createRequire(import.meta.url).resolve("jq-wasm/dist/build/jq.js")
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
  worker.unref()
  return { worker, shared }
}

/** Milliseconds that the thread has worked, where the system tells: a busy machine must not cost a message. */
const workedMillis = ({ systemThread }: SharedProgress): number | undefined => {
  const thread = Atomics.load(systemThread, 0)
  if (thread === 0) return undefined
  try {
    const nanoseconds = Number.parseInt(FileSystem.readFileSync(`/proc/self/task/${thread}/schedstat`, "latin1"), 10)
    return Number.isNaN(nanoseconds) ? undefined : nanoseconds / 1e6
  } catch {
    return undefined
  }
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
      let seenActivity = -1
      let waitedMillis = 0
      let workedBefore: number | undefined

      /** True when nothing has moved for as long as the thread may take. */
      const isStalled = (): boolean => {
        const activity = Atomics.load(shared.activity, 0)
        if (activity !== seenActivity) {
          seenActivity = activity
          waitedMillis = 0
          workedBefore = workedMillis(shared)
          return false
        }
        waitedMillis += tickMillis
        if (Atomics.load(shared.stage, 0) < 2) return waitedMillis >= startMillis
        if (waitedMillis < allowanceMillis) return false
        const worked = workedBefore === undefined ? undefined : workedMillis(shared)
        return worked === undefined
          ? true
          : worked - workedBefore! >= allowanceMillis || waitedMillis >= patience * allowanceMillis
      }
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
      const onReply = ({ detail, end }: JqReply): void => {
        worker.unref()
        finish(end, detail)
      }
      const onDeath = (failure: unknown): void => {
        blame("gave up", textOf(failure))
        kill()
      }
      const watch = setInterval(() => {
        if (!isStalled()) return
        blame("stalled", "it takes too long")
        kill()
      }, tickMillis)

      worker.on("message", onReply).on("error", onDeath).on("exit", onDeath)
      worker.ref()
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
