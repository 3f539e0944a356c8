/**
 * The socket: bound and ready when acquired; when released, streams end cleanly, what is being answered is finished, and
 * after a grace period the rest is cut. Bad bytes and slow handshakes cost their own connection, nobody else's.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import * as https from "node:https"
import type { AddressInfo, Socket } from "node:net"
import { PoolError } from "../../src/PoolError.js"
import type { ResolvedOptions, TlsOptions } from "../ServerOptions.js"
import type { Dispatch } from "./dispatch.js"
import * as Metrics from "./metrics.js"

export interface Listener {
  readonly host: string
  readonly port: number
  /** Another certificate, for connections to come. Throws when it cannot be used, and the old one stays. */
  readonly replaceCertificate: (tls: TlsOptions) => void
}

const maxHeaderBytes = 16 * 1024
const handshakeMillis = 10_000
/** How often connections are examined for requests that take too long. */
const checkMillis = 1000
/** How often a server that stops closes connections whose last answer is out. */
const sweepMillis = 20

export const listen = (
  options: ResolvedOptions,
  dispatch: Dispatch,
  /** Ends all streams. */
  endStreams: () => void
): Effect.Effect<Listener, PoolError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(Effect.try({ try: () => create(options), catch: tlsError }), (server) => {
      const connections = new Connections()
      server.on("connection", (socket: Socket) => connections.opened(socket))
      const serve = (expectsContinue: boolean) => (request: http.IncomingMessage, response: http.ServerResponse) => {
        // Node reads no further behind a wish for another protocol: what is lost there would wait for ever.
        if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
        connections.serve(request.socket, response, () => dispatch(request, response, expectsContinue))
      }
      server.on("request", serve(false))
      server.on("checkContinue", serve(true))
      server.on("checkExpectation", serve(false))
      server.on("connect", (_request: http.IncomingMessage, socket: Socket) =>
        answerBytes(socket, 405, "Method Not Allowed", "this server is no proxy")
      )
      server.on("clientError", refuseBytes)
      return Effect.map(bind(server, options), (address) => ({ server, connections, address }))
    }),
    ({ connections, server }) => stop(server, connections, options.shutdownMillis, endStreams)
  ).pipe(
    Effect.map(({ address, server }) => ({
      host: address.address,
      port: address.port,
      replaceCertificate: (tls) => {
        if (server instanceof https.Server) server.setSecureContext(secureContext(tls))
      }
    }))
  )

/**
 * Who is connected, and who of them waits for an answer. Node's own idea of idle leaves out who never said a word. Requests of
 * one connection are served one after the other: a page of them asks for more than anybody has memory to hold ready.
 */
class Connections {
  private readonly sockets = new Set<Socket>()
  /** With the requests that wait for the one before them. */
  private readonly busy = new Map<Socket, Array<() => void> | undefined>()

  opened(socket: Socket): void {
    this.sockets.add(socket)
    Metrics.set(Metrics.openConnections, this.sockets.size)
    socket.once("close", () => {
      this.sockets.delete(socket)
      Metrics.set(Metrics.openConnections, this.sockets.size)
    })
  }

  /** Dispatches, at once or in turn; what that returns is called when the response is over, or its client gone. */
  serve(socket: Socket, response: http.ServerResponse, dispatch: () => () => void): void {
    if (!this.busy.has(socket)) {
      this.busy.set(socket, undefined)
      this.begin(socket, response, dispatch)
      return
    }
    const inTurn = (): void => this.begin(socket, response, dispatch)
    const waiting = this.busy.get(socket)
    if (waiting === undefined) this.busy.set(socket, [inTurn])
    else waiting.push(inTurn)
  }

  private begin(socket: Socket, response: http.ServerResponse, dispatch: () => () => void): void {
    const onClosed = dispatch()
    // One listener for all who want to know, and not `once`, which is one more object and one more call: a response closes once.
    response.on("close", () => {
      onClosed()
      const next = this.busy.get(socket)?.shift()
      // Behind the last answer of a connection nothing is answered, so nothing is done either.
      if (next === undefined || socket.destroyed || socket.writableEnded) this.busy.delete(socket)
      else next()
    })
  }

  /** With TLS a request knows the socket above the one that was opened; both have the same peer. */
  closeIdle(): void {
    const busyPeers = new Set(Array.from(this.busy.keys(), peer))
    for (const socket of this.sockets) if (!busyPeers.has(peer(socket))) socket.destroy()
  }
}

const peer = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`

const create = (options: ResolvedOptions): http.Server | https.Server => {
  const settings: http.ServerOptions = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: options.headersTimeoutMillis,
    requestTimeout: options.requestTimeoutMillis,
    keepAliveTimeout: options.keepAliveMillis,
    connectionsCheckingInterval: checkMillis,
    noDelay: true,
    // Who names no host is refused with an envelope, like everybody else.
    requireHostHeader: false
  }
  const server =
    options.tls === undefined
      ? http.createServer(settings)
      : https.createServer({
          ...settings,
          ...secureContext(options.tls),
          handshakeTimeout: handshakeMillis,
          ALPNProtocols: ["http/1.1"]
        })
  server.maxConnections = options.maxConnections
  // Node leaves out headers beyond a number, and with them what a guard looks at. Their size is bounded anyway.
  server.maxHeadersCount = 0
  return server
}

const secureContext = (tls: TlsOptions) => ({ ...tls, minVersion: "TLSv1.2" }) as const

export const tlsError = (cause: unknown): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `the TLS certificate and key cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: "Both are PEM, and the key is that of the first certificate."
  })

const bind = (server: http.Server | https.Server, { host, port }: ResolvedOptions) =>
  Effect.async<AddressInfo, PoolError>((resume) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      resume(
        Effect.fail(
          new PoolError({
            reason: "Io",
            message: `cannot listen on ${host}:${port}: ${error.message}`,
            hint:
              error.code === "EADDRINUSE"
                ? "Something else listens there; stop it, or choose another port (0 is a free one)."
                : "Check the address and the port."
          })
        )
      )
    }
    server.once("error", onError)
    server.listen({ host, port }, () => {
      server.off("error", onError)
      // Running out of descriptors costs a connection, not the server.
      server.on("error", () => undefined)
      resume(Effect.succeed(server.address() as AddressInfo))
    })
  })

const stop = (
  server: http.Server | https.Server,
  connections: Connections,
  graceMillis: number,
  endStreams: () => void
): Effect.Effect<void> =>
  Effect.async((resume) => {
    const sweep = setInterval(() => connections.closeIdle(), sweepMillis)
    const cut = setTimeout(() => server.closeAllConnections(), graceMillis)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      resume(Effect.void)
    })
    endStreams()
    connections.closeIdle()
  })

const parserErrors: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "the request's head is too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "the request took too long to arrive"]
}

/** What is no HTTP gets an envelope all the same. */
const refuseBytes = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const [status, title, message] = parserErrors[error.code ?? ""] ?? [400, "Bad Request", "the request is not HTTP"]
  answerBytes(socket, status, title, message)
}

/** An envelope where there is no response to write it to. */
const answerBytes = (socket: Socket, status: number, title: string, message: string): void => {
  const body = JSON.stringify({ error: { kind: "Usage", message } })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/json\r\nplasmite-version: 0\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  )
  setTimeout(() => socket.destroy(), 1000).unref()
}
