/**
 * Requests to one server: connections that are kept, a token that goes nowhere else, no redirects. With a pinned
 * certificate nothing is sent before it was seen.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import * as https from "node:https"
import type { Duplex } from "node:stream"
import * as tls from "node:tls"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import { connectionError } from "../../src/internal/serverAddress.js"
import * as MediaTypes from "../api/mediaTypes.js"
import { errorOfAnswer, parse, unexpectedAnswer } from "./peerError.js"
import type { RemoteOptions, RemoteTls } from "./remoteOptions.js"
import { parseBaseUrl, parseFingerprint } from "./remoteOptions.js"

export interface WireAnswer {
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface WireRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** Encoded, with its query. */
  readonly target: string
  readonly body?: string | Uint8Array
  readonly mediaType?: string
  /** What a failure is about. */
  readonly about: string
  /** What to say when the request went out and no whole answer came back: it may have been carried out, or not. */
  readonly unanswered?: (why: string) => PoolError
}

const maxAnswerBytes = 512 * 1024 * 1024
/** Below what servers keep idle connections for, so that they are not found closed. */
const keptIdleMillis = 50_000
const probeMillis = 15_000

/** Requests to one server, until the scope closes. Fails with `Usage` for a URL or a fingerprint that is none. */
export const openWire = (options: RemoteOptions): Effect.Effect<Wire, PoolError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => new Wire(options),
      catch: (error) => (isPoolError(error) ? error : new PoolError({ reason: "Internal", message: String(error) }))
    }),
    (opened) => Effect.sync(() => opened.close())
  )

export class Wire {
  readonly url: URL
  /** What the server can do beyond upstream's; `undefined` before its first answer. */
  features: ReadonlySet<string> | undefined
  private readonly agent: http.Agent
  private readonly headers: Readonly<Record<string, string>>
  private readonly connectTimeoutMillis: number
  private readonly onOtherVersion: (version: string) => void
  private isVersionKnown = false

  /** Throws `Usage`. */
  constructor(options: RemoteOptions) {
    this.url = parseBaseUrl(options.url)
    const settings = { keepAlive: true, timeout: keptIdleMillis }
    this.agent =
      this.url.protocol === "http:" ? new http.Agent(settings) : makeTlsAgent(settings, options.tls ?? {}, this.url)
    this.headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }
    this.connectTimeoutMillis = options.connectTimeoutMillis ?? 10_000
    this.onOtherVersion = options.onOtherVersion ?? (() => {})
  }

  close(): void {
    this.agent.destroy()
  }

  /** The whole answer. Fails with what the server says, and with `Io` when it says nothing. */
  exchange(request: WireRequest): Effect.Effect<WireAnswer, PoolError> {
    return Effect.async((resume) => {
      const outgoing = this.send(
        request,
        (incoming) => {
          const chunks: Array<Buffer> = []
          let length = 0
          incoming.on("data", (chunk: Buffer) => {
            length += chunk.length
            if (length > maxAnswerBytes) incoming.destroy(new Error("the answer has no end"))
            else chunks.push(chunk)
          })
          incoming.on("error", (error) => resume(Effect.fail(this.noAnswer(request, error, true))))
          incoming.on("end", () => {
            const body = Buffer.concat(chunks, length)
            const status = incoming.statusCode ?? 0
            resume(
              status === 200
                ? Effect.succeed({ headers: incoming.headers, body })
                : Effect.fail(errorOfAnswer(status, body.toString("utf8"), request.about))
            )
          })
        },
        (error, wasSent) => resume(Effect.fail(this.noAnswer(request, error, wasSent)))
      )
      return Effect.sync(() => outgoing.destroy())
    })
  }

  /** The answer as JSON. */
  json(request: WireRequest): Effect.Effect<unknown, PoolError> {
    return Effect.flatMap(this.exchange(request), ({ body }) => {
      const value = parse(body.toString("utf8"))
      return value === undefined ? Effect.fail(unexpectedAnswer("it is not JSON")) : Effect.succeed(value)
    })
  }

  /** A stream that has begun; the connection is closed with the scope. */
  stream(target: string, about: string): Effect.Effect<http.IncomingMessage, PoolError, Scope.Scope> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(this.begin(target, about)), (incoming) =>
        Effect.addFinalizer(() => Effect.sync(() => incoming.destroy()))
      )
    )
  }

  private begin(target: string, about: string): Effect.Effect<http.IncomingMessage, PoolError> {
    return Effect.async<http.IncomingMessage, PoolError>((resume) => {
      const outgoing = this.send(
        { method: "GET", target, about },
        (incoming) => {
          const status = incoming.statusCode ?? 0
          if (status === 200) return resume(Effect.succeed(incoming))
          const chunks: Array<Buffer> = []
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
          incoming.on("error", (error) => resume(Effect.fail(connectionError(this.url, error))))
          incoming.on("end", () =>
            resume(Effect.fail(errorOfAnswer(status, Buffer.concat(chunks).toString("utf8"), about)))
          )
        },
        (error) => resume(Effect.fail(connectionError(this.url, error)))
      )
      return Effect.sync(() => outgoing.destroy())
    })
  }

  private noAnswer({ unanswered }: WireRequest, error: Error, wasSent: boolean): PoolError {
    return wasSent && unanswered !== undefined ? unanswered(error.message) : connectionError(this.url, error)
  }

  private send(
    { body, mediaType = MediaTypes.json, method, target }: WireRequest,
    onAnswer: (incoming: http.IncomingMessage) => void,
    onFailure: (error: Error, wasSent: boolean) => void
  ): http.ClientRequest {
    const { url } = this
    const outgoing = (url.protocol === "http:" ? http : https).request({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port),
      path: target,
      method,
      agent: this.agent,
      headers: {
        ...this.headers,
        ...(body === undefined ? {} : { "content-type": mediaType, "content-length": Buffer.byteLength(body) })
      }
    })
    // From here on the server may see something of the request, and do what it asks for.
    let wasSent = false
    const slow = setTimeout(
      () => outgoing.destroy(new Error(`ETIMEDOUT: no connection within ${this.connectTimeoutMillis} ms`)),
      this.connectTimeoutMillis
    )
    const connected = (): void => {
      wasSent = true
      clearTimeout(slow)
    }
    outgoing.on("socket", (socket) => {
      socket.setKeepAlive(true, probeMillis)
      if (!socket.connecting) connected()
      else socket.once(url.protocol === "http:" ? "connect" : "secureConnect", connected)
    })
    outgoing.on("close", () => clearTimeout(slow))
    outgoing.on("error", (error) => onFailure(error, wasSent))
    outgoing.on("response", (incoming) => {
      connected()
      this.checkVersion(incoming)
      const features = incoming.headers["plasmite-features"]
      this.features = new Set(typeof features === "string" ? features.split(" ") : [])
      onAnswer(incoming)
    })
    outgoing.end(body)
    return outgoing
  }

  /** Failures may come from anything that stands in between. */
  private checkVersion({ headers, statusCode }: http.IncomingMessage): void {
    const version = headers["plasmite-version"]
    if (this.isVersionKnown || statusCode !== 200 || typeof version !== "string") return
    this.isVersionKnown = true
    if (version !== "0") this.onOtherVersion(version)
  }
}

const makeTlsAgent = (settings: https.AgentOptions, trust: RemoteTls, url: URL): https.Agent => {
  if (trust.fingerprint !== undefined) return new PinnedAgent(settings, parseFingerprint(trust.fingerprint), url.origin)
  return new https.Agent({
    ...settings,
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    ...(trust.skipVerify === true ? { rejectUnauthorized: false } : {})
  })
}

/** Hands a connection over only when the server has shown the one certificate it must have. */
class PinnedAgent extends https.Agent {
  constructor(
    settings: https.AgentOptions,
    private readonly fingerprint: string,
    private readonly origin: string
  ) {
    super(settings)
  }

  override createConnection(
    options: tls.ConnectionOptions,
    done: (error: Error | null, socket?: Duplex) => void
  ): undefined {
    const socket = tls.connect({ ...options, rejectUnauthorized: false })
    const failed = (error: Error): void => done(error)
    socket.once("error", failed)
    socket.once("secureConnect", () => {
      socket.off("error", failed)
      const seen = socket.getPeerCertificate().fingerprint256
      if (seen === this.fingerprint) return done(null, socket)
      socket.destroy()
      done(new Error(`${this.origin} shows another certificate: SHA256:${seen}`))
    })
  }
}
