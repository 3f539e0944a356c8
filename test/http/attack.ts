// Hostile clients, as bytes on a socket: whatever a real client would not send.
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { connect as connectTls } from "node:tls"
import { assert } from "vitest"
import { freshDirectory, request, type TestServer } from "./server.js"

/** All that the server says to these bytes until it closes the connection; fails when it does not. `ca`: over TLS. */
export const converse = (
  { port }: Pick<TestServer, "port">,
  content: string | Buffer,
  withinMillis = 5000,
  ca?: string
): Promise<string> =>
  new Promise((resolve, reject) => {
    const speak = (): void => void socket.write(content)
    const host = "127.0.0.1"
    const socket = ca === undefined ? net.connect({ port, host }, speak) : connectTls({ port, host, ca }, speak)
    const pieces: Array<Buffer> = []
    const said = (): string => Buffer.concat(pieces).toString("latin1")
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`open after ${withinMillis} ms: ${JSON.stringify(content.slice(0, 80))}: ${said()}`))
    }, withinMillis)
    socket.on("data", (piece: Buffer) => pieces.push(piece))
    socket.on("error", () => undefined)
    socket.on("close", () => {
      clearTimeout(timer)
      resolve(said())
    })
  })

export const post = (path: string, body: string, headers = "", connection = "close"): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${headers}connection: ${connection}\r\n` +
  `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Status codes of all answers on a connection. */
export const statuses = (said: string): Array<number> =>
  Array.from(said.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))

export const connected = (server: TestServer, content: string): Promise<net.Socket> =>
  new Promise((resolve) => {
    const socket = net.connect(server.port, "127.0.0.1", () => {
      socket.write(content)
      resolve(socket)
    })
    socket.on("error", () => undefined)
  })

/** A number that is the same in each run. */
export const seeded = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

export const gauge = async (server: TestServer, name: string): Promise<number> => {
  const { text } = await request(server, "/metrics")
  return Number(new RegExp(`^plasmite_${name} (\\d+)$`, "m").exec(text)?.[1])
}

export const newest = async (server: TestServer): Promise<number> => {
  const answer = await request(server, "/v0/pools/p/info")
  return answer.json<{ pool: { bounds: { newest?: number } } }>().pool.bounds.newest ?? 0
}

/** A certificate of this run for 127.0.0.1, its own authority. */
export const certificate = (): { readonly cert: string; readonly key: string } => {
  const place = fs.mkdtempSync(path.join(path.dirname(freshDirectory()), "tls-"))
  const file = (name: string): string => path.join(place, name)
  const made = spawnSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split(" "),
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-keyout",
    file("key.pem"),
    "-out",
    file("cert.pem")
  ])
  assert.strictEqual(made.status, 0, String(made.stderr))
  return { cert: fs.readFileSync(file("cert.pem"), "utf8"), key: fs.readFileSync(file("key.pem"), "utf8") }
}
