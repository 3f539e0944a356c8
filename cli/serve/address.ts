/**
 * Where a server listens and by which names it is reached: the BIND grammar, what counts as loopback, and the addresses of
 * this machine. An address is kept in one spelling, so that texts can be compared.
 */
import { isIP } from "node:net"
import { hostname, networkInterfaces } from "node:os"
import type { PoolError } from "../../src/PoolError.js"
import { usageError } from "../usageError.js"
import { quoted } from "../usageText.js"

export interface Bind {
  /** An IP address; IPv6 without brackets, in its shortest spelling. */
  readonly host: string
  readonly port: number
}

const largestPort = 65_535

/** BIND: throws `Usage`. */
export const parseBind = (text: string, words: ReadonlyArray<string>): Bind => {
  const [, v6, other, digits = ""] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits !== "" && port <= largestPort) {
    if (v6 !== undefined && isIP(v6) === 6) return { host: shortest(v6), port }
    if (other === "localhost") return { host: "127.0.0.1", port }
    if (other !== undefined && isIP(other) === 4) return { host: other, port }
  }
  throw invalidBind(text, words)
}

const invalidBind = (text: string, words: ReadonlyArray<string>): PoolError =>
  usageError(
    words,
    `invalid bind address ${quoted(text)}`,
    "Write host:port with an IP address, such as 127.0.0.1:9700, [::1]:9700 or localhost:9700"
  )

/** A zone, which URLs do not know, keeps an address as it was typed. */
const shortest = (v6: string): string => (v6.includes("%") ? v6 : new URL(`http://[${v6}]`).hostname.slice(1, -1))

export const isWildcard = (host: string): boolean => host === "0.0.0.0" || host === "::"

export const isLoopback = (host: string): boolean => host === "::1" || host.startsWith("127.")

/** `127.0.0.1:9700`, `[::1]:9700`. */
export const authority = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

/** The address by which this machine itself reaches a server that listens there. */
export const localHost = (host: string): string => (host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host)

export const scopeText = ({ host }: Bind): string =>
  isLoopback(host) ? "loopback only" : isWildcard(host) ? "all interfaces" : "network reachable"

/** The addresses by which other machines may know this one, IPv4 first, those good on one link only last. */
export const networkAddresses = (): ReadonlyArray<string> => {
  const addresses = Object.values(networkInterfaces()).flatMap((entries = []) =>
    entries.filter(({ internal }) => !internal).map(({ address }) => address.replace(/%.*$/, ""))
  )
  const rank = (address: string): number => (isIP(address) === 4 ? 0 : /^fe[89ab]/i.test(address) ? 2 : 1)
  return [...new Set(addresses)].sort((left, right) => rank(left) - rank(right))
}

/** The address to show to other machines. Where nothing but loopback is there, nobody else can come anyway. */
export const reachableHost = ({ host }: Bind): string =>
  isWildcard(host) ? (networkAddresses()[0] ?? localHost(host)) : host

const dnsName =
  /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i

/** Whether a certificate can be made for it: an IP address, or a name of DNS. */
export const isCertifiable = (name: string): boolean => isIP(name) !== 0 || dnsName.test(name)

/** Every name and address that a certificate for this server should hold, the expected ones first. */
export const certificateNames = ({ host }: Bind, sans: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = hostname()
  const addresses = isWildcard(host) ? networkAddresses() : [host.replace(/%.*$/, "")]
  const names = ["localhost", "127.0.0.1", "::1", ...addresses, own, `${own}.local`, ...sans]
  return [...new Set(names)].filter(isCertifiable)
}
