/**
 * Takes a token out of an address, so that it can be removed from the address bar before anything else happens.
 */

export interface TokenInUrl {
  /** Undefined when there was none, or an empty one. */
  readonly token: string | undefined
  /** The address without it, to replace the one in the bar. The same text when nothing had to be removed. */
  readonly href: string
  /** It was in the query, which ends up in histories and logs: worth a notice. */
  readonly wasInQuery: boolean
}

/** `#token=…` wins over `?token=…`; both are removed. `href` is absolute. */
export const takeToken = (href: string): TokenInUrl => {
  const url = new URL(href)
  const inQuery = url.searchParams.get("token")
  const fragment = new URLSearchParams(url.hash.slice(1))
  const inFragment = fragment.get("token")
  if (inQuery === null && inFragment === null) return { token: undefined, href, wasInQuery: false }
  if (inQuery !== null) url.searchParams.delete("token")
  if (inFragment !== null) {
    fragment.delete("token")
    url.hash = fragment.toString()
  }
  // What is left of an empty fragment or query is no part of a clean address.
  const clean = url.href.replace(/#$/, "").replace(/\?(?=#|$)/, "")
  return { token: inFragment || inQuery || undefined, href: clean, wasInQuery: inQuery !== null }
}
