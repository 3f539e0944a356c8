/**
 * What a server may be told, with its defaults; checked once, before anything listens. Names of options in messages
 * are those of `pls serve`.
 *
 * @since 0.1.0
 */
import { PoolError } from "../src/PoolError.js"
import { normalizeOrigins } from "./server/origins.js"

/**
 * @since 0.1.0
 * @category models
 */
export type AccessMode = "read-only" | "write-only" | "read-write"

/**
 * Bounds on what clients can make the server hold. Times are in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerLimits {
  /** Of one request. */
  readonly maxBodyBytes: number
  /** The longest life of a tail, and how long it lives when the client does not say. */
  readonly maxTailTimeoutMillis: number
  /** Open tails, and apart from them requests that are waiting for a pool. */
  readonly maxTailConcurrency: number
  /** Size of a pool created by a client. */
  readonly maxPoolBytes: number
  /** Pools that the directory may have when a client creates one. */
  readonly maxPools: number
  readonly maxConnections: number
  readonly headersTimeoutMillis: number
  /** From the first byte of a request to the last. */
  readonly requestTimeoutMillis: number
  /** A client that takes nothing for so long is disconnected. */
  readonly stalledWriterMillis: number
  /** An idle connection is kept so long. Upstream's clients need at least 75 seconds. */
  readonly keepAliveMillis: number
  /** How often an idle tail shows a sign of life. */
  readonly heartbeatMillis: number
  /** After this the connections that are left are cut when the server stops. */
  readonly shutdownMillis: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TlsOptions {
  /** PEM; the first certificate is the server's own. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

/**
 * What a running server can be given anew, without losing a connection.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerSecrets {
  /** From the next request on. */
  readonly token?: string
  /** From the next connection on. */
  readonly tls?: TlsOptions
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ServerOptions extends Partial<ServerLimits> {
  /** Default: 127.0.0.1. */
  readonly host?: string
  /** Default: 9700. 0 is a free one. */
  readonly port?: number
  /** Without a token everybody who reaches the server may use it. */
  readonly token?: string
  /** Default: `read-write`. */
  readonly access?: AccessMode
  /** Web origins whose pages may use the server. */
  readonly corsOrigins?: ReadonlyArray<string>
  /** Names under which the server may be addressed, besides this machine's own, when there is no token. */
  readonly allowHosts?: ReadonlyArray<string>
  readonly tls?: TlsOptions
  /** Whether clients may send jq filters. Default: true. */
  readonly serverWhere?: boolean
  /** Which requests become log lines. Default: those that failed on the server's side. */
  readonly logRequests?: "all" | "failed" | "none"
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ResolvedOptions extends ServerLimits {
  readonly host: string
  readonly port: number
  readonly token: string | undefined
  readonly access: AccessMode
  readonly corsOrigins: ReadonlyArray<string>
  readonly allowHosts: ReadonlyArray<string>
  readonly tls: TlsOptions | undefined
  readonly serverWhere: boolean
  readonly logRequests: "all" | "failed" | "none"
}

/**
 * @since 0.1.0
 * @category constants
 */
export const defaultLimits: ServerLimits = {
  maxBodyBytes: 1024 * 1024,
  maxTailTimeoutMillis: 30_000,
  maxTailConcurrency: 64,
  maxPoolBytes: 1024 * 1024 * 1024,
  maxPools: 1000,
  maxConnections: 1024,
  headersTimeoutMillis: 10_000,
  requestTimeoutMillis: 30_000,
  stalledWriterMillis: 30_000,
  keepAliveMillis: 90_000,
  heartbeatMillis: 15_000,
  shutdownMillis: 5000
}

/**
 * The address that is used when none is given.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultAddress = { host: "127.0.0.1", port: 9700 } as const

/** The options that a client of `pls serve` knows by another name. */
const flags: ReadonlyArray<readonly [keyof ServerLimits, string]> = [
  ["maxBodyBytes", "--max-body-bytes"],
  ["maxTailTimeoutMillis", "--max-tail-timeout-ms"],
  ["maxTailConcurrency", "--max-tail-concurrency"],
  ["maxPoolBytes", "--max-pool-bytes"],
  ["maxPools", "--max-pools"]
]

/**
 * The options with everything filled in. Throws a `PoolError` (`Usage`) that names the one that makes no sense.
 *
 * @since 0.1.0
 * @category conversions
 */
export const resolveOptions = (options: ServerOptions): ResolvedOptions => {
  const corsOrigins = normalizeOrigins(options.corsOrigins ?? [])
  const {
    access,
    allowHosts,
    corsOrigins: _given,
    host,
    logRequests,
    port,
    serverWhere,
    tls,
    token,
    ...limits
  } = options
  const resolved: ResolvedOptions = {
    ...defaultLimits,
    ...limits,
    host: host ?? defaultAddress.host,
    port: port ?? defaultAddress.port,
    token,
    access: access ?? "read-write",
    corsOrigins,
    allowHosts: allowHosts ?? [],
    tls,
    serverWhere: serverWhere ?? true,
    logRequests: logRequests ?? "failed"
  }
  for (const name of Object.keys(defaultLimits) as Array<keyof ServerLimits>) {
    if (!Number.isSafeInteger(resolved[name]) || resolved[name] < 1) {
      const flag = flags.find(([limit]) => limit === name)?.[1] ?? name
      throw refuse(`${flag} must be a whole number from 1 up, not ${resolved[name]}`, `Give ${flag} a positive number.`)
    }
    // A timer that is told more than it can count fires at once.
    if (name.endsWith("Millis") && resolved[name] > longestTimerMillis) {
      const flag = flags.find(([limit]) => limit === name)?.[1] ?? name
      throw refuse(`${flag} is more than a timer can wait`, `Give ${flag} at most ${longestTimerMillis} (24 days).`)
    }
  }
  if (token !== undefined) checkTokenText(token)
  return resolved
}

const longestTimerMillis = 2 ** 31 - 1

/** Throws `Usage` for a token that a header cannot carry, or that is blank: it would lock everybody out, or nobody. */
export const checkTokenText = (token: string): void => {
  if (/^[\x21-\x7e]+$/.test(token)) return
  throw refuse(
    "the token is empty or holds blanks, control or non-ASCII characters",
    "Use a token of letters and digits, such as `openssl rand -hex 32` prints."
  )
}

const refuse = (message: string, hint: string): PoolError => new PoolError({ reason: "Usage", message, hint })
