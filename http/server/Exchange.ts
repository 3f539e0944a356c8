/**
 * One request and its one response. Every response leaves through here, so that each has the headers that all have. A
 * body is read only when a handler asks for it; what a refused client still sends is thrown away, within bounds.
 */
import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { PoolError } from "../../src/PoolError.js"
import type { ErrorEnvelope } from "../api/ApiError.js"
import * as MediaTypes from "../api/mediaTypes.js"
import type { TargetSite } from "./requestTarget.js"
import { parseRequestTarget } from "./requestTarget.js"
import type { Refusal } from "./wireError.js"
import { refuse, toRefusal } from "./wireError.js"

/** What a response needs to know of its server. */
export interface ExchangeContext {
  readonly maxBodyBytes: number
  readonly stalledWriterMillis: number
  readonly envelope: (error: PoolError) => ErrorEnvelope
  /** Headers of every response, names and values in turn. */
  readonly commonHeaders: ReadonlyArray<string>
}

/**
 * So much of a refused body is read, for so long, before the connection is cut: a client sees a reset, not the answer, when it
 * is cut while it still sends. Bodies somewhat beyond the usual limit end within these bounds.
 */
const drainBytes = 16 * 1024 * 1024
const drainMillis = 2000

export class Exchange {
  readonly path: string
  readonly query: string
  /** What the target names beside them, if it is a whole URL. */
  readonly site: TargetSite | undefined
  /** 0 until the response has begun. */
  status = 0
  responseBytes = 0
  private body: "unread" | "reading" | "read" = "unread"

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    private readonly context: ExchangeContext,
    /** The client waits for leave to send its body. */
    private readonly expectsContinue: boolean,
    private readonly corsHeaders: ReadonlyArray<string>
  ) {
    const { path, query, site } = parseRequestTarget(this.method, request.url ?? "/")
    this.path = path
    this.query = query
    this.site = site
  }

  get method(): string {
    return this.request.method ?? "GET"
  }

  /** The media type of the body, lower case, without parameters; `undefined` when the client names none. */
  get mediaType(): string | undefined {
    const header = this.request.headers["content-type"]
    if (header === undefined) return undefined
    const semicolon = header.indexOf(";")
    return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase()
  }

  /** The status line and all headers; the body is the caller's. */
  begin(status: number, headers: ReadonlyArray<string>, cacheControl = "no-store"): void {
    this.status = status
    const { commonHeaders } = this.context
    const all = [...headers, "cache-control", cacheControl, ...commonHeaders, ...this.corsHeaders]
    this.response.writeHead(status, all)
  }

  json(status: number, text: string, headers: ReadonlyArray<string> = []): void {
    this.text(status, MediaTypes.json, text, headers)
  }

  text(status: number, mediaType: string, text: string, headers: ReadonlyArray<string> = []): void {
    this.responseBytes = Buffer.byteLength(text)
    const own = ["content-type", mediaType, "content-length", String(this.responseBytes)]
    this.begin(status, headers.length === 0 ? own : own.concat(headers))
    const isAscii = this.responseBytes === text.length && text !== ""
    if (isAscii) this.end(() => this.sendAscii(text))
    else this.finish(text)
  }

  bytes(mediaType: string, bytes: Uint8Array, headers: ReadonlyArray<string> = []): void {
    this.responseBytes = bytes.length
    this.begin(200, ["content-type", mediaType, "content-length", String(bytes.length), ...headers])
    this.finish(bytes)
  }

  empty(status: number, headers: ReadonlyArray<string> = []): void {
    this.begin(status, [...headers, "content-length", "0"])
    this.finish("")
  }

  fail(error: unknown): void {
    if (this.status !== 0) return
    const refusal = toRefusal(error)
    this.json(refusal.status, JSON.stringify(this.context.envelope(refusal.error)), refusal.headers)
  }

  /** The whole body. Fails with 413 before more than the limit is held. */
  get readBody(): Effect.Effect<Buffer, Refusal> {
    return Effect.async((resume) => {
      const stop = this.receive(
        (bytes) => resume(Effect.succeed(bytes)),
        (refusal) => resume(Effect.fail(refusal))
      )
      return Effect.sync(stop)
    })
  }

  /** Calls either of the two, once, unless what it returns is called before. */
  receive(onBody: (bytes: Buffer) => void, onRefused: (refusal: Refusal) => void): () => void {
    const limit = this.context.maxBodyBytes
    const refuseLarge = (): void =>
      onRefused(
        refuse(413, `the body is larger than ${limit} bytes`, "Split it, or raise the server's --max-body-bytes.")
      )
    const { headers } = this.request
    if (Number(headers["content-length"] ?? 0) > limit) {
      refuseLarge()
      return () => undefined
    }
    const { "content-encoding": content = "identity", "transfer-encoding": transfer = "chunked" } = headers
    if (transfer.toLowerCase() !== "chunked") {
      // Where such a body ends, others may see otherwise.
      this.response.shouldKeepAlive = false
      onRefused(refuse(400, "the transfer coding of the body is not known", "It is chunked, or none."))
      return () => undefined
    }
    if (content !== "identity") {
      onRefused(refuse(415, "a body in a content coding is not taken", "Send it as it is, not compressed."))
      return () => undefined
    }
    let chunks: Array<Buffer> = []
    let length = 0
    // A request is read once: listeners that have nothing more to say stay, which costs less than to take them away.
    let stopped = false
    const { request } = this
    this.body = "reading"
    request.on("data", (chunk: Buffer) => {
      if (stopped) return
      length += chunk.length
      if (length <= limit) {
        chunks.push(chunk)
        return
      }
      stopped = true
      chunks = []
      this.body = "unread"
      refuseLarge()
    })
    request.on("end", () => {
      if (stopped) return
      this.body = "read"
      onBody(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
    })
    if (this.expectsContinue) this.response.writeContinue()
    return () => {
      stopped = true
      chunks = []
    }
  }

  /** The end of the response; a client that does not take it is cut off in time. */
  finish(content: string | Uint8Array): void {
    this.end(() => this.response.end(content))
  }

  private end(send: () => void): void {
    if (this.body !== "read") this.drain()
    send()
    if (this.response.writableLength > 0) this.watchStall()
  }

  /** Given to `end`, a body leaves as a gathering write of two pieces, which costs more than one piece with its head. */
  private sendAscii(text: string): void {
    const { response } = this
    const { socket } = response
    if (socket === null) {
      response.end(text)
      return
    }
    socket.cork()
    response.write(text, "latin1")
    socket.uncork()
    response.end()
  }

  /** A client that is still sending shall see the answer, and shall not send for ever. */
  private drain(): void {
    const { request } = this
    const { "content-length": length = "0", "transfer-encoding": coding } = request.headers
    if (request.complete || (length === "0" && coding === undefined)) return
    let seen = 0
    const timer = setTimeout(() => request.destroy(), drainMillis)
    request.on("data", (chunk: Buffer) => {
      seen += chunk.length
      if (seen > drainBytes) request.destroy()
    })
    request.once("close", () => clearTimeout(timer))
    request.once("end", () => clearTimeout(timer))
  }

  private watchStall(): void {
    const { response } = this
    const timer = setTimeout(() => response.destroy(), this.context.stalledWriterMillis)
    response.once("close", () => clearTimeout(timer))
    response.once("finish", () => clearTimeout(timer))
  }
}
