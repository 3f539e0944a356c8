/**
 * Answers that were asked for before the page's own script was read, and who wants them. Each is taken once, by the
 * request that would have asked the same with the same token; what nobody takes in time is let go.
 */

interface EarlyAnswer {
  readonly answer: Promise<Response>
  readonly abort: AbortController
}

interface Asked {
  readonly token: string | undefined
  readonly answers: Map<string, EarlyAnswer>
}

declare global {
  var plasmiteEarly: Asked | undefined
}

/** An answer that is older says nothing about now. */
const longestWaitMillis = 5_000

/** Every request of the page is made like this, the early ones too. */
export const requestBasics = { cache: "no-store", credentials: "omit", redirect: "error" } as const

export const askEarly = (token: string | undefined, paths: ReadonlyArray<string>): void => {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answers = new Map<string, EarlyAnswer>()
  for (const path of paths) {
    const abort = new AbortController()
    const answer = fetch(path, { ...requestBasics, headers, signal: abort.signal })
    // Whoever takes it hears of the failure; when nobody does, nobody misses it.
    answer.catch(() => undefined)
    answers.set(path, { answer, abort })
  }
  globalThis.plasmiteEarly = { token, answers }
  setTimeout(() => {
    for (const { abort } of answers.values()) abort.abort()
    answers.clear()
  }, longestWaitMillis)
}

/** Undefined when it was not asked for, or with another token. `signal` ends the answer as it would have ended the request. */
export const takeEarly = (
  path: string,
  token: string | undefined,
  signal: AbortSignal | undefined
): Promise<Response> | undefined => {
  const asked = globalThis.plasmiteEarly
  const early = asked?.answers.get(path)
  if (asked === undefined || early === undefined) return undefined
  asked.answers.delete(path)
  if (asked.token !== token || signal?.aborted === true) {
    early.abort.abort()
    return undefined
  }
  signal?.addEventListener("abort", () => early.abort.abort(signal.reason))
  return early.answer
}
