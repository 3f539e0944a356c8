/**
 * The live stream of one pool: does what the connection's machine says, and hands on what comes. When other tabs hold all
 * the connections that a browser allows, it asks once a second instead of holding one.
 */
import {
  compareBounds,
  notStarted,
  step,
  type Bounds,
  type Connection,
  type ConnectionEvent
} from "../logic/connection.js"
import { eventsRoute, firstMessages } from "../logic/earlyRequests.js"
import { EventStreamParser } from "../logic/eventStream.js"
import { parseMessage, type PageMessage } from "../logic/message.js"
import { parseMessagePage } from "../logic/messagePage.js"
import { poolRoute } from "../logic/routes.js"
import { CatchUp } from "./CatchUp.js"
import { ApiFailure, envelopeOf, type Client } from "./Client.js"
import { sleep } from "./PoolsFeed.js"
import { hasFeature, type ServerInfo } from "./ServerInfo.js"
import { takeStreamSlot } from "./SharedStream.js"
import { Signal } from "./Signal.js"

export interface StreamFilter {
  readonly tags: ReadonlyArray<string>
  readonly where: ReadonlyArray<string>
}

export interface StreamOwner {
  /** What the reader has seen last; the stream goes on behind it. */
  readonly newestSeq: () => number | undefined
  readonly onMessages: (messages: ReadonlyArray<PageMessage>) => void
  readonly onRecreated: () => void
  readonly onLost: (from: number, to: number) => void
  readonly onInterrupted: (since: number) => void
}

const pollMillis = 1_000
/** Shorter breaks are not worth a row. */
const shortestBreakMillis = 1_000

export class PoolStream extends Signal<Connection> {
  /** Other tabs hold the connections: messages come once a second. */
  readonly isPolling = new Signal(false)
  private filter: StreamFilter = { tags: [], where: [] }
  private open: AbortController | undefined
  private slot: AbortController | undefined
  private hasSlot = false
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private readonly catchUp = new CatchUp(() => this.dispatch({ kind: "caughtUp" }))

  constructor(
    private readonly pool: string,
    private readonly client: Client,
    private readonly server: ServerInfo,
    private readonly owner: StreamOwner
  ) {
    super(notStarted)
  }

  /** Takes effect when the stream is opened next. */
  setFilter(filter: StreamFilter): void {
    this.filter = filter
  }

  start(): void {
    this.dispatch({ kind: "start" })
  }

  dispatch(event: ConnectionEvent): void {
    const next = step(this.value, event, Date.now())
    this.set(next.connection)
    clearTimeout(this.retryTimer)
    const { state } = next.connection
    if (state.phase === "reconnecting" && state.retryAt !== undefined) {
      this.retryTimer = setTimeout(() => this.dispatch({ kind: "tick" }), Math.max(20, state.retryAt - Date.now() + 5))
    }
    if (next.interruptedSince !== undefined && Date.now() - next.interruptedSince >= shortestBreakMillis) {
      this.owner.onInterrupted(next.interruptedSince)
    }
    if (next.command !== undefined) this.close()
    if (next.command === "open") void this.run()
    if (next.command === "close") this.releaseSlot()
  }

  dispose(): void {
    clearTimeout(this.retryTimer)
    this.close()
    this.releaseSlot()
  }

  private close(): void {
    this.catchUp.stop()
    this.open?.abort()
    this.open = undefined
  }

  private releaseSlot(): void {
    this.slot?.abort()
    this.slot = undefined
    this.hasSlot = false
  }

  private async run(): Promise<void> {
    const open = new AbortController()
    this.open = open
    const { signal } = open
    try {
      if (this.owner.newestSeq() !== undefined) await this.compare(signal)
      await this.read(signal)
      if (!signal.aborted) this.dispatch({ kind: "ended" })
    } catch (error) {
      if (signal.aborted) return
      this.dispatch(
        error instanceof ApiFailure && error.kind !== "Network"
          ? {
              kind: "refused",
              status: error.status,
              error: error.kind,
              message: error.message,
              ...(error.retryAfterMillis === undefined ? {} : { retryAfterMillis: error.retryAfterMillis })
            }
          : { kind: "failed", reason: error instanceof ApiFailure ? error.message : "The connection broke." }
      )
    }
  }

  /** The stream is opened at once; if there turns out to be no place for it, it is left for asking. */
  private async read(signal: AbortSignal): Promise<void> {
    if (this.hasSlot || !hasFeature(this.server.value, "history")) return this.follow(signal)
    const following = new AbortController()
    const leave = (): void => following.abort()
    signal.addEventListener("abort", leave)
    const slot = this.takeSlot(leave)
    try {
      await this.follow(following.signal)
    } catch (error) {
      await slot
      if (this.hasSlot || signal.aborted || !following.signal.aborted) throw error
      await this.poll(signal)
    } finally {
      signal.removeEventListener("abort", leave)
    }
  }

  private async takeSlot(onNone: () => void = () => undefined): Promise<void> {
    const slot = new AbortController()
    this.slot = slot
    this.hasSlot = (await takeStreamSlot(slot.signal)) !== undefined
    if (!this.hasSlot) onNone()
  }

  /** Whether the pool is still the one that was read, and what was overwritten meanwhile. */
  private async compare(signal: AbortSignal): Promise<void> {
    const { pool } = await this.client.json<{ readonly pool: { readonly bounds?: Bounds } }>(
      poolRoute(this.pool, "/info"),
      { signal }
    )
    const found = compareBounds(this.owner.newestSeq(), pool.bounds ?? {})
    if (found === "recreated") this.owner.onRecreated()
    else if (found !== "whole") this.owner.onLost(found.lostFrom, found.lostTo)
  }

  private query(): URLSearchParams {
    const query = new URLSearchParams()
    for (const tag of this.filter.tags) query.append("tag", tag)
    for (const expression of this.filter.where) query.append("where", expression)
    return query
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const query = this.query()
    const newest = this.owner.newestSeq()
    if (newest !== undefined) query.set("since_seq", String(newest + 1))
    else if (hasFeature(this.server.value, "last")) query.set("last", String(firstMessages))
    const response = await this.client.fetch(eventsRoute(this.pool, query), { signal })
    this.isPolling.set(false)
    this.opened()
    const parser = new EventStreamParser()
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const messages: Array<PageMessage> = []
      for (const { data, event } of parser.push(value).events) {
        if (event === "message") messages.push(parseMessage(data))
        else if (event === "error") {
          this.take(messages)
          const { error } = envelopeOf(data)
          throw new ApiFailure(200, error?.kind ?? "Internal", error?.message ?? "The stream failed.", error?.hint)
        }
      }
      this.take(messages)
    }
  }

  private async poll(signal: AbortSignal): Promise<void> {
    this.isPolling.set(true)
    let isOpened = false
    while (!signal.aborted && !(await this.slotIsFree())) {
      const query = this.query()
      const newest = this.owner.newestSeq()
      query.set("limit", "1000")
      if (newest === undefined) query.set("before_seq", String(Number.MAX_SAFE_INTEGER))
      else query.set("after_seq", String(newest))
      const text = await this.client.text(poolRoute(this.pool, `/messages?${query}`), { signal })
      if (!isOpened) this.opened()
      isOpened = true
      const page = parseMessagePage(text)
      this.take(page.messages)
      if (newest === undefined || page.nextAfterSeq === undefined) await sleep(pollMillis, signal)
    }
  }

  private async slotIsFree(): Promise<boolean> {
    await this.takeSlot()
    return this.hasSlot
  }

  private take(messages: ReadonlyArray<PageMessage>): void {
    if (messages.length === 0) return
    this.owner.onMessages(messages)
    this.catchUp.piece(messages.length)
  }

  private opened(): void {
    this.dispatch({ kind: "opened" })
    if (this.value.state.phase === "catchingUp") this.catchUp.opened()
  }
}
