/**
 * What a client must know to reach a server, checked before any connection is made.
 *
 * @since 0.1.0
 */
import { baseUrl } from "../../src/internal/serverAddress.js"
import { PoolError } from "../../src/PoolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface RemoteTls {
  /** PEM; replaces the roots of the system. */
  readonly ca?: string
  /** `SHA256:AB:CD:…`: exactly this certificate and no other, whoever signed it. */
  readonly fingerprint?: string
  /** Any certificate. Who listens in between can read and change everything. */
  readonly skipVerify?: boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface RemoteOptions {
  /** `http://host:9700`, without a path. */
  readonly url: string
  /** Sent to this server only. */
  readonly token?: string
  readonly tls?: RemoteTls
  /** Default: 10 seconds. */
  readonly connectTimeoutMillis?: number
  /**
   * What a tail does when the connection is lost or the server is busy. `true` (default) comes back, with growing pauses,
   * and goes on behind the last message; `false` fails with `Io` or `Busy`. An append with a key whose answer was lost is
   * likewise made again, for some seconds.
   */
  readonly reconnect?: boolean
  /** Called once when the server says that it speaks another version of the protocol than 0. */
  readonly onOtherVersion?: (version: string) => void
}

/** The base of all addresses, without a slash at the end. Throws `Usage`. */
export const parseBaseUrl = (text: string): URL => baseUrl(text, (address) => new URL(address))

/** The certificate's digest as hexadecimal pairs. Throws `Usage`. */
export const parseFingerprint = (text: string): string => {
  const match = /^SHA256:((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/i.exec(text.trim())
  if (match !== null) return match[1]!.toUpperCase()
  throw new PoolError({
    reason: "Usage",
    message: `${JSON.stringify(text)} is no fingerprint of a certificate`,
    hint: "It is SHA256: and 32 pairs of hexadecimal digits joined by colons, as the server prints it."
  })
}
