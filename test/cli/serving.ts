// A server that runs as a process of its own, and requests to it as strangers make them: over real sockets, with real
// certificates.
import * as fs from "node:fs"
import * as http from "node:http"
import * as https from "node:https"
import * as os from "node:os"
import * as path from "node:path"
import { eventually, type Launch, type Running } from "./harness.js"
import type { Room } from "./room.js"

export interface Serving extends Running {
  /** As the readiness file has it. */
  readonly listen: string
  readonly port: number
}

/** `pls serve` with these options, on a free port unless they say otherwise, once it listens. */
export const startServing = async (
  room: Room,
  options: ReadonlyArray<string> = [],
  launch: Launch = {}
): Promise<Serving> => {
  const readyFile = path.join(room.home, `ready-${Math.random().toString(36).slice(2)}`)
  const bind = options.includes("--bind") ? [] : ["--bind", "127.0.0.1:0"]
  const running = room.start(["serve", ...bind, ...options], {
    ...launch,
    env: { PLASMITE_SERVE_READY_FILE: readyFile, ...launch.env }
  })
  await eventually("the server is ready", () => {
    if (!running.isRunning()) throw new Error(`the server ended: ${running.stderr()}`)
    return fs.existsSync(readyFile)
  })
  const listen = fs.readFileSync(readyFile, "utf8").trim()
  return { ...running, listen, port: Number(listen.slice(listen.lastIndexOf(":") + 1)) }
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** PEM: the one certificate that is trusted. */
  readonly ca?: string
  readonly agent?: http.Agent
}

export const ask = (url: string, { agent, body, ca, headers, method }: Ask = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const settings = {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      agent: agent ?? false
    }
    const onResponse = (response: http.IncomingMessage): void => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("error", reject)
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    }
    const request = url.startsWith("https:")
      ? https.request(url, { ...settings, ...(ca === undefined ? {} : { ca }) }, onResponse)
      : http.request(url, settings, onResponse)
    request.on("error", reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })

/** An address of this machine that others could use. There is always one of its own that is not 127.0.0.1. */
export const networkAddress = (): string =>
  Object.values(os.networkInterfaces())
    .flatMap((entries = []) => entries)
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.2"
