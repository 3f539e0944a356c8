/**
 * Pages of retained messages around what is held: older ones while scrolling up, newer ones while scrolling down to the
 * live end, where the stream takes over, or all of a window of time.
 */
import { parseMessagePage, type MessagePage } from "../logic/messagePage.js"
import { poolRoute } from "../logic/routes.js"
import { ApiFailure, type Client } from "./Client.js"
import type { PoolSession } from "./PoolSession.js"
import { hasFeature, type ServerInfo } from "./ServerInfo.js"
import { Signal } from "./Signal.js"

/** `live`: the list ends at the live end. `past`: newer pages follow. `window`: nothing beyond the chosen times. */
export type HistoryMode = "live" | "past" | "window"

/** Whether there is more in a direction. */
export type More = "more" | "loading" | "none"

const pageLimit = 400
const aroundBefore = 60
const windowMost = 20_000
const beyondAll = Number.MAX_SAFE_INTEGER

export class History {
  mode: HistoryMode = "live"
  readonly older = new Signal<More>("more")
  readonly newer = new Signal<More>("none")
  private loading: AbortController | undefined

  constructor(
    private readonly pool: string,
    private readonly client: Client,
    private readonly server: ServerInfo,
    private readonly session: PoolSession
  ) {}

  get isOffered(): boolean {
    return hasFeature(this.server.value, "history")
  }

  dispose(): void {
    this.loading?.abort()
  }

  /** The page before what is held. */
  async loadOlder(): Promise<number> {
    const { buffer } = this.session
    const oldest = buffer.oldestSeq
    if (this.older.value !== "more" || oldest === undefined || !this.isOffered) return 0
    return this.during(this.older, async (signal) => {
      const page = await this.page({ before_seq: oldest }, signal)
      this.session.arrivals.learn(page.messages)
      const added = buffer.prepend(page.messages, { isFiltered: this.session.isServerFiltered })
      this.older.set(page.prevBeforeSeq === undefined ? "none" : "more")
      this.changed()
      return added
    })
  }

  /** The page behind what is held; at the live end the stream takes over. */
  async loadNewer(): Promise<number> {
    const { buffer } = this.session
    if (this.newer.value !== "more" || !this.isOffered) return 0
    return this.during(this.newer, async (signal) => {
      const page = await this.page({ after_seq: buffer.newestSeq ?? 0 }, signal)
      this.session.arrivals.learn(page.messages)
      const { added } = buffer.append(page.messages, { isFiltered: this.session.isServerFiltered })
      this.arrived(page)
      return added
    })
  }

  /** Replaces what is held by what is around a message or a moment, and selects the nearest. */
  async loadAround(place: { readonly seq: number } | { readonly timeMillis: number }, isQuiet = false): Promise<void> {
    if (!this.isOffered) return this.fallBack(place)
    const { session } = this
    await this.during(this.older, async (signal) => {
      const start =
        "seq" in place
          ? { after_seq: Math.max(0, place.seq - 1 - aroundBefore) }
          : { since: new Date(place.timeMillis).toISOString() }
      const page = await this.page(start, signal)
      let { messages } = page
      // Nothing from there on, or a moment with nothing before it on the page: the page before completes it.
      const isShort = messages.length === 0 || "timeMillis" in place
      const before = isShort
        ? await this.page({ before_seq: messages[0]?.seq ?? beyondAll }, signal, aroundBefore)
        : undefined
      if (before !== undefined) messages = [...before.messages, ...messages]
      session.stream.dispatch({ kind: "stop", by: "byReader" })
      session.paused.set(false)
      session.reset()
      session.arrivals.learn(messages)
      session.buffer.append(messages, { isFiltered: session.isServerFiltered })
      this.mode = "past"
      const hasOlder =
        before === undefined ? messages[0]?.seq !== page.bounds.oldest : before.prevBeforeSeq !== undefined
      this.older.set(hasOlder && messages.length > 0 ? "more" : "none")
      this.arrived(page)
      const { buffer } = session
      const found = "seq" in place ? buffer.findSeq(place.seq) : buffer.findTime(place.timeMillis)
      if (found === undefined) return 0
      session.show(found.row)
      if ("seq" in place && !found.isExact && !isQuiet) this.explain(place.seq, page)
      return messages.length
    })
  }

  /** All messages of the session's window, oldest first, up to a bound; more are loaded when the reader gets there. */
  async loadWindow(): Promise<void> {
    const { session } = this
    if (!this.isOffered) return
    session.stream.dispatch({ kind: "stop", by: "byReader" })
    this.loading?.abort()
    session.reset()
    this.mode = "window"
    session.unfollow()
    this.older.set("none")
    this.newer.set("more")
    await this.loadNewer()
    session.wanted.set({ row: session.rows.firstRow })
  }

  /** Loads what is missing between the oldest that is retained, or the window's start, and the end of what is held. */
  async loadAll(most = windowMost): Promise<void> {
    const { buffer } = this.session
    while (buffer.messageCount < most && this.older.value === "more" && (await this.loadOlder()) > 0);
    while (buffer.messageCount < most && this.newer.value === "more" && (await this.loadNewer()) > 0);
  }

  /** A server without history has its stream begin there. */
  private fallBack(place: { readonly seq: number } | { readonly timeMillis: number }): void {
    this.session.notice.set(
      "seq" in place
        ? "This server cannot look up older messages. Only what is loaded can be shown."
        : "This server cannot look up messages by time."
    )
    this.session.goLive()
  }

  private arrived(page: MessagePage): void {
    const { session } = this
    const isEnd = page.nextAfterSeq === undefined
    this.newer.set(isEnd ? "none" : "more")
    this.changed()
    if (isEnd && this.mode === "past") {
      this.mode = "live"
      session.stream.start()
    }
  }

  private explain(seq: number, { bounds }: MessagePage): void {
    const { notice } = this.session
    const nearest = this.session.selected.value?.seq
    const instead = nearest === undefined ? "" : ` Showing the nearest, message ${nearest}.`
    if (bounds.oldest !== undefined && seq < bounds.oldest) {
      notice.set(`Message ${seq} is no longer retained; the oldest is ${bounds.oldest}.${instead}`)
    } else if (bounds.newest !== undefined && seq > bounds.newest) {
      notice.set(`Message ${seq} does not exist yet; the newest is ${bounds.newest}.${instead}`)
    } else notice.set(`Message ${seq} does not pass the filter.${instead}`)
  }

  private changed(): void {
    this.session.rows.sync()
    this.session.touch()
  }

  /** One at a time; a failure is said, and can be tried again. */
  private async during(more: Signal<More>, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
    this.loading?.abort()
    const loading = new AbortController()
    this.loading = loading
    more.set("loading")
    try {
      return await work(loading.signal)
    } catch (error) {
      if (!loading.signal.aborted) this.session.fail(error)
      return 0
    } finally {
      if (more.value === "loading") more.set("more")
    }
  }

  private async page(
    start: { readonly after_seq?: number; readonly before_seq?: number; readonly since?: string },
    signal: AbortSignal,
    limit = pageLimit
  ): Promise<MessagePage> {
    const { from, tags, until, where } = this.session.filter
    const query = new URLSearchParams({ limit: String(limit) })
    for (const [name, value] of Object.entries(start)) query.set(name, String(value))
    for (const tag of tags) query.append("tag", tag)
    for (const expression of where) query.append("where", expression)
    if (from !== undefined && start.since === undefined) query.set("since", new Date(from).toISOString())
    if (until !== undefined) query.set("until", new Date(until).toISOString())
    return parseMessagePage(await this.client.text(poolRoute(this.pool, `/messages?${query}`), { signal }))
  }
}

/** Undefined when the server accepts the expressions; otherwise why it does not. */
export const filterProblem = async (
  client: Client,
  pool: string,
  where: ReadonlyArray<string>
): Promise<string | undefined> => {
  const query = new URLSearchParams({ limit: "1", before_seq: "1" })
  for (const expression of where) query.append("where", expression)
  try {
    await client.text(poolRoute(pool, `/messages?${query}`))
    return undefined
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 400) return error.message
    return undefined
  }
}
