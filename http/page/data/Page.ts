/**
 * Everything that the components share, made once: the way to the server, the reader's preferences, the view in the
 * address, the pool that is open, and the one place for dialogs and notices.
 */
import { createContext } from "preact"
import { useContext } from "preact/hooks"
import type { PageMessage } from "../logic/message.js"
import { Announcer } from "./Announcer.js"
import { Client } from "./Client.js"
import { PoolSession } from "./PoolSession.js"
import { PoolsFeed } from "./PoolsFeed.js"
import { Preferences } from "./Preferences.js"
import { Router } from "./Router.js"
import { canRead, ServerInfo } from "./ServerInfo.js"
import { Session } from "./Session.js"
import { Signal } from "./Signal.js"

export type DialogName =
  "help" | "palette" | "create" | "delete" | "jump" | "views" | "compare" | "publishMany" | "fields" | "none"

export interface Toast {
  readonly text: string
  readonly kind: "info" | "failure"
}

/** What the publishing form begins with. */
export interface Draft {
  readonly dataText: string
  readonly tags: ReadonlyArray<string>
}

const toastMillis = 6_000

export class Page {
  readonly preferences = new Preferences()
  readonly router = new Router()
  readonly session: Session
  readonly client: Client
  readonly server: ServerInfo
  readonly feed: PoolsFeed
  readonly announcer = new Announcer()
  readonly pool = new Signal<PoolSession | undefined>(undefined)
  readonly dialog = new Signal<DialogName>("none")
  readonly publishing = new Signal<Draft | undefined>(undefined)
  /** What was written and not sent, by pool: closing the form loses nothing. */
  readonly drafts = new Map<string, Draft>()
  readonly sidebarOpen = new Signal(false)
  readonly toast = new Signal<Toast | undefined>(undefined)
  /** Advice against tokens in queries, once. */
  readonly tokenNotice: Signal<boolean>
  /** The message that the selected one is compared with. */
  readonly compared = new Signal<PageMessage | undefined>(undefined)
  /** Milliseconds since 1970, once a second while the page is seen. */
  readonly clock = new Signal(Date.now())
  private isDrawn = false
  private toastTimer: ReturnType<typeof setTimeout> | undefined

  constructor(token: string | undefined, wasInQuery: boolean) {
    this.session = new Session(token)
    this.client = new Client(this.session)
    this.server = new ServerInfo(this.client)
    this.feed = new PoolsFeed(this.client, this.server)
    this.tokenNotice = new Signal(wasInQuery)
  }

  start(): void {
    void this.server.load()
    this.server.subscribe(() => {
      this.route()
      this.watchPools()
    })
    this.router.subscribe(() => this.route())
    this.session.hasToken.subscribe((hasToken) => {
      // Who is asked for a token knows.
      if (hasToken || this.session.question.value !== undefined) return
      this.say("You are signed out.")
      // Streams that are open were let in with the old token.
      this.pool.value?.stream.start()
      void this.feed.refresh()
    })
    setInterval(() => {
      if (document.hidden) return
      this.pool.value?.sampleRate()
      this.clock.set(Date.now())
    }, 1_000)
    addEventListener("online", () => this.pool.value?.stream.dispatch({ kind: "retryNow" }))
  }

  /** The first view is on the screen: what it could do without is asked for now. */
  drawn(): void {
    this.isDrawn = true
    this.watchPools()
  }

  private watchPools(): void {
    if (!canRead(this.server.value)) return
    if (this.isDrawn) this.feed.start()
    else if (this.pool.value === undefined) this.feed.ask()
  }

  say(text: string, kind: Toast["kind"] = "info"): void {
    clearTimeout(this.toastTimer)
    this.toast.set({ text, kind })
    this.announcer.say(text)
    this.toastTimer = setTimeout(() => this.toast.set(undefined), toastMillis)
  }

  openDialog(name: DialogName): void {
    this.dialog.set(name)
  }

  closeDialog(): void {
    this.dialog.set("none")
  }

  /** Opens, closes or filters the pool as the address says. */
  private route(): void {
    const facts = this.server.value
    if (facts === undefined) return
    const view = this.router.value
    const held = this.pool.value
    if (view.pool === undefined || !canRead(facts)) {
      held?.dispose()
      this.pool.set(undefined)
      return
    }
    const { from, tags, until, where, withoutTags } = view
    const filter = { tags, where, withoutTags, from, until }
    if (held?.pool === view.pool) {
      void held.setFilter(filter)
      if (view.seq !== undefined && view.seq !== held.selected.value?.seq) void held.goToSeq(view.seq)
      else if (view.seq === undefined && held.selected.value !== undefined) held.selected.set(undefined)
      return
    }
    held?.dispose()
    const opened = new PoolSession(view.pool, this.client, this.server)
    opened.selected.subscribe((message) => this.router.change({ seq: message?.seq }))
    opened.stream.subscribe(({ state }) => this.announcer.state(state))
    this.pool.set(opened)
    void opened.open(filter, view.seq)
  }
}

export const PageContext = createContext<Page | undefined>(undefined)

export const usePage = (): Page => {
  const page = useContext(PageContext)
  if (page === undefined) throw new Error("a component outside of the page")
  return page
}
