/**
 * Several pools that are open together: each has a session of its own, and this holds them in step. Merged, they are one
 * list by time; filters, pause, jumps and the selected message are the same for all.
 */
import { FieldPaths } from "../logic/fieldPaths.js"
import type { PageMessage } from "../logic/message.js"
import { defaultLimits } from "../logic/messageBuffer.js"
import type { MessageRange } from "../logic/messageRange.js"
import { MergedRows, type MergeSource } from "../logic/mergedRows.js"
import { poolMarks, type PoolMark } from "../logic/poolGroup.js"
import type { MessageTest } from "../logic/rowView.js"
import { TagCounter } from "../logic/tagFilter.js"
import { fastFlushMillis, isTooFast } from "./Arrivals.js"
import type { Client } from "./Client.js"
import type { More } from "./History.js"
import { PoolSession, type SessionFilter } from "./PoolSession.js"
import type { ServerInfo } from "./ServerInfo.js"
import { Signal } from "./Signal.js"

/** With fewer rows than this at the start, older ones are asked for. */
const fewRows = 100
/** Pages without a row that can be shown, one after another, before the reader has to ask again. */
const mostEmptyPages = 20
const hiddenRefreshMillis = 1_000

export class GroupSession {
  readonly marks: ReadonlyArray<PoolMark>
  readonly members: ReadonlyArray<PoolSession>
  /** All names, for titles. */
  readonly pool: string
  readonly rows = new MergedRows()
  readonly changed = new Signal(0)
  readonly following = new Signal(true)
  readonly paused = new Signal(false)
  readonly selected = new Signal<PageMessage | undefined>(undefined)
  /** The one whose message is selected, or that was used last. */
  readonly active: Signal<PoolSession>
  readonly wanted = new Signal<{ readonly row: number } | undefined>(undefined)
  /** One message at a time is selected here. */
  readonly extended = new Signal<MessageRange | undefined>(undefined)
  readonly arrivals = { isFast: new Signal(false) }
  readonly history: {
    readonly older: Signal<More>
    readonly newer: Signal<More>
    readonly loadOlder: () => Promise<number>
    readonly loadNewer: () => Promise<number>
  }
  readonly buffer: { readonly reachesLiveEnd: boolean; readonly newestSeq: number | undefined }
  /** What is searched has been tested already. */
  readonly localTest = new Signal<MessageTest | undefined>(undefined)
  /** Each pool has a list of its own. */
  isInColumns = false
  private topRow = 0
  /** While paused: where the buffer of each ended then. What is older may still come to be seen. */
  private pausedAt: ReadonlyArray<number> = []
  private isPlanned = false
  private isFilling = false
  /** Brought to a place by others: what they select meanwhile is not the reader's choice. */
  private readonly placing = new Set<PoolSession>()
  private readonly ends: Array<() => void> = []

  constructor(
    readonly names: ReadonlyArray<string>,
    client: Client,
    server: ServerInfo
  ) {
    this.marks = poolMarks(names)
    this.pool = names.join(" + ")
    const learned = { tags: new TagCounter(), fieldPaths: new FieldPaths() }
    // Together they hold no more than one pool would.
    const limits = {
      messages: Math.floor(defaultLimits.messages / names.length),
      bytes: Math.floor(defaultLimits.bytes / names.length)
    }
    this.members = names.map((name) => new PoolSession(name, client, server, limits, learned))
    this.active = new Signal(this.members[0]!)
    const { members } = this
    this.buffer = {
      get reachesLiveEnd() {
        return members.every(({ buffer }) => buffer.reachesLiveEnd)
      },
      get newestSeq() {
        return Math.max(0, ...members.map(({ buffer }) => buffer.newestSeq ?? 0))
      }
    }
    this.history = {
      older: new Signal<More>("none"),
      newer: new Signal<More>("none"),
      loadOlder: () => this.load("older"),
      loadNewer: () => this.load("newer")
    }
    for (const member of members) {
      this.ends.push(
        member.changed.subscribe(() => this.plan()),
        member.history.older.subscribe(() => this.plan()),
        member.history.newer.subscribe(() => this.plan()),
        member.selected.subscribe((message) => this.memberSelected(member, message)),
        member.stream.subscribe(({ state }) => {
          if (state.phase === "live") void this.fill()
        })
      )
    }
  }

  dispose(): void {
    for (const end of this.ends) end()
    for (const member of this.members) member.dispose()
  }

  async open(filter: SessionFilter, seq: number | undefined, seqPool: string | undefined): Promise<void> {
    for (const member of this.members) void member.open(filter, undefined)
    if (filter.from !== undefined || filter.until !== undefined) this.following.set(false)
    if (seq !== undefined) await this.goToSeq(seq, seqPool)
  }

  async setFilter(filter: SessionFilter): Promise<void> {
    const done = Promise.all(this.members.map((member) => member.setFilter(filter)))
    this.paused.set(this.members.some(({ paused }) => paused.value))
    if (this.members.every(({ following }) => following.value)) this.following.set(true)
    await done
    this.refresh()
  }

  get isAttached(): boolean {
    return this.members.every(({ isAttached }) => isAttached)
  }

  get hasTags(): boolean {
    return this.members.some(({ hasTags }) => hasTags)
  }

  get receivedCount(): number {
    return this.members.reduce((sum, { receivedCount }) => sum + receivedCount, 0)
  }

  get loadedCount(): number {
    return this.members.reduce((sum, { buffer }) => sum + buffer.messageCount, 0)
  }

  get unseenCount(): number {
    return this.members.reduce((sum, { unseenCount }) => sum + unseenCount, 0)
  }

  markOf(row: number): PoolMark | undefined {
    const source = this.rows.mergedAt(row)?.source
    return source === undefined ? undefined : this.marks[source]
  }

  /** Milliseconds by which the message at a row came late. */
  lateOf(row: number): number | undefined {
    return this.rows.mergedAt(row)?.lateMillis
  }

  /** Numbers are not enough to know the selected message by. */
  owns(row: number): boolean {
    return this.rows.mergedAt(row)?.source === this.activeIndex
  }

  /** The row on top of what is seen: it stays there. */
  lookAt(row: number): void {
    this.topRow = row
  }

  get selection(): MessageRange | undefined {
    const message = this.selected.value
    return message === undefined ? undefined : { from: message, to: message }
  }

  get selectedMessages(): ReadonlyArray<PageMessage> {
    return this.selected.value === undefined ? [] : [this.selected.value]
  }

  get selectedRow(): number | undefined {
    const message = this.selected.value
    return message === undefined ? undefined : this.rows.rowOf(this.activeIndex, message)
  }

  /** For the search, which looks through these rows. */
  get foundRow(): number | undefined {
    return this.selectedRow
  }

  pick(row: number): void {
    const held = this.rows.mergedAt(row)
    if (held?.row.kind === "message") this.members[held.source]!.select(held.row.message)
  }

  moveSelection(by: number): void {
    const { endRow, firstRow } = this.rows
    const at = this.selectedRow
    let row = Math.min(Math.max(at === undefined ? endRow - 1 : at + by, firstRow), endRow - 1)
    while (this.rows.rowAt(row) !== undefined && this.rows.rowAt(row)?.kind !== "message") row += Math.sign(by) || -1
    if (this.rows.rowAt(row) !== undefined) this.show(row)
  }

  /** Selects the message at a row and brings it into view, here and in the list of its pool. */
  show(row: number): void {
    const held = this.rows.mergedAt(row)
    if (held === undefined) return
    this.unfollow()
    this.members[held.source]!.show(held.sourceRow)
    this.wanted.set({ row })
  }

  /** The last of those that came late. */
  showLate(): void {
    const late = this.rows.lastLate
    if (late?.row.kind !== "message") return
    const row = this.rows.rowOf(late.source, late.row.message)
    this.rows.forgetLate()
    if (row !== undefined) this.show(row)
    this.touch()
  }

  follow(): void {
    this.following.set(true)
    for (const member of this.members) member.follow()
  }

  unfollow(): void {
    this.following.set(false)
    for (const member of this.members) member.unfollow()
  }

  pause(): void {
    if (this.paused.value) return
    for (const member of this.members) member.pause()
    this.refresh()
    this.pausedAt = this.members.map(({ buffer }) => buffer.endRow)
    this.paused.set(true)
    this.touch()
  }

  resume(): void {
    this.paused.set(false)
    for (const member of this.members) member.resume()
    this.refresh()
  }

  clear(): void {
    for (const member of this.members) member.clear()
    this.rows.forgetLate()
    this.paused.set(false)
    for (const member of this.members) member.resume()
    this.refresh()
  }

  /** In its pool, and the others around the same time. */
  async goToSeq(seq: number, name: string | undefined): Promise<void> {
    const member = this.members.find(({ pool }) => pool === name) ?? this.members[0]!
    this.leave()
    await member.goToSeq(seq)
    const { value: message } = member.selected
    if (message !== undefined) await this.place(message.timeMillis, member)
  }

  async goToTime(timeMillis: number): Promise<void> {
    this.leave()
    await this.place(timeMillis, undefined)
  }

  async goToOldest(): Promise<void> {
    this.leave()
    await this.bring(this.members, (member) => member.goToOldest())
    this.refresh()
    for (let row = this.rows.firstRow; row < this.rows.endRow; row++) {
      if (this.rows.rowAt(row)?.kind === "message") return this.show(row)
    }
  }

  goToNewest(): void {
    if (this.paused.value) this.resume()
    for (const member of this.members) member.goToNewest()
    if (this.members.every(({ following }) => following.value)) this.following.set(true)
    else this.wanted.set({ row: this.rows.endRow - 1 })
    this.refresh()
  }

  /** Called once a second by the page. */
  sampleRate(): void {
    for (const member of this.members) member.sampleRate()
  }

  /** For another place: what the end was when the view was paused says nothing there. */
  private leave(): void {
    if (this.paused.value) this.resume()
    this.unfollow()
  }

  private get activeIndex(): number {
    return this.members.indexOf(this.active.value)
  }

  private get sources(): ReadonlyArray<MergeSource> {
    const { value: isPaused } = this.paused
    return this.members.map(({ buffer, history, localTest, stream }, index) => ({
      rows: buffer,
      test: localTest.value,
      hasOlder: history.isOffered && history.older.value !== "none",
      hasNewer: history.newer.value !== "none" || !buffer.reachesLiveEnd,
      isLive: stream.value.state.phase === "live",
      until: isPaused ? this.pausedAt[index] : undefined
    }))
  }

  private touch(): void {
    this.changed.update((count) => count + 1)
  }

  /** Once per frame, however many pools have news. What is the first to be seen is not waited for. */
  private plan(): void {
    if (this.rows.endRow === this.rows.firstRow) return this.refresh()
    if (this.isPlanned) return
    this.isPlanned = true
    const run = (): void => {
      this.isPlanned = false
      this.refresh()
    }
    if (document.hidden) setTimeout(run, hiddenRefreshMillis)
    else if (this.arrivals.isFast.value) setTimeout(run, fastFlushMillis)
    else requestAnimationFrame(run)
  }

  /** Takes what the members have into the list. */
  private refresh(): void {
    const { sources } = this
    const isAtEnd = this.following.value && !this.paused.value
    this.rows.sync(sources, isAtEnd ? this.rows.firstRow : this.topRow)
    const moreAt = (end: "older" | "newer"): More => {
      const source = this.rows.edgeSource(sources, end)
      return source === undefined ? "none" : this.members[source]!.history[end].value
    }
    this.history.older.set(moreAt("older"))
    this.history.newer.set(moreAt("newer"))
    const perSecond = this.members.reduce((sum, { arrivals }) => sum + arrivals.perSecond, 0)
    this.arrivals.isFast.set(isTooFast(perSecond, this.arrivals.isFast.value))
    this.touch()
  }

  /** A page for the pool whose unloaded part ends the list; more until there is something to be shown. */
  private async load(end: "older" | "newer"): Promise<number> {
    const count = (): number => this.rows.endRow - this.rows.firstRow
    const before = count()
    for (let page = 0; page < mostEmptyPages && count() === before; page++) {
      const source = this.rows.edgeSource(this.sources, end)
      if (source === undefined) break
      const { history } = this.members[source]!
      const added = await (end === "older" ? history.loadOlder() : history.loadNewer())
      this.refresh()
      if (added === 0 && history[end].value !== "none") break
    }
    return count() - before
  }

  /** A pool that is written to often would leave nothing of the others to be seen. */
  private async fill(): Promise<void> {
    if (this.isFilling || !this.following.value) return
    this.isFilling = true
    this.refresh()
    while (this.following.value && this.rows.endRow - this.rows.firstRow < fewRows && (await this.load("older")) > 0);
    this.isFilling = false
  }

  private memberSelected(member: PoolSession, message: PageMessage | undefined): void {
    if (this.placing.has(member)) return
    if (message === undefined) {
      if (this.active.value === member) this.selected.set(undefined)
      return
    }
    this.active.set(member)
    for (const other of this.members) if (other !== member) other.selected.set(undefined)
    this.selected.set(message)
  }

  /** All but `chosen` to a time; without one, what is nearest to it is selected. */
  private async place(timeMillis: number, chosen: PoolSession | undefined): Promise<void> {
    const others = this.members.filter((member) => member !== chosen)
    const found = await this.bring(others, (member) => member.goToTime(timeMillis))
    this.unfollow()
    this.refresh()
    if (chosen === undefined) {
      const distance = ({ timeMillis: time }: PageMessage): number => Math.abs(time - timeMillis)
      const [nearest] = [...found].sort(([, left], [, right]) => distance(left) - distance(right))
      nearest?.[0].select(nearest[1])
    }
    const row = this.selectedRow
    if (row !== undefined) this.wanted.set({ row })
  }

  private async bring(
    members: ReadonlyArray<PoolSession>,
    go: (member: PoolSession) => Promise<void>
  ): Promise<Map<PoolSession, PageMessage>> {
    const found = new Map<PoolSession, PageMessage>()
    await Promise.all(
      members.map(async (member) => {
        this.placing.add(member)
        await go(member)
        const { value: message } = member.selected
        if (message !== undefined) found.set(member, message)
        member.selected.set(undefined)
        this.placing.delete(member)
      })
    )
    return found
  }
}
