/** Servers and their clients, each in a process of its own, and how they are asked. */
import { fork, type ChildProcess } from "node:child_process"
import type { LoadRound, LoadTarget } from "./children/httpLoad.js"
import type { TailsAnswer, TailsRequest } from "./children/httpTails.js"
import type { ServerRequest } from "./children/httpServer.js"
import { childModule, kept, terminated } from "./processes.js"

/** What the child answers; its death, or a failure that it tells, fails the entry. */
const answer = <A>(child: ChildProcess, ask: () => void): Promise<A> =>
  new Promise((resolve, reject) => {
    const onExit = (status: number | null, signal: string | null): void =>
      reject(new Error(`${child.spawnargs[1]} ended with ${status ?? signal}`))
    child.once("exit", onExit)
    child.once("message", (told: A | { readonly failure: string }) => {
      child.off("exit", onExit)
      if (typeof told === "object" && told !== null && "failure" in told) reject(new Error(told.failure))
      else resolve(told as A)
    })
    ask()
  })

const started = async <A>(
  name: string,
  request: object,
  execArgv: ReadonlyArray<string> = []
): Promise<{ readonly child: ChildProcess; readonly told: A }> => {
  const child = kept(fork(childModule(name), { execArgv: [...execArgv] }))
  return { child, told: await answer<A>(child, () => child.send(request)) }
}

export interface HttpServer {
  readonly port: number
  /** What is in use after a collection, on the heap and beside it. */
  readonly usedMebibytes: () => Promise<number>
  readonly close: () => Promise<void>
}

export const startServer = async (request: ServerRequest): Promise<HttpServer> => {
  const { child, told: port } = await started<number>("httpServer", request, ["--expose-gc"])
  return {
    port,
    usedMebibytes: async () => (await answer<number>(child, () => child.send("memory"))) / 2 ** 20,
    close: () => terminated(child)
  }
}

export interface HttpTails {
  /** Opens tails; then what they bring, once they have ended. */
  readonly open: (request: TailsRequest) => Promise<() => Promise<TailsAnswer>>
  readonly close: () => Promise<void>
}

export const startTails = async (): Promise<HttpTails> => {
  const child = kept(fork(childModule("httpTails")))
  await answer(child, () => {})
  return {
    open: async (request) => {
      await answer(child, () => child.send(request))
      const told = answer<TailsAnswer>(child, () => {})
      // Who waits for it may still be writing when it fails.
      told.catch(() => {})
      return () => told
    },
    close: () => terminated(child)
  }
}

export interface HttpLoad {
  /** Answers per second. */
  readonly rate: (round: LoadRound) => Promise<number>
  readonly close: () => Promise<void>
}

export const startLoad = async (target: LoadTarget): Promise<HttpLoad> => {
  const { child } = await started("httpLoad", target)
  return {
    rate: async (round) => (await answer<{ readonly perSecond: number }>(child, () => child.send(round))).perSecond,
    close: () => terminated(child)
  }
}
