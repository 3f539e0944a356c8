/**
 * From a request to its handler, past all checks: host, token, route, access mode, origin, in this order, before anything
 * of a query or a body is looked at. Each request is one fiber, interrupted when its client goes away; the hot ones
 * among them, appends of one message, share one, or do without where pool and lock are free.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { IncomingMessage, ServerResponse } from "node:http"
import { PoolError } from "../../src/PoolError.js"
import { AppendGroups } from "../handlers/appendGroups.js"
import { makeHandlers } from "../handlers/index.js"
import { appendSingle, isSingleAppend } from "../handlers/messageHandlers.js"
import { makeCors } from "./cors.js"
import type { ExchangeContext } from "./Exchange.js"
import { Exchange } from "./Exchange.js"
import { headerList } from "./headerList.js"
import { makeHostGuard } from "./hostGuard.js"
import type { RequestLog } from "./requestLog.js"
import { siteProblem } from "./requestTarget.js"
import type { Route } from "./routes.js"
import { matchRoute } from "./routes.js"
import type { ServerState } from "./ServerState.js"
import { forbid, Refusal, refuse } from "./wireError.js"

/** Begins to answer. Returns what to call when the response is over, or its client gone. */
export type Dispatch = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => () => void

interface AdmittedRequest {
  readonly route: Route
  readonly parameters: ReadonlyArray<string>
}

export const makeDispatch = (
  state: ServerState,
  runFork: (effect: Effect.Effect<void, PoolError | Refusal>) => Fiber.RuntimeFiber<void, PoolError | Refusal>,
  log: RequestLog,
  clock: Clock.Clock
): Dispatch => {
  const { options } = state
  const handlers = makeHandlers(state)
  const appendOne = appendSingle(new AppendGroups(state, runFork, log.defect, clock))
  const cors = makeCors(options.corsOrigins)
  const scheme = options.tls === undefined ? "http" : "https"
  const guard = makeHostGuard({ ...options, scheme })
  const context: ExchangeContext = {
    maxBodyBytes: options.maxBodyBytes,
    stalledWriterMillis: options.stalledWriterMillis,
    envelope: state.envelope,
    commonHeaders: headerList({
      "plasmite-version": "0",
      "plasmite-features": state.features.join(" "),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer"
    })
  }

  /** The route and its parameters, or the answer was given. Throws what refuses the request. */
  const admit = (exchange: Exchange): AdmittedRequest | undefined => {
    const { method, path, request, site } = exchange
    const { checkToken } = state
    const { expect, origin } = request.headers
    if (!namesOneHost(request)) throw refuse(400, "a request names its host, once", "Send the header host.")
    const problem = site === undefined ? undefined : siteProblem(site, request.headers.host, scheme)
    if (problem !== undefined) throw problem
    const host = site === undefined ? request.headers.host : site.authority
    if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
      throw refuse(417, "this expectation is not known", "It is 100-continue, or none.")
    }
    if (checkToken === undefined && !guard.allowsHost(host)) {
      throw forbid(
        `forbidden: this server does not answer to the name ${JSON.stringify(host)}`,
        "Use its address, set a token, or allow the name with --allow-host."
      )
    }
    if (method === "OPTIONS" && cors.isPreflight(request)) {
      exchange.empty(204, cors.preflightHeaders(origin))
      return undefined
    }
    const match = matchRoute(method, path)
    const isOpen = match._tag === "Found" ? match.route.access === "open" : !/^\/(v0|mcp)(\/|$)/.test(path)
    if (checkToken !== undefined && !isOpen) requireToken(checkToken(request))
    if (match._tag === "Unknown") throw noSuchRoute(path)
    if (match._tag === "OtherMethods") {
      throw refuse(405, `${method} is not possible here`, `Possible: ${match.allow.join(", ")}.`, [
        "allow",
        match.allow.join(", ")
      ])
    }
    requireAccess(options.access, match.route)
    const changes = method !== "GET" && method !== "HEAD"
    if (changes && checkToken === undefined && !guard.allowsOrigin(origin, host)) {
      throw forbid(
        `forbidden: the page ${JSON.stringify(origin)} may not change anything here`,
        "Allow its origin with --cors-origin, or set a token."
      )
    }
    return match
  }

  /** Begins to answer. Returns what to call when the client goes away before the end. Throws what refuses the request. */
  const serve = (exchange: Exchange, { parameters, route }: AdmittedRequest): (() => void) => {
    if (route.name === "append" && isSingleAppend(exchange)) return appendOne(exchange, parameters)
    const fiber = runFork(handlers[route.name](exchange, parameters))
    let finished = false
    fiber.addObserver((exit) => {
      finished = true
      if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return
      const failure = Cause.failureOption(exit.cause)
      if (failure._tag === "None") log.defect(exchange, exit.cause)
      if (exchange.status === 0) exchange.fail(failure._tag === "Some" ? failure.value : undefined)
      else exchange.response.destroy()
    })
    return () => {
      if (!finished) fiber.unsafeInterruptAsFork(fiber.id())
    }
  }

  return (request, response, expectsContinue) => {
    const startedAt = performance.now()
    const exchange = new Exchange(request, response, context, expectsContinue, cors.headers(request.headers.origin))
    let name = "none"
    let leave: (() => void) | undefined
    try {
      const admitted = admit(exchange)
      if (admitted !== undefined) {
        name = admitted.route.name
        leave = serve(exchange, admitted)
      }
    } catch (error) {
      exchange.fail(error)
    }
    return () => {
      leave?.()
      log.answered(exchange, name, performance.now() - startedAt)
    }
  }
}

/** Node keeps the first of several; whoever stands before this server may have looked at another. HTTP/1.0 knows none. */
const namesOneHost = ({ httpVersion, rawHeaders }: IncomingMessage): boolean => {
  let found = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length === 4 && name.toLowerCase() === "host") found++
  }
  return found === 1 || (found === 0 && httpVersion !== "1.1")
}

const requireToken = (verdict: "accepted" | "missing" | "wrong"): void => {
  if (verdict === "accepted") return
  throw new Refusal(
    new PoolError({
      reason: "Permission",
      message: verdict === "missing" ? "missing bearer token" : "invalid bearer token",
      hint:
        verdict === "missing"
          ? "Send the header authorization: Bearer TOKEN; with pls, use --token-file."
          : "It is not the token of this server: compare it with the file that --token-file of the server names."
    }),
    401,
    ["www-authenticate", "Bearer"]
  )
}

const noSuchRoute = (path: string): Refusal =>
  new Refusal(
    new PoolError({
      reason: "NotFound",
      message: `there is no ${path.slice(0, 100)} here`,
      hint: "GET /openapi.json describes what there is."
    })
  )

const requireAccess = (mode: string, { access }: Route): void => {
  if (mode === "read-only" && access === "write") {
    throw forbid("forbidden: this server does not allow writes", "It was started with --access read-only.")
  }
  if (mode === "write-only" && access === "read") {
    throw forbid("forbidden: this server does not allow reads", "It was started with --access write-only.")
  }
}
