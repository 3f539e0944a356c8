/**
 * Which pages of other origins may read the answers. Without a list no header is ever sent, and a browser keeps pages
 * out by itself.
 */
import type { IncomingMessage } from "node:http"
import { headerList } from "./headerList.js"

export interface Cors {
  /** Headers of every response, names and values in turn. */
  readonly headers: (origin: string | undefined) => ReadonlyArray<string>
  readonly isPreflight: (request: IncomingMessage) => boolean
  readonly preflightHeaders: (origin: string | undefined) => ReadonlyArray<string>
}

const none: ReadonlyArray<string> = []
const vary = headerList({ vary: "origin, access-control-request-method, access-control-request-headers" })
const preflight = headerList({
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-allow-headers":
    "authorization, content-type, accept, last-event-id, mcp-protocol-version, mcp-session-id",
  "access-control-max-age": "600"
})
const allowed = headerList({
  "access-control-expose-headers": "plasmite-version, plasmite-seq, plasmite-time, plasmite-features"
})

export const makeCors = (origins: ReadonlyArray<string>): Cors => {
  if (origins.length === 0) return { headers: () => none, isPreflight: () => false, preflightHeaders: () => none }
  const listed = new Set(origins)
  return {
    headers: (origin) =>
      origin === undefined || !listed.has(origin) ? vary : [...vary, ...allowed, "access-control-allow-origin", origin],
    isPreflight: ({ headers }) => headers.origin !== undefined,
    preflightHeaders: (origin) => (origin !== undefined && listed.has(origin) ? preflight : none)
  }
}
