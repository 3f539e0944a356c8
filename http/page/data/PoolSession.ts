/**
 * One open pool: what is held of it, what is shown, what is selected. Messages come from the live stream while it is
 * attached, or page by page from history while the reader looks at something older. The views are told of changes once
 * per frame, or less often when very much comes in.
 */
import { allOf, compileFilter, type LocalFilter } from "../logic/jqFilter.js"
import type { PageMessage } from "../logic/message.js"
import { defaultLimits, MessageBuffer, type BufferLimits } from "../logic/messageBuffer.js"
import { type MessageRange, messagesInRange } from "../logic/messageRange.js"
import { RowView, type MessageTest } from "../logic/rowView.js"
import { matchesTags } from "../logic/tagFilter.js"
import { Arrivals, type Learned } from "./Arrivals.js"
import { messageOf, type Client } from "./Client.js"
import { History } from "./History.js"
import { PoolStream, type StreamFilter } from "./PoolStream.js"
import { hasFeature, type ServerInfo } from "./ServerInfo.js"
import { hiddenMillis } from "./SharedStream.js"
import { Signal } from "./Signal.js"

export interface SessionFilter extends StreamFilter {
  readonly withoutTags: ReadonlyArray<string>
  /** A window of time, milliseconds since 1970. */
  readonly from: number | undefined
  readonly until: number | undefined
}

export const noFilter: SessionFilter = { tags: [], where: [], withoutTags: [], from: undefined, until: undefined }

export class PoolSession {
  readonly buffer: MessageBuffer
  readonly rows: RowView
  /** Rises when rows, counts or rates changed. */
  readonly changed = new Signal(0)
  readonly following = new Signal(true)
  readonly paused = new Signal(false)
  readonly selected = new Signal<PageMessage | undefined>(undefined)
  /** A selection of several; it holds for as long as it ends with the selected message. */
  readonly extended = new Signal<MessageRange | undefined>(undefined)
  /** What the list should bring into view; answered by the list. */
  readonly wanted = new Signal<{ readonly row: number } | undefined>(undefined)
  readonly notice = new Signal<string | undefined>(undefined)
  /** The bar for playing back is open. */
  readonly replay = new Signal(false)
  readonly history: History
  readonly stream: PoolStream
  readonly arrivals: Arrivals
  filter: SessionFilter = noFilter
  /** The row that was the end when the view stopped moving with it. */
  private leftAt = 0
  private tagged = false
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined
  private readonly onVisibility = (): void => this.visibilityChanged()

  constructor(
    readonly pool: string,
    client: Client,
    private readonly server: ServerInfo,
    limits: BufferLimits = defaultLimits,
    learned?: Learned
  ) {
    this.buffer = new MessageBuffer(limits)
    this.rows = new RowView(this.buffer)
    this.arrivals = new Arrivals((messages) => this.take(messages), learned)
    this.history = new History(pool, client, server, this)
    this.stream = new PoolStream(pool, client, server, {
      newestSeq: () => this.newestSeq,
      onMessages: (messages) => this.arrivals.push(messages, this.newestSeq ?? 0, this.buffer.newestSeq === undefined),
      onRecreated: () => {
        this.arrivals.flush()
        this.buffer.addRecreated(Date.now())
        this.touch()
      },
      onLost: (from, to) => {
        // Without a filter the jump in the numbers says it, when the next message comes.
        if (this.isServerFiltered) this.buffer.addGap(from, to)
      },
      onInterrupted: (since) => {
        this.arrivals.flush()
        this.buffer.addInterruption(since, Date.now())
        this.touch()
      }
    })
    document.addEventListener("visibilitychange", this.onVisibility)
  }

  dispose(): void {
    clearTimeout(this.hiddenTimer)
    document.removeEventListener("visibilitychange", this.onVisibility)
    this.stream.dispose()
    this.history.dispose()
  }

  get isServerFiltered(): boolean {
    const { tags, where } = this.filter
    return tags.length > 0 || (where.length > 0 && hasFeature(this.server.value, "where"))
  }

  /** The list ends with what comes in now. */
  get isAttached(): boolean {
    return this.history.mode === "live"
  }

  /** Of what has come, drawn or not. */
  private get newestSeq(): number | undefined {
    return this.arrivals.newestSeq ?? this.buffer.newestSeq
  }

  /** Some message had a tag, so the list has a column for them. */
  get hasTags(): boolean {
    return this.tagged
  }

  get receivedCount(): number {
    return this.arrivals.count
  }

  /** Begins: at a message, in a window, or at the live end. */
  async open(filter: SessionFilter, seq: number | undefined): Promise<void> {
    this.applyFilter(filter)
    if (seq !== undefined) await this.goToSeq(seq)
    else if (filter.from !== undefined || filter.until !== undefined) await this.history.loadWindow()
    else this.goLive()
  }

  /** Local parts take effect at once; for the others the messages are asked for again. */
  async setFilter(filter: SessionFilter): Promise<void> {
    const before = this.filter
    const isSame = (["tags", "where", "from", "until"] as const).every(
      (key) => JSON.stringify(before[key]) === JSON.stringify(filter[key])
    )
    this.applyFilter(filter)
    if (isSame) return this.touch()
    this.paused.set(false)
    if (filter.from !== undefined || filter.until !== undefined) await this.history.loadWindow()
    else this.goLive()
  }

  /** What is left out here, not on the server; undefined lets everything through. */
  readonly localTest = new Signal<MessageTest | undefined>(undefined)

  private applyFilter(filter: SessionFilter): void {
    if (JSON.stringify(filter) === JSON.stringify(this.filter)) return
    this.filter = filter
    const isServerWhere = hasFeature(this.server.value, "where")
    this.stream.setFilter(isServerWhere ? filter : { ...filter, where: [] })
    const { withoutTags } = filter
    const local = isServerWhere ? undefined : localWhere(filter.where)
    const test: MessageTest | undefined =
      withoutTags.length === 0 && local === undefined
        ? undefined
        : (message) =>
            matchesTags({ include: [], exclude: withoutTags }, message.tags) && local?.judge(message) !== "reject"
    this.localTest.set(test)
    this.rows.setTest(test)
  }

  /** The newest messages, and what comes after them. */
  goLive(): void {
    this.history.mode = "live"
    // What was known of older messages was known of another filter, or before the stream began anew.
    this.history.older.set("more")
    this.reset()
    this.paused.set(false)
    this.follow()
    this.stream.start()
  }

  /** Forgets what is held; rows go on being numbered. */
  reset(): void {
    this.arrivals.drop()
    this.buffer.hold(false)
    this.buffer.reset()
    this.rows.freeze(undefined)
    this.rows.sync()
    this.touch()
  }

  async goToSeq(seq: number): Promise<void> {
    const held = this.buffer.findSeq(seq)
    if (held?.isExact === true) return this.show(held.row)
    await this.history.loadAround({ seq })
  }

  async goToTime(timeMillis: number): Promise<void> {
    const oldest = this.buffer.rowAt(this.buffer.firstRow)
    const isHeld = oldest?.kind === "message" && oldest.message.timeMillis <= timeMillis && this.isAttached
    const held = isHeld ? this.buffer.findTime(timeMillis) : undefined
    if (held !== undefined) return this.show(held.row)
    await this.history.loadAround({ timeMillis })
  }

  async goToOldest(): Promise<void> {
    if (this.history.older.value === "none" && this.buffer.messageCount > 0) return this.show(this.buffer.firstRow)
    await this.history.loadAround({ seq: 1 }, true)
  }

  /** To the newest, and on with it. */
  goToNewest(): void {
    if (this.paused.value) this.resume()
    if (this.history.mode === "window") this.wanted.set({ row: this.rows.endRow - 1 })
    else if (this.isAttached && this.buffer.reachesLiveEnd) this.follow()
    else this.goLive()
  }

  /** Selects the message at a row of the buffer and brings it into view. */
  show(bufferRow: number): void {
    const row = this.rows.rowOf(bufferRow)
    this.unfollow()
    const held = this.buffer.rowAt(bufferRow)
    if (held?.kind === "message") this.selected.set(held.message)
    this.wanted.set({ row })
  }

  /** The message at a row is selected, or the selection goes on to it. */
  pick(row: number, isExtending: boolean): void {
    const held = this.rows.rowAt(row)
    if (held?.kind !== "message") return
    if (isExtending) this.extendSelection(held.message)
    else this.select(held.message)
  }

  /** The buffer's row of the selected message; undefined when it is not held. */
  get foundRow(): number | undefined {
    const found = this.selected.value === undefined ? undefined : this.buffer.findSeq(this.selected.value.seq)
    return found?.isExact === true ? found.row : undefined
  }

  /** The row of the selected message; undefined when it is not shown. */
  get selectedRow(): number | undefined {
    const row = this.foundRow
    return row === undefined ? undefined : this.rows.rowOf(row)
  }

  /** To the next message in this direction; to the last one when none is selected. */
  select(message: PageMessage): void {
    this.extended.set(undefined)
    this.selected.set(message)
  }

  /** From where the selection began to this message. */
  extendSelection(message: PageMessage): void {
    this.extended.set({ from: this.selection?.from ?? message, to: message })
    this.selected.set(message)
  }

  selectAll(): void {
    const [first, ...others] = this.rows.messages()
    const last = others.at(-1)
    if (first === undefined) return
    this.select(first)
    if (last !== undefined) this.extendSelection(last)
    this.unfollow()
  }

  get selection(): MessageRange | undefined {
    const message = this.selected.value
    if (message === undefined) return undefined
    const extended = this.extended.value
    return extended?.to === message ? extended : { from: message, to: message }
  }

  get selectedMessages(): ReadonlyArray<PageMessage> {
    return messagesInRange(this.rows.messages(), this.selection)
  }

  /** To a message so many rows from the selected one; that one alone is selected then, or all on the way. */
  moveSelection(by: number, isExtending = false): void {
    const at = this.selectedRow
    const direction = Math.sign(by)
    let row = at === undefined ? this.rows.endRow - 1 : at + by
    row = Math.min(Math.max(row, this.rows.firstRow), this.rows.endRow - 1)
    while (this.rows.rowAt(row) !== undefined && this.rows.rowAt(row)?.kind !== "message") row += direction || -1
    const held = this.rows.rowAt(row)
    if (held?.kind !== "message") return
    if (isExtending) this.extendSelection(held.message)
    else this.select(held.message)
    this.unfollow()
    this.wanted.set({ row })
  }

  follow(): void {
    this.following.set(true)
    this.holdOrNot()
  }

  unfollow(): void {
    if (!this.following.value) return
    this.leftAt = this.rows.fullEnd
    this.following.set(false)
    this.holdOrNot()
  }

  pause(): void {
    if (this.paused.value) return
    this.arrivals.flush()
    if (this.following.value) this.leftAt = this.rows.fullEnd
    this.rows.freeze(this.rows.endRow)
    this.paused.set(true)
    this.holdOrNot()
    this.touch()
  }

  resume(): void {
    this.paused.set(false)
    this.rows.freeze(undefined)
    this.holdOrNot()
    if (!this.buffer.reachesLiveEnd) {
      // The cap was reached meanwhile: what was left out is asked for again.
      this.buffer.reattach()
      if (this.isAttached) this.stream.start()
    }
    this.touch()
  }

  /** Messages that came since the view stopped moving. */
  get unseenCount(): number {
    return this.following.value && !this.paused.value ? 0 : this.rows.messagesFrom(this.leftAt)
  }

  clear(): void {
    this.arrivals.flush()
    this.buffer.clear()
    this.rows.freeze(undefined)
    this.rows.sync()
    this.leftAt = this.rows.fullEnd
    if (this.paused.value) this.rows.freeze(this.rows.endRow)
    this.history.older.set("none")
    this.touch()
  }

  /** Tells the views. */
  touch(): void {
    this.tagged ||= this.looksTagged()
    this.changed.update((count) => count + 1)
  }

  /** Whether one of the newest has a tag. */
  private looksTagged(): boolean {
    for (let row = this.buffer.endRow - 1; row >= Math.max(this.buffer.firstRow, this.buffer.endRow - 50); row--) {
      const held = this.buffer.rowAt(row)
      if (held?.kind === "message" && held.message.tags.length > 0) return true
    }
    return false
  }

  private holdOrNot(): void {
    this.buffer.hold(this.paused.value || !this.following.value)
  }

  private take(messages: ReadonlyArray<PageMessage>): void {
    const { firstRow } = this.buffer
    this.buffer.append(messages, { isFiltered: this.isServerFiltered })
    // What fell out can be loaded again.
    if (this.buffer.firstRow > firstRow && this.history.older.value === "none") this.history.older.set("more")
    this.rows.sync()
    this.touch()
  }

  /** Called once a second by the page. */
  sampleRate(): void {
    this.arrivals.sample(this.stream.value.state.phase === "live")
  }

  fail(error: unknown): void {
    this.notice.set(messageOf(error))
  }

  private visibilityChanged(): void {
    clearTimeout(this.hiddenTimer)
    const { state } = this.stream.value
    if (document.hidden) {
      this.hiddenTimer = setTimeout(() => {
        if (this.stream.value.state.phase !== "stopped") this.stream.dispatch({ kind: "stop", by: "hidden" })
      }, hiddenMillis)
    } else if (state.phase === "stopped" && state.kind === "hidden") this.stream.start()
    else if (state.phase === "reconnecting") this.stream.dispatch({ kind: "retryNow" })
  }
}

/** For a server that runs no filters: what the page itself can judge. What it cannot is refused where it is typed. */
export const localWhere = (where: ReadonlyArray<string>): LocalFilter | undefined => {
  const filters = where.flatMap((expression) => compileFilter(expression).filter ?? [])
  return filters.length === 0 ? undefined : allOf(filters)
}
