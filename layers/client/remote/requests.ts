/**
 * Requests as upstream's binding makes them: by the `fetch` of the program, looked up when it is needed, so that what a
 * program sets up there (a proxy, certificates, a stand-in for tests) holds here, too. No redirect is followed.
 */
import { isPoolError } from "../../../src/PoolError.js"
import { baseUrl, connectionError } from "../../../src/internal/serverAddress.js"
import { localError, RemoteError } from "./RemoteError.js"

/** Where requests go, and on whose behalf. */
export interface Addressee {
  readonly baseUrl: URL
  readonly token: string | null
}

export type Method = "GET" | "POST" | "DELETE"

/** Throws `Usage` for what is no address of a server. */
export const baseUrlOf = (text: string): URL => {
  try {
    return baseUrl(text, (address) => new URL(address))
  } catch (error) {
    throw isPoolError(error) ? localError(error, error) : error
  }
}

/** Segments are encoded, whatever is in them. */
export const addressOf = ({ baseUrl }: Addressee, ...segments: ReadonlyArray<string>): URL => {
  const url = new URL(baseUrl)
  url.pathname = `/${segments.map(encodeURIComponent).join("/")}`
  return url
}

/** What the answer says; its shape is the server's word. */
export const requestJson = async (to: Addressee, method: Method, url: URL, body?: object): Promise<unknown> => {
  const response = await answer(to, url, {
    method,
    headers: { ...headersOf(to), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  if (response.status === 204) return null
  try {
    return (await response.json()) as unknown
  } catch (error) {
    throw protocolError(`${url.href} was answered with something that is not JSON`, response.status, error)
  }
}

/** An answer that goes on until the signal says otherwise. */
export const requestStream = async (
  to: Addressee,
  url: URL,
  signal: AbortSignal
): Promise<{ readonly status: number; readonly body: ReadableStream<Uint8Array> }> => {
  const { body, status } = await answer(to, url, { method: "GET", headers: headersOf(to), signal })
  if (body === null) throw protocolError(`${url.href} was answered without a body`, status)
  return { status, body: body as ReadableStream<Uint8Array> }
}

export const protocolError = (message: string, status: number, cause?: unknown): RemoteError =>
  new RemoteError({ kind: "Internal", message, hint: "Is this a plasmite server?" }, status, { cause })

/** What `fetch`, or a body, is rejected with is about the connection; the reason is one step further down. */
export const lostConnection = (url: URL, error: unknown): RemoteError => {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const failure = connectionError(url, reason instanceof Error ? reason : new Error(String(reason)))
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : ""
  const { message, reason: kind } = failure
  return /CERT|SIGNED/.test(code)
    ? new RemoteError({ kind, message, hint: untrusted }, 0, { cause: error })
    : localError(failure, error)
}

const untrusted = "Start the program with NODE_EXTRA_CA_CERTS set to the server's certificate, a PEM file."

const answer = async (to: Addressee, url: URL, init: RequestInit): Promise<Response> => {
  let response: Response
  try {
    response = await fetch(url.toString(), { ...init, redirect: "manual" })
  } catch (error) {
    throw lostConnection(url, error)
  }
  const { ok, status } = response
  if (ok) return response
  if (status >= 300 && status < 400) {
    const message = `${to.baseUrl.origin} redirected the request (HTTP ${status}); redirects are not followed`
    throw new RemoteError({ kind: "Io", message, hint: "Give the address that the server really has." }, status)
  }
  // Who stands in between may answer with something else.
  const body = await response.json().catch(() => undefined)
  throw new RemoteError(body, status)
}

const headersOf = ({ token }: Addressee): Record<string, string> => ({
  Accept: "application/json",
  ...(token === null ? {} : { Authorization: `Bearer ${token}` })
})
