// Real servers on real sockets, each over a directory of its own, all stopped after the test. Requests are made with
// Node's own client, which changes nothing on the way.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as http from "node:http"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, afterEach, assert } from "vitest"
import * as PoolServer from "../../http/PoolServer.js"
import type { ServerOptions } from "../../http/ServerOptions.js"
import * as NodePools from "../../layers/NodePools.js"
import { Pools } from "../../src/Pools.js"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-http-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
let directories = 0

export interface TestServer {
  readonly url: string
  readonly port: number
  readonly directory: string
  /** The pools behind the server, as a program of its machine sees them. */
  readonly pools: Context.Tag.Service<Pools>
  readonly run: <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Promise<A>
  readonly logs: ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

const running = new Set<() => Promise<void>>()
afterEach(async () => {
  for (const stop of running) await stop()
})

export const freshDirectory = (): string => path.join(root, String(directories++))

export const startServer = async (
  options: ServerOptions & { readonly directory?: string; readonly lockTimeoutMillis?: number } = {}
): Promise<TestServer> => {
  const { directory = freshDirectory(), lockTimeoutMillis = 300, ...serverOptions } = options
  const logs: Array<string> = []
  const logger = Logger.map(Logger.logfmtLogger, (line) => void logs.push(line))
  const scope = Effect.runSync(Scope.make())
  const layer = Layer.provideMerge(
    PoolServer.layer({ port: 0, ...serverOptions }),
    NodePools.layer({ directory, lockTimeoutMillis })
  ).pipe(Layer.provide(Logger.replace(Logger.defaultLogger, logger)))
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  const server = Context.get(context, PoolServer.PoolServer)
  const stop = async (): Promise<void> => {
    if (running.delete(stop)) await Effect.runPromise(Scope.close(scope, Exit.void))
  }
  running.add(stop)
  return {
    url: server.url,
    port: server.port,
    directory,
    pools: Context.get(context, Pools),
    run: (effect) => Effect.runPromise(Effect.scoped(effect)),
    logs,
    stop
  }
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  readonly bytes: Buffer
  /** The body as JSON; throws when it is none. */
  readonly json: <A = Record<string, unknown>>() => A
}

export interface Request {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  /** A value is sent as JSON, text and bytes as they are. */
  readonly body?: unknown
  readonly agent?: http.Agent
  readonly withinMillis?: number
}

export const request = (server: Pick<TestServer, "port">, target: string, options: Request = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { body } = options
    const raw = typeof body === "string" || body instanceof Uint8Array
    const content = body === undefined ? undefined : raw ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
    const outgoing = http.request(
      {
        host: "127.0.0.1",
        port: server.port,
        path: target,
        method: options.method ?? (body === undefined ? "GET" : "POST"),
        agent: options.agent ?? false,
        headers: {
          ...(content === undefined ? {} : { "content-length": content.length }),
          ...(content === undefined || raw ? {} : { "content-type": "application/json" }),
          ...options.headers
        }
      },
      (incoming) => {
        const chunks: Array<Buffer> = []
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
        incoming.on("error", reject)
        incoming.on("end", () => {
          clearTimeout(timer)
          const bytes = Buffer.concat(chunks)
          const text = bytes.toString("utf8")
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            bytes,
            text,
            json: <A>() => JSON.parse(text) as A
          })
        })
      }
    )
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`${target}: no answer in time`)),
      options.withinMillis ?? 10_000
    )
    outgoing.on("error", (error) => {
      clearTimeout(timer)
      reject(error)
    })
    outgoing.end(content)
  })

/** A stream that is being read, as it arrives. */
export interface Reading {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: () => string
  readonly bytes: () => Buffer
  /** The lines that hold something. */
  readonly lines: () => Array<string>
  readonly seqs: () => Array<number>
  /** `clean` when the body ended, `cut` when the connection did. */
  readonly ended: Promise<"clean" | "cut">
  readonly close: () => void
}

export const follow = (
  server: Pick<TestServer, "port">,
  target: string,
  headers: http.OutgoingHttpHeaders = {}
): Promise<Reading> =>
  new Promise((resolve, reject) => {
    const outgoing = http.get(
      { host: "127.0.0.1", port: server.port, path: target, headers, agent: false },
      (incoming) => {
        const chunks: Array<Buffer> = []
        const bytes = (): Buffer => Buffer.concat(chunks)
        const text = (): string => bytes().toString("utf8")
        const lines = (): Array<string> =>
          text()
            .split("\n")
            .filter((line) => line !== "")
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          bytes,
          lines,
          seqs: () => lines().map((line) => (JSON.parse(line) as { seq: number }).seq),
          ended: new Promise((settle) => {
            incoming.on("end", () => settle("clean"))
            incoming.on("error", () => settle("cut"))
            incoming.on("aborted", () => settle("cut"))
          }),
          close: () => outgoing.destroy()
        })
      }
    )
    outgoing.on("error", reject)
  })

export const eventually = async (what: string, condition: () => boolean, withinMillis = 5000): Promise<void> => {
  const deadline = performance.now() + withinMillis
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMillis} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const createPool = async (server: Pick<TestServer, "port">, pool: string, sizeBytes?: number): Promise<void> => {
  const answer = await request(server, "/v0/pools", { body: { pool, size_bytes: sizeBytes ?? null } })
  assert.strictEqual(answer.status, 200, answer.text)
}

export const append = async (
  server: Pick<TestServer, "port">,
  pool: string,
  data: unknown,
  tags?: ReadonlyArray<string>
): Promise<number> => {
  const body = { data, ...(tags === undefined ? {} : { tags }) }
  const answer = await request(server, `/v0/pools/${encodeURIComponent(pool)}/append`, { body })
  assert.strictEqual(answer.status, 200, answer.text)
  return answer.json<{ message: { seq: number } }>().message.seq
}

export interface WireError {
  readonly kind: string
  readonly message: string
  readonly hint?: string
  readonly path?: string
  readonly seq?: number
}

/** The error of a refused request; status and kind are as expected. */
export const refused = (answer: Answer, status: number, kind: string): WireError => {
  const { error } = answer.json<{ error: WireError }>()
  assert.deepStrictEqual([answer.status, error.kind], [status, kind], answer.text)
  assert.strictEqual(answer.headers["plasmite-version"], "0")
  assert.notInclude(answer.text, os.tmpdir())
  return error
}
