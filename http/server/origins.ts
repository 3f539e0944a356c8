/**
 * Web origins: what may be on the allow list, and whether a request comes from where it may come from. An origin is
 * compared as text, so both sides are brought to one spelling first.
 */
import { PoolError } from "../../src/PoolError.js"

/** `scheme://host[:port]` each, no duplicates, in the order given. Throws `Usage`. */
export const normalizeOrigins = (values: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(values.map(normalizeOrigin))
]

const normalizeOrigin = (value: string): string => {
  const text = value.trim()
  if (text === "") throw refused(value, "it is empty")
  if (text.includes("*")) throw refused(value, "a wildcard would open the server to every web page")
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw refused(value, "it is not a URL")
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused(value, "its scheme is not http or https")
  if (url.username !== "" || url.password !== "") throw refused(value, "it holds user information")
  if (!/^https?:\/\/[^/?#\\@]+\/?$/i.test(text)) throw refused(value, "it has a path, a query or a fragment")
  return url.origin
}

const refused = (value: string, why: string): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `${JSON.stringify(value)} is no origin for --cors-origin: ${why}`,
    hint: "Give scheme, host and port, such as https://example.org or http://localhost:5173."
  })

/** The host of a `Host` header, lower case, without its port; IPv6 without brackets. `undefined` when it is none. */
export const hostName = (header: string): string | undefined => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/\\@?#[\]]+))(?::\d{1,5})?$/i.exec(header)
  const name = match?.[1] ?? match?.[2]
  return name?.toLowerCase().replace(/\.$/, "")
}
