/**
 * When to tell a reader who looks elsewhere of messages that match, and in which words: at once for the first, and then as
 * a sum, so that no rate of messages makes more than one notification in a few seconds.
 */
import type { PageMessage } from "./message.js"
import { summarise } from "./summary.js"

/** Between two notifications of the same view. */
export const betweenMillis = 5_000

export interface Pace {
  /** When the last one was shown. */
  readonly shownAt: number | undefined
  /** Came since, and were not told of. */
  readonly waiting: number
  /** Matches since the reader left. */
  readonly count: number
}

export const freshPace: Pace = { shownAt: undefined, waiting: 0, count: 0 }

export interface PaceStep {
  readonly pace: Pace
  /** One is to be shown now. */
  readonly isDue: boolean
  /** When to look again, if nothing comes before; undefined when nothing waits. */
  readonly lookInMillis: number | undefined
}

/** So many messages more match, at `now` in milliseconds; none, when it was time to look again. */
export const paced = (pace: Pace, more: number, now: number): PaceStep => {
  const waiting = pace.waiting + more
  const count = pace.count + more
  const restMillis = pace.shownAt === undefined ? 0 : pace.shownAt + betweenMillis - now
  if (waiting === 0) return { pace: { ...pace, waiting, count }, isDue: false, lookInMillis: undefined }
  return restMillis > 0
    ? { pace: { ...pace, waiting, count }, isDue: false, lookInMillis: restMillis }
    : { pace: { shownAt: now, waiting: 0, count }, isDue: true, lookInMillis: undefined }
}

export interface NotificationText {
  readonly title: string
  readonly body: string
}

const mostCharacters = 160

/** The newest message that matches, as plain text in one line; how many there are, when it is not the only one. */
export const notificationText = (
  view: string,
  pool: string,
  { dataText, seq }: PageMessage,
  count: number
): NotificationText => {
  const summary = summarise(dataText)
    .fields.map(({ key, text }) => `${key}=${text}`)
    .join("  ")
  return {
    title: plain(count > 1 ? `${view}: ${count} messages` : view),
    body: plain(`${pool} ${seq}: ${summary}`)
  }
}

/** Nothing that ends a line, hides text or turns its direction. */
const plain = (text: string): string => {
  const characters = Array.from(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim())
  return characters.length > mostCharacters
    ? `${characters.slice(0, mostCharacters - 1).join("")}…`
    : characters.join("")
}

/** Why no notification can be shown, and what would help; undefined when it can. */
export const notifyProblem = (
  permission: NotificationPermission | undefined,
  isSecure: boolean
): string | undefined => {
  if (!isSecure) return "Browsers show notifications only for pages that come over HTTPS or from this machine."
  if (permission === undefined) return "This browser shows no notifications for pages."
  if (permission === "denied") {
    return "This browser was told to show no notifications of this server. Its settings for this site can allow them again."
  }
  if (permission === "default") {
    return "The browser asks whether this page may show notifications, and was not answered. Switch it on again to be asked again."
  }
  return undefined
}
