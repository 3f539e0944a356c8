/**
 * Pools over HTTP: a server over whatever `Pools` is provided. Runs while its scope is open; when that closes, streams end
 * cleanly and requests under way are answered.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import type * as Scope from "effect/Scope"
import { PoolError } from "../src/PoolError.js"
import { isPoolError } from "../src/PoolError.js"
import { Pools } from "../src/Pools.js"
import { makeDispatch } from "./server/dispatch.js"
import { listen, tlsError } from "./server/listen.js"
import { makeRequestLog } from "./server/requestLog.js"
import { ServerState } from "./server/ServerState.js"
import type { ServerOptions, ServerSecrets } from "./ServerOptions.js"
import { checkTokenText, resolveOptions } from "./ServerOptions.js"

/**
 * A running server.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunningServer {
  /** The address it is bound to. */
  readonly host: string
  /** The real one, also when 0 was asked for. */
  readonly port: number
  /** `http://127.0.0.1:9700`; the loopback address where it listens on all. */
  readonly url: string
  /**
   * Afterwards the given token and certificate count, for requests and connections to come; what is open stays open.
   * Fails with `Usage` for what cannot be used, and then nothing has changed. A server without token or TLS stays without.
   */
  readonly replaceSecrets: (secrets: ServerSecrets) => Effect.Effect<void, PoolError>
}

/**
 * @since 0.1.0
 * @category services
 */
export class PoolServer extends Context.Tag("effect-plasmite/http/PoolServer")<PoolServer, RunningServer>() {}

/**
 * Listens until the scope closes. Fails with `Usage` for options that make no sense, with `Io` when the address cannot be
 * had.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: ServerOptions = {}): Effect.Effect<RunningServer, PoolError, Pools | Scope.Scope> =>
  Effect.gen(function* () {
    const resolved = yield* Effect.try({
      try: () => resolveOptions(options),
      catch: (error) => (isPoolError(error) ? error : new PoolError({ reason: "Internal", message: String(error) }))
    })
    const pools = yield* Pools
    const somewhere = yield* pools.pathOf("pool")
    const state = new ServerState(resolved, pools, somewhere.slice(0, somewhere.lastIndexOf("/")))
    yield* Effect.addFinalizer(() => state.cache.closeAll)
    yield* Effect.forkScoped(state.cache.sweepForever)
    // Requests have counters of their own; those that Effect keeps for every fiber would cost more than a fiber does.
    // A request that fails is answered, which is how it is handled.
    const inherited = yield* Effect.withUnhandledErrorLogLevel(Effect.runtime(), Option.none())
    const runtime = Runtime.disableRuntimeFlag(inherited, RuntimeFlags.RuntimeMetrics)
    const runFork = Runtime.runFork(runtime)
    const dispatch = makeDispatch(state, runFork, makeRequestLog(resolved.logRequests, runFork), yield* Effect.clock)
    const { host, port, replaceCertificate } = yield* listen(resolved, dispatch, () => {
      state.stopping = true
      for (const stream of state.streams) stream.end()
    })
    const scheme = resolved.tls === undefined ? "http" : "https"
    const replaceSecrets = ({ tls, token }: ServerSecrets): Effect.Effect<void, PoolError> =>
      Effect.try({
        try: () => {
          if (token !== undefined) checkTokenText(token)
          if (tls !== undefined) replaceCertificate(tls)
          if (token !== undefined) state.replaceToken(token)
        },
        catch: (error) => (isPoolError(error) ? error : tlsError(error))
      })
    return { host, port, url: `${scheme}://${authority(host, port)}`, replaceSecrets }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: ServerOptions = {}): Layer.Layer<PoolServer, PoolError, Pools> =>
  Layer.scoped(PoolServer, make(options))

const authority = (host: string, port: number): string => {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host
  return reachable.includes(":") ? `[${reachable}]:${port}` : `${reachable}:${port}`
}
