/**
 * Publishing: one message, or many from lines. The data's text goes over the wire as it was typed.
 */
import { appendBody, type Publication } from "../logic/commandText.js"
import type { PageMessage } from "../logic/message.js"
import { parseMessageAnswer } from "../logic/messagePage.js"
import { checkLines } from "../logic/publishCheck.js"
import { poolRoute } from "../logic/routes.js"
import { ApiFailure, messageOf, type Client } from "./Client.js"
import { readStored, store } from "./Preferences.js"

/** Throws `ApiFailure`. */
export const publishOne = async (client: Client, pool: string, publication: Publication): Promise<PageMessage> =>
  parseMessageAnswer(await client.text(poolRoute(pool, "/append"), { method: "POST", body: appendBody(publication) }))

export interface ManyProgress {
  readonly sent: number
  readonly total: number
  /** The line that stopped it, and why. */
  readonly failure?: { readonly line: number; readonly message: string }
}

/** One after the other; stops at the first that fails, and says where. */
export const publishLines = async (
  client: Client,
  pool: string,
  text: string,
  tags: ReadonlyArray<string>,
  onProgress: (progress: ManyProgress) => void,
  signal: AbortSignal
): Promise<ManyProgress> => {
  const lines = checkLines(text)
  let progress: ManyProgress = { sent: 0, total: lines.length }
  for (const { check, line } of lines) {
    if (signal.aborted) return progress
    if (check.problem !== undefined) return { ...progress, failure: { line, message: check.problem.message } }
    try {
      await publishOne(client, pool, { dataText: check.dataText, tags, durability: "fast" })
    } catch (error) {
      return { ...progress, failure: { line, message: messageOf(error) } }
    }
    progress = { ...progress, sent: progress.sent + 1 }
    if (progress.sent % 25 === 0) onProgress(progress)
  }
  return progress
}

/** A failed publication in words, with what to do. */
export const publishProblem = (error: unknown): { readonly message: string; readonly canRetry: boolean } => {
  if (!(error instanceof ApiFailure)) return { message: messageOf(error), canRetry: true }
  if (error.status === 404) return { message: "The pool does not exist any more.", canRetry: false }
  if (error.status === 413) return { message: `Too large: ${error.message}.`, canRetry: false }
  if (error.status === 401) return { message: "Not signed in: the message was not sent.", canRetry: true }
  if (error.kind === "Busy") return { message: "The pool is busy. Nothing was written.", canRetry: true }
  return { message: messageOf(error), canRetry: error.kind === "Network" || error.status >= 500 }
}

const storageKey = (pool: string): string => `plasmite.published.${pool}`
const mostRecent = 10
const longestRecent = 20_000

export interface Recent {
  readonly text: string
  readonly tags: ReadonlyArray<string>
}

export const recentPublications = (pool: string): ReadonlyArray<Recent> =>
  readStored<ReadonlyArray<Recent>>(storageKey(pool), [])

export const rememberPublication = (pool: string, recent: Recent): void => {
  if (recent.text.length > longestRecent) return
  const others = recentPublications(pool).filter(({ text }) => text !== recent.text)
  store(storageKey(pool), [recent, ...others].slice(0, mostRecent))
}
