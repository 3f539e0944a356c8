/**
 * What a request asks for, out of its first line: a path, or a whole URL (RFC 9112 3.2.2) that has its path cut out as it
 * stands, so that a request leads to one place in whichever form it comes. Nothing is refused before the guards look.
 */
import { hostName } from "./origins.js"
import type { Refusal } from "./wireError.js"
import { refuse } from "./wireError.js"

export interface RequestTarget {
  readonly path: string
  readonly query: string
  /** Of a target in absolute form. */
  readonly site: TargetSite | undefined
}

export interface TargetSite {
  /** Lower case. */
  readonly scheme: string
  /** As it came: with its port, and with user information if there was some. */
  readonly authority: string
}

export const parseRequestTarget = (method: string, target: string): RequestTarget => {
  const parts = target.startsWith("/") ? null : absoluteForm.exec(target)
  if (parts === null) return cut(target, undefined)
  const [, scheme = "", authority = "", rest = ""] = parts
  return cut(withPath(method, rest), { scheme: scheme.toLowerCase(), authority })
}

const absoluteForm = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is

/** No path is the root, but for OPTIONS, which then asks about the server (RFC 9110 4.2.3). */
const withPath = (method: string, rest: string): string => {
  if (rest === "" && method === "OPTIONS") return "*"
  return rest.startsWith("/") ? rest : `/${rest}`
}

const cut = (text: string, site: TargetSite | undefined): RequestTarget => {
  const mark = text.indexOf("?")
  return mark < 0 ? { path: text, query: "", site } : { path: text.slice(0, mark), query: text.slice(mark + 1), site }
}

/**
 * What speaks against answering for this site, on connections of `scheme`. A client sends `Host` equal to the authority (RFC
 * 9112 3.2); where they differ, whoever stands before this server may have gone by the other one, so neither is believed.
 */
export const siteProblem = (
  { authority, scheme }: TargetSite,
  host: string | undefined,
  ownScheme: "http" | "https"
): Refusal | undefined => {
  if (scheme !== "http" && scheme !== "https") {
    return refuse(400, "the request's URL is neither http nor https", hint)
  }
  // What is before the @ may be a password, so none of it is repeated.
  if (authority.includes("@")) return refuse(400, "the request's URL holds user information", hint)
  if (hostName(authority) === undefined) return refuse(400, "the request's URL names no host", hint)
  if (host !== undefined && host.toLowerCase() !== authority.toLowerCase()) {
    return refuse(
      400,
      `the request's URL is of ${JSON.stringify(authority)}, its header host says ${JSON.stringify(host)}`,
      "Send the same host and port in both, or the path alone."
    )
  }
  if (scheme !== ownScheme) {
    return refuse(421, `the request's URL is ${scheme}, and this server speaks ${ownScheme}`, hint)
  }
  return undefined
}

const hint = "Send the path alone, such as GET /healthz, or the URL that the server was reached by."
