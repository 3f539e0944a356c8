/**
 * When the first view can be drawn whole. What was asked at the top of the document is mostly there soon after the page's
 * script has been read: drawn with it, the page is laid out and painted once, and not first without it.
 */
import type { Page } from "./Page.js"
import { canRead } from "./ServerInfo.js"

/** Whoever waits longer is shown what is there. */
export const longestWaitMillis = 250

interface Changing {
  subscribe(listener: () => void): () => void
}

/** Calls `draw` once, at the latest after a moment. */
export const whenFirstViewIsThere = (page: Page, draw: () => void): void => {
  const endings: Array<() => void> = []
  const go = (): void => {
    clearTimeout(timer)
    for (const end of endings.splice(0)) end()
    draw()
  }
  const look = (): void => {
    if (endings.length > 0 && isThere(page)) go()
  }
  const watch = (...all: ReadonlyArray<Changing>): void => void endings.push(...all.map((one) => one.subscribe(look)))
  const timer = setTimeout(go, longestWaitMillis)
  endings.push(page.pool.subscribe((opened) => opened !== undefined && watch(opened.changed, opened.stream)))
  watch(page.server, page.server.failure, page.session.question, page.feed, page.feed.problem)
}

const isThere = ({ feed, pool, server, session }: Page): boolean => {
  // Something else has to be said first.
  if (server.failure.value !== undefined || session.question.value !== undefined) return true
  if (server.value === undefined) return false
  if (!canRead(server.value)) return true
  const opened = pool.value
  if (opened === undefined) return feed.value.isLoaded || feed.problem.value !== undefined
  const { state } = opened.stream.value
  const isWaiting = state.phase === "catchingUp" || (state.phase === "stopped" && state.kind === "byReader")
  return opened.buffer.messageCount > 0 || !isWaiting
}
