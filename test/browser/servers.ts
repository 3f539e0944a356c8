// Real servers in processes of their own, and what other programs do to their pools. Knows no test runner, so that the
// measures of the page can use it, too.
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { spawn, type ChildProcess } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { chromium, type Browser } from "playwright-core"
import * as NodePools from "../../layers/NodePools.js"
import type { JsonObject } from "../../src/Message.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"

const repository = new URL("../..", import.meta.url).pathname
const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-browser-"))
let directories = 0
const servers = new Set<Server>()
const runtimes = new Map<string, ManagedRuntime.ManagedRuntime<Pools, never>>()

export const launchChromium = (executablePath: string, args: ReadonlyArray<string> = []): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-dev-shm-usage", ...args]
  })

/** All servers but one. */
export const stopServers = async (but?: Server): Promise<void> => {
  await Promise.all([...servers].filter((server) => server !== but).map((server) => server.stop()))
}

/** Nothing of them is left. */
export const cleanUp = async (): Promise<void> => {
  await stopServers()
  await Promise.all([...runtimes.values()].map((runtime) => runtime.dispose()))
  fs.rmSync(root, { recursive: true, force: true })
}

export interface Server {
  readonly url: string
  readonly port: number
  readonly directory: string
  /** What it has written to its log. */
  readonly log: () => string
  /** The process stands still, or goes on. */
  readonly stand: (isStill: boolean) => void
  /** Ends the process as a crash would. */
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly pid: number
}

export interface ServerSettings {
  readonly directory?: string
  readonly port?: number
  readonly token?: string
  readonly access?: "read-only" | "write-only" | "read-write"
  readonly maxTailTimeoutMillis?: number
  readonly logRequests?: "all"
}

export const freshDirectory = (): string => {
  const directory = path.join(root, String(directories++))
  fs.mkdirSync(directory)
  return directory
}

export const startServer = async (settings: ServerSettings = {}): Promise<Server> => {
  const options = { directory: settings.directory ?? freshDirectory(), port: 0, ...settings }
  const child = spawn(process.execPath, [`${repository}test/browser/server.mjs`, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString()
      const found = /^(http:\/\/\S+)$/m.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on("data", take)
    child.stderr.on("data", take)
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${output}`)))
  })
  const end = (signal: NodeJS.Signals) => (): Promise<void> => {
    servers.delete(server)
    return ended(child, signal)
  }
  const server: Server = {
    url,
    port: Number(new URL(url).port),
    directory: options.directory,
    log: () => output,
    pid: child.pid!,
    stand: (isStill) => void child.kill(isStill ? "SIGSTOP" : "SIGCONT"),
    kill: end("SIGKILL"),
    stop: end("SIGKILL")
  }
  servers.add(server)
  return server
}

const ended = (child: ChildProcess, signal: NodeJS.Signals): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => {
        child.on("exit", () => resolve())
        child.kill(signal)
      })

/** Does something with a pool of the directory, as another program on the machine would. */
export const withPool = <A>(
  { directory }: Pick<Server, "directory">,
  name: string,
  use: (pool: Pool) => Effect.Effect<A, PoolError>,
  sizeBytes = 16 * 1024 * 1024
): Promise<A> =>
  runtimeFor(directory).runPromise(
    Effect.scoped(Effect.flatMap(Pools, (pools) => Effect.flatMap(pools.open(name, { create: { sizeBytes } }), use)))
  )

const runtimeFor = (directory: string): ManagedRuntime.ManagedRuntime<Pools, never> => {
  const held = runtimes.get(directory) ?? ManagedRuntime.make(NodePools.layer({ directory }))
  runtimes.set(directory, held)
  return held
}

export interface Written {
  readonly data: JsonObject
  readonly tags?: ReadonlyArray<string>
}

/** Appends all, creating the pool if need be, and answers the last number. */
export const write = (
  server: Pick<Server, "directory">,
  name: string,
  messages: ReadonlyArray<Written>,
  sizeBytes?: number
): Promise<number> =>
  withPool(server, name, (pool) => Effect.map(pool.appendAll(messages), (all) => all.at(-1)?.seq ?? 0), sizeBytes)

export const numbered = (from: number, to: number): Array<Written> =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ data: { n: from + index } }))

/** Runs one of the programs and answers what it printed. */
export const pls = (args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${repository}dist/bin/pls.cjs`, ...args], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    let problems = ""
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (problems += chunk.toString()))
    child.on("exit", (code) =>
      code === 0 || code === 124 ? resolve(output) : reject(new Error(`${code}: ${problems}`))
    )
  })
