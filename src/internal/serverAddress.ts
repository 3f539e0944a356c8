/**
 * Addresses of servers, and what it means when nobody answers there: the same for every client, whatever it makes its
 * requests with. Parsing is the platform's.
 */
import { PoolError } from "../PoolError.js"

/** What a platform's `URL` has. */
export interface ParsedAddress {
  readonly origin: string
  readonly port: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly pathname: string
  search: string
  hash: string
}

/** The base of all addresses, without a slash at the end. Throws `Usage`; `parse` throws for what is no URL. */
export const baseUrl = <Address extends ParsedAddress>(text: string, parse: (text: string) => Address): Address => {
  let url: Address
  try {
    url = parse(text)
  } catch {
    throw refused(`${JSON.stringify(text)} is not a URL`)
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused(`${text} is not an http or https URL`)
  // Not repeated: it holds a secret.
  if (url.username !== "" || url.password !== "") throw refused("the server's URL holds user information")
  if (url.pathname !== "/") throw refused(`the server's URL has a path: ${url.pathname}`)
  url.search = ""
  url.hash = ""
  return url
}

const refused = (message: string): PoolError =>
  new PoolError({ reason: "Usage", message, hint: "Give scheme, host and port, such as http://127.0.0.1:9700." })

/** Why there was no answer at all; `code` is the system's, or that of the TLS library. */
export const connectionError = (
  url: ParsedAddress,
  { code, message }: { readonly code?: string | undefined; readonly message: string }
): PoolError =>
  new PoolError({
    reason: "Io",
    message: `cannot reach ${url.origin}: ${message || String(code)}`,
    hint: connectionHint(url, code),
    causes: [message]
  })

const connectionHint = (url: ParsedAddress, code: string | undefined): string => {
  if (code === "ECONNREFUSED" && url.port === "")
    return "Nothing listens there. A server's usual port is 9700: add :9700."
  if (code === "ECONNREFUSED") return "Nothing listens there. Is the server running, and is the port right?"
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return "The certificate is for other names: use one of them, make it anew with `plasmite serve init --san NAME`, or give --tls-fingerprint."
  }
  if (code?.includes("CERT") === true || code?.includes("SIGNED") === true) {
    return "The certificate is not trusted: give the server's own with --tls-ca, or its --tls-fingerprint."
  }
  return "Check the host, the network, and whether the server speaks http or https."
}
