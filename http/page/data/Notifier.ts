/**
 * Notifications of messages that match a saved view, while the reader looks at something else: the tab is hidden, or another
 * window is in front. Then, and only then, a stream of the matching messages is open for each such view. Of several tabs
 * with the same pool one notifies, and none while the reader is in one of them.
 */
import { freshPace, notificationText, notifyProblem, paced, type Pace } from "../logic/notification.js"
import type { PageMessage } from "../logic/message.js"
import { groupOf } from "../logic/poolGroup.js"
import { poolRoute } from "../logic/routes.js"
import { matchesTags } from "../logic/tagFilter.js"
import type { Page } from "./Page.js"
import { localWhere } from "./PoolSession.js"
import { PoolStream } from "./PoolStream.js"
import { openSavedView, viewOf, type SavedView } from "./SavedViews.js"
import { hasFeature } from "./ServerInfo.js"

/** A glance at another window opens no streams. */
const awayMillis = 300

/** The browser has notifications, but not for pages; it says so only when one is to be shown. */
let isRefused = false

/** Why notifications cannot be shown, as things are. */
export const presentProblem = (): string | undefined => {
  const isThere = typeof Notification !== "undefined" && !isRefused
  return notifyProblem(isThere ? Notification.permission : undefined, isSecureContext)
}

/** Asks the reader, when that is still to be asked; to be called when the reader has pressed something. */
export const askPermission = async (): Promise<string | undefined> => {
  if (typeof Notification !== "undefined" && Notification.permission === "default" && isSecureContext) {
    await Notification.requestPermission()
  }
  return presentProblem()
}

const isAway = (): boolean => document.hidden || !document.hasFocus()

export class Notifier {
  private watching = new AbortController()
  private timer: ReturnType<typeof setTimeout> | undefined
  private wasAway = false
  private views: ReadonlyArray<SavedView> = []
  private endViews: () => void = () => undefined

  constructor(private readonly page: Page) {}

  start(): void {
    const look = (): void => this.presenceChanged()
    document.addEventListener("visibilitychange", look)
    addEventListener("blur", look)
    addEventListener("focus", look)
    this.page.pool.subscribe(() => this.poolChanged())
    this.poolChanged()
  }

  private poolChanged(): void {
    const { pool } = this.page.router.value
    this.endViews()
    if (pool === undefined) this.endViews = () => undefined
    else this.endViews = this.page.views.of(pool).subscribe(() => this.watch())
    this.watch()
  }

  private presenceChanged(): void {
    clearTimeout(this.timer)
    if (isAway() === this.wasAway) return
    if (isAway()) this.timer = setTimeout(() => this.watch(), awayMillis)
    else this.watch()
  }

  /** Begins anew with what is to be watched now. */
  private watch(): void {
    this.watching.abort()
    this.watching = new AbortController()
    this.wasAway = isAway()
    const { pool } = this.page.router.value
    const facts = this.page.server.value
    if (pool === undefined || facts === undefined || this.page.pool.value === undefined) return
    this.views = this.page.views.of(pool).value.filter(({ notifies }) => notifies === true)
    if (this.views.length === 0 || presentProblem() !== undefined) return
    for (const view of this.views) void this.takeTurn(pool, view, this.watching.signal)
  }

  /** The tab that the reader is in takes the turn from all others, and says nothing. */
  private async takeTurn(pool: string, view: SavedView, signal: AbortSignal): Promise<void> {
    const { locks } = navigator
    const isMute = !this.wasAway
    const name = `plasmite.notify.${pool}/${view.name}`
    while (!signal.aborted) {
      const turn = new AbortController()
      const end = (): void => turn.abort()
      signal.addEventListener("abort", end)
      const run = async (): Promise<void> => {
        if (!isMute && !turn.signal.aborted) this.watchView(pool, view, turn.signal)
        await new Promise((resolve) => turn.signal.addEventListener("abort", resolve))
      }
      try {
        if (locks === undefined) await run()
        else await locks.request(name, isMute ? { steal: true } : { signal }, run)
      } catch {
        // The turn was taken by another tab, or is not wanted any more.
      } finally {
        turn.abort()
        signal.removeEventListener("abort", end)
      }
      // Who is in front has been asked by now, and comes last if it asks again.
      if (isMute) return
    }
  }

  private watchView(pool: string, view: SavedView, signal: AbortSignal): void {
    const { page } = this
    const state = viewOf(view, pool)
    let pace: Pace = freshPace
    let newest: { readonly pool: string; readonly message: PageMessage } | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let shown: Notification | undefined
    const look = (more: number): void => {
      const step = paced(pace, more, Date.now())
      pace = step.pace
      clearTimeout(timer)
      if (step.lookInMillis !== undefined) timer = setTimeout(() => look(0), step.lookInMillis)
      if (!step.isDue || newest === undefined) return
      const { message, pool: from } = newest
      shown = show(view.name, from, message, pace.count, () => {
        const isFirst = from === pool
        openSavedView(page, view, pool, { seq: message.seq, seqPool: isFirst ? undefined : from })
      })
      const problem = presentProblem()
      if (shown === undefined && problem !== undefined) page.say(problem, "failure")
    }
    for (const from of groupOf(state)?.pools ?? [pool]) {
      void this.follow(from, state, signal, (messages) => {
        newest = { pool: from, message: messages.at(-1)! }
        look(messages.length)
      })
    }
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      shown?.close()
    })
  }

  /** What comes from now on and passes the view's filters. */
  private async follow(
    pool: string,
    { tags, where, withoutTags }: Pick<ReturnType<typeof viewOf>, "tags" | "where" | "withoutTags">,
    signal: AbortSignal,
    onMatches: (messages: ReadonlyArray<PageMessage>) => void
  ): Promise<void> {
    const { client, feed, server } = this.page
    let seen = feed.entry(pool)?.bounds.newest ?? 0
    try {
      const { pool: info } = await client.json<{ readonly pool: { readonly bounds?: { readonly newest?: number } } }>(
        poolRoute(pool, "/info"),
        { signal, quiet: true }
      )
      seen = info.bounds?.newest ?? 0
    } catch {
      if (signal.aborted) return
    }
    const isServerWhere = hasFeature(server.value, "where")
    const local = isServerWhere ? undefined : localWhere(where)
    const matches = (message: PageMessage): boolean =>
      matchesTags({ include: [], exclude: withoutTags }, message.tags) && local?.judge(message) !== "reject"
    const stream = new PoolStream(pool, client, server, {
      newestSeq: () => seen,
      onMessages: (messages) => {
        const news = messages.filter((message) => message.seq > seen && matches(message))
        seen = Math.max(seen, messages.at(-1)?.seq ?? 0)
        if (news.length > 0) onMatches(news)
      },
      onRecreated: () => {
        seen = 0
      },
      onLost: () => undefined,
      onInterrupted: () => undefined
    })
    stream.setFilter({ tags, where: isServerWhere ? where : [] })
    stream.start()
    signal.addEventListener("abort", () => stream.dispose())
  }
}

/** In the place of the one before of the same view. Undefined where pages may not, though they may ask. */
const show = (
  view: string,
  pool: string,
  message: PageMessage,
  count: number,
  onPress: () => void
): Notification | undefined => {
  const { body, title } = notificationText(view, pool, message, count)
  // The type knows no `renotify`; without it, a browser puts the new one in the old one's place unseen.
  const options: NotificationOptions & { readonly renotify: boolean } = {
    body,
    silent: true,
    tag: `plasmite ${pool} ${view}`,
    renotify: true
  }
  try {
    const notification = new Notification(title, options)
    notification.onclick = () => {
      notification.close()
      window.focus()
      onPress()
    }
    return notification
  } catch {
    // Some browsers on phones leave notifications to installed pages.
    isRefused = true
    return undefined
  }
}
