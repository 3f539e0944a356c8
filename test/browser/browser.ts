// A real browser in front of real servers. Each test has contexts of its own; whatever a page complains about, and every
// request to another origin than its server's, fails the test that caused it.
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { spawn, type ChildProcess } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest"
import { testIds } from "../../http/page/testIds.js"
import * as NodePools from "../../layers/NodePools.js"
import type { JsonObject } from "../../src/Message.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { chromiumPath, isRequired } from "./findChromium.js"

const repository = new URL("../..", import.meta.url).pathname
const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-browser-"))
let directories = 0
let browser: Browser | undefined
const contexts = new Set<BrowserContext>()
const servers = new Set<Server>()
const runtimes = new Map<string, ManagedRuntime.ManagedRuntime<Pools, never>>()
let shared: Promise<Server> | undefined
const complaints: Array<string> = []

/** Like `describe`, for tests that need the browser: left out, with the reason in their name, where there is none. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (chromiumPath === undefined) {
    if (isRequired) it(`${name}: needs Chromium, and none was found`, () => assert.fail("no Chromium on the path"))
    else describe.skip(`${name} (no Chromium on the path)`, tests)
    return
  }
  describe(name, () => {
    beforeAll(async () => {
      const args = process.getuid?.() === 0 ? ["--no-sandbox"] : []
      browser = await chromium.launch({ executablePath: chromiumPath!, args: [...args, "--disable-dev-shm-usage"] })
    })
    afterEach(async () => {
      const said = complaints.splice(0)
      await Promise.all([...contexts].map((context) => context.close()))
      contexts.clear()
      const ofFile = await shared
      await Promise.all([...servers].filter((server) => server !== ofFile).map((server) => server.stop()))
      assert.deepEqual(said, [])
    })
    afterAll(async () => {
      await browser?.close()
      await Promise.all([...servers].map((server) => server.stop()))
      await Promise.all([...runtimes.values()].map((runtime) => runtime.dispose()))
      fs.rmSync(root, { recursive: true, force: true })
    })
    tests()
  })
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
}

export interface ServerSettings {
  readonly directory?: string
  readonly port?: number
  readonly token?: string
  readonly access?: "read-only" | "write-only" | "read-write"
  readonly maxTailTimeoutMillis?: number
  readonly logRequests?: "all"
}

/** One that all tests of a file share, for those that do nothing to it; each takes pools of its own. */
export const sharedServer = (): Promise<Server> => (shared ??= startServer())

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

export interface View {
  readonly page: Page
  readonly context: BrowserContext
}

/** Complaints that the test expects, by a part of their text. */
export interface Expecting {
  readonly complaints?: ReadonlyArray<RegExp>
}

export const openContext = async (
  { url }: Pick<Server, "url">,
  options: BrowserContextOptions = {},
  expecting: Expecting = {}
): Promise<BrowserContext> => {
  const context = await browser!.newContext({ viewport: { width: 1440, height: 900 }, baseURL: url, ...options })
  contexts.add(context)
  context.setDefaultTimeout(10_000)
  const complain = (text: string): void => {
    if (!(expecting.complaints ?? []).some((pattern) => pattern.test(text))) complaints.push(text)
  }
  context.on("weberror", (error) => complain(`error: ${error.error().stack ?? error.error().message}`))
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(`console: ${message.text()}`)
  })
  context.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(?:data|blob):/.test(request.url())) complain(`request: ${request.url()}`)
  })
  context.on("dialog", (dialog) => {
    complain(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return context
}

/** A new tab at a path of the server. */
export const open = async (
  server: Pick<Server, "url">,
  target: string,
  options: BrowserContextOptions = {},
  expecting: Expecting = {}
): Promise<View> => {
  const context = await openContext(server, options, expecting)
  const page = await context.newPage()
  await page.goto(target)
  return { page, context }
}

export const byId = (page: Page, id: keyof typeof testIds) => page.getByTestId(testIds[id])

/** The numbers of the messages that are drawn, from top to bottom. */
export const shownSeqs = (page: Page): Promise<ReadonlyArray<number>> =>
  byId(page, "row").evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))))

/** Waits until `look` answers what is expected; the last answer is in the failure. */
export const eventually = async <A>(look: () => Promise<A>, expected: A, withinMillis = 8_000): Promise<void> => {
  const until = Date.now() + withinMillis
  for (;;) {
    const seen = await look()
    try {
      assert.deepEqual(seen, expected)
      return
    } catch (error) {
      if (Date.now() > until) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

export const connectionState = (page: Page): Promise<string | null> =>
  byId(page, "connection").getAttribute("data-state")

export const isLive = (page: Page): Promise<void> => eventually(() => connectionState(page), "live")

/** Messages that the page holds. */
export const loadedCount = async (page: Page): Promise<number> =>
  Number(await page.getByTestId("loaded-count").getAttribute("data-value"))

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
