// What the tests of remote references share: a server of the library over a room's pools, a way through which its connections
// can be cut, and a certificate of its own.
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { assert, onTestFinished } from "vitest"

/** A way to a server that can be cut and closed at any moment, as a network or a killed process does it. */
export interface Way {
  readonly url: string
  readonly connections: () => number
  /** Everything under way is lost. */
  readonly cut: () => void
  /** Nobody listens any more, until `open`. */
  readonly close: () => Promise<void>
  readonly open: () => Promise<void>
  /** Once so many answers are through, requests reach the server and so many answers are lost, with their connections. */
  readonly swallowAnswers: (count?: number, after?: number) => void
}

export const wayTo = async (targetPort: number): Promise<Way> => {
  const sockets = new Set<net.Socket>()
  let connections = 0
  let swallow = 0
  let passing = 0
  const server = net.createServer((client) => {
    connections++
    const upstream = net.connect(targetPort, "127.0.0.1")
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on("data", (bytes: Buffer) => {
      if (passing > 0) passing--
      else if (swallow > 0) {
        swallow--
        client.resetAndDestroy()
        return
      }
      client.write(bytes)
    })
  })
  let port = 0
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject)
      server.listen(port, "127.0.0.1", () => {
        port = (server.address() as net.AddressInfo).port
        resolve()
      })
    })
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const close = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    cut()
    return closed
  }
  await open()
  onTestFinished(async () => {
    if (server.listening) await close()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    cut,
    close,
    open,
    swallowAnswers: (count = Number.POSITIVE_INFINITY, after = 0) => {
      swallow = count
      passing = after
    }
  }
}

export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly fingerprint: string
}

export const makeCertificate = (directory: string): Certificate => {
  const file = (name: string): string => path.join(directory, name)
  const made = spawnSync(
    "openssl",
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost
      -addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext basicConstraints=critical,CA:FALSE
      -keyout ${file("key.pem")} -out ${file("cert.pem")}`.split(/\s+/),
    { encoding: "utf8" }
  )
  assert.strictEqual(made.status, 0, made.stderr)
  const printed = spawnSync("openssl", ["x509", "-in", file("cert.pem"), "-noout", "-fingerprint", "-sha256"], {
    encoding: "utf8"
  })
  return {
    cert: fs.readFileSync(file("cert.pem"), "utf8"),
    key: fs.readFileSync(file("key.pem"), "utf8"),
    certFile: file("cert.pem"),
    fingerprint: `SHA256:${/=(.*)/.exec(printed.stdout)![1]!}`
  }
}
