/**
 * Protection against web pages, where there is no token: a page that rebinds its own name to this machine is known by
 * the `Host` it sends, a page that posts across sites by its `Origin`. A token makes both harmless, since a hostile
 * page cannot know it.
 */
import { isIP } from "node:net"
import { hostname } from "node:os"
import { hostName } from "./origins.js"

export interface HostGuard {
  readonly allowsHost: (host: string | undefined) => boolean
  /** Whether a request that changes something may come from this origin. */
  readonly allowsOrigin: (origin: string | undefined, host: string | undefined) => boolean
}

export const makeHostGuard = (options: {
  readonly allowHosts: ReadonlyArray<string>
  readonly corsOrigins: ReadonlyArray<string>
  readonly scheme: "http" | "https"
}): HostGuard => {
  const own = hostname().toLowerCase()
  const names = new Set(["localhost", own, `${own}.local`, ...options.allowHosts.map((host) => host.toLowerCase())])
  const verdicts = new Map<string, boolean>()
  const judge = (host: string): boolean => {
    const name = hostName(host)
    return name !== undefined && (isIP(name) !== 0 || names.has(name) || name.endsWith(".localhost"))
  }
  return {
    // HTTP/1.0 knows no Host; no browser speaks it.
    allowsHost: (host) => {
      if (host === undefined) return true
      const known = verdicts.get(host)
      if (known !== undefined) return known
      const verdict = judge(host)
      if (verdicts.size < 64) verdicts.set(host, verdict)
      return verdict
    },
    allowsOrigin: (origin, host) =>
      origin === undefined || origin === `${options.scheme}://${host ?? ""}` || options.corsOrigins.includes(origin)
  }
}
