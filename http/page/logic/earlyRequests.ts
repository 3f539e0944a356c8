/**
 * What the page will ask first, told from its address alone: a small script at the top of the document asks it while the
 * rest of the document is still being read. Whatever is uncertain is not asked here but later, by the page itself.
 */
import { poolRoute } from "./routes.js"
import { takeToken } from "./tokenFromUrl.js"
import { readView } from "./viewState.js"

/** Who may read, as the server writes it into the document; the empty text: nobody. */
export type Readers = "anyone" | "token" | ""

export interface StoredToken {
  readonly token: string
  /** The server has taken it before. */
  readonly wasAccepted: boolean
}

export interface EarlyRequests {
  /** Undefined: without one. */
  readonly token: string | undefined
  readonly paths: ReadonlyArray<string>
}

/** How many messages a fresh stream begins with. */
export const firstMessages = 200

export const serverRoute = "/v0/server"
export const poolsRoute = "/v0/ui/pools"

/** Undefined when nothing can be asked with certainty: a token is missing, or not known to be right, or still in the address. */
export const earlyRequests = (
  href: string,
  readers: string | undefined,
  stored: StoredToken | undefined
): EarlyRequests | undefined => {
  if (readers !== "anyone" && readers !== "token") return undefined
  if (stored === undefined ? readers === "token" : !stored.wasAccepted) return undefined
  if (takeToken(href).href !== href) return undefined
  return { token: stored?.token, paths: [serverRoute, ...firstLook(href)] }
}

const firstLook = (href: string): ReadonlyArray<string> => {
  const { from, pool, seq, tags, until, where } = readView(href)
  if (pool === undefined) return [poolsRoute]
  // Such a view begins with a page of history, or with a filter that the server may not run.
  if (seq !== undefined || from !== undefined || until !== undefined || where.length > 0) return []
  return [eventsRoute(pool, new URLSearchParams([...tags.map((tag) => ["tag", tag]), ["last", String(firstMessages)]]))]
}

export const eventsRoute = (pool: string, query: URLSearchParams): string =>
  poolRoute(pool, `/events?${query}`, "/v0/ui/pools/")
