/**
 * Requests to the server that the page came from, and to no other. A 401 asks the reader for a token and the request is
 * made again, so no caller knows of tokens. Failures are the server's own words.
 */
import { requestBasics, takeEarly } from "./EarlyAnswers.js"
import type { Session } from "./Session.js"

/** `kind` is the reason in the server's envelope; `Network` when there was no answer. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly hint: string | undefined = undefined,
    readonly retryAfterMillis: number | undefined = undefined
  ) {
    super(message)
    this.name = "ApiFailure"
  }
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "DELETE"
  /** JSON text, sent as it is, so that no digit is lost. */
  readonly body?: string
  readonly mediaType?: string
  readonly signal?: AbortSignal
  readonly lastEventId?: string
  /** Fail instead of asking for a token. */
  readonly quiet?: boolean
}

export class Client {
  constructor(private readonly session: Session) {}

  /** The answer once its head is there. Throws `ApiFailure`, or the signal's reason. */
  async fetch(path: string, options: RequestOptions = {}): Promise<Response> {
    for (;;) {
      const token = this.session.current
      const response = await this.send(path, options, token)
      if (response.ok) {
        if (token !== undefined) this.session.accepted(token)
        return response
      }
      if (response.status !== 401 || options.quiet === true) throw await failureOf(response)
      const failure = await failureOf(response)
      if ((await this.session.another(token)) === undefined) throw failure
      options.signal?.throwIfAborted()
    }
  }

  async text(path: string, options?: RequestOptions): Promise<string> {
    return (await this.fetch(path, options)).text()
  }

  /** For answers whose numbers are all small. */
  async json<A>(path: string, options?: RequestOptions): Promise<A> {
    return JSON.parse(await this.text(path, options)) as A
  }

  private async send(path: string, options: RequestOptions, token: string | undefined): Promise<Response> {
    const headers = new Headers()
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`)
    if (options.body !== undefined) headers.set("content-type", options.mediaType ?? "application/json")
    if (options.lastEventId !== undefined) headers.set("last-event-id", options.lastEventId)
    const { method = "GET", signal } = options
    try {
      const early = method === "GET" ? takeEarly(path, token, signal) : undefined
      if (early !== undefined) return await early
      return await fetch(path, {
        ...requestBasics,
        method,
        headers,
        ...(options.body === undefined ? {} : { body: options.body }),
        ...(signal === undefined ? {} : { signal })
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw networkFailure(error)
    }
  }
}

export const networkFailure = (error: unknown): ApiFailure =>
  error instanceof ApiFailure
    ? error
    : new ApiFailure(0, "Network", "The server does not answer.", "Is it running, and can this machine reach it?")

interface Envelope {
  readonly error?: { readonly kind?: string; readonly message?: string; readonly hint?: string }
}

const failureOf = async (response: Response): Promise<ApiFailure> => {
  const text = await response.text().catch(() => "")
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN) * 1_000
  const { error } = envelopeOf(text)
  return new ApiFailure(
    response.status,
    error?.kind ?? "Internal",
    error?.message ?? `The server answered ${response.status}.`,
    error?.hint,
    Number.isNaN(retryAfter) ? undefined : retryAfter
  )
}

/** The envelope in an answer or an event; an empty one when the text is none. */
export const envelopeOf = (text: string): Envelope => {
  try {
    return (JSON.parse(text) ?? {}) as Envelope
  } catch {
    return {}
  }
}

/** A sentence for whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof ApiFailure && error.hint !== undefined
    ? `${sentence(error.message)} ${error.hint}`
    : sentence(error instanceof Error ? error.message : String(error))

const sentence = (text: string): string => {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
