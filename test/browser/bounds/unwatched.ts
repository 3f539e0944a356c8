// A tab as a reader has it. Of its own pages Playwright records requests and console, and for each request the browser then
// notes where in the script it was made, for which it reads the whole script again: a third of the script's time.
import type { Browser, CDPSession } from "playwright-core"

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

const pollMillis = 20
const longestWaitMillis = 30_000

export class UnwatchedTab {
  private asked = 0
  private readonly waiting = new Map<number, (answer: Answer) => void>()

  private constructor(
    private readonly root: CDPSession,
    private readonly contextId: string,
    private readonly sessionId: string
  ) {}

  /** In a context of its own, so that nothing is known of any page. */
  static async open(browser: Browser, width: number, height: number): Promise<UnwatchedTab> {
    const root = await browser.newBrowserCDPSession()
    const { browserContextId } = await root.send("Target.createBrowserContext")
    const { targetId } = await root.send("Target.createTarget", { url: "about:blank", browserContextId, width, height })
    const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false })
    const tab = new UnwatchedTab(root, browserContextId, sessionId)
    root.on("Target.receivedMessageFromTarget", (event) => {
      if (event.sessionId === sessionId) tab.heard(JSON.parse(event.message) as Answer)
    })
    return tab
  }

  /** The script runs before any of the document's. The main thread's work is counted from now on. */
  async prepare(script: string): Promise<void> {
    await this.send("Page.enable")
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source: script })
    await this.send("Performance.enable", { timeDomain: "threadTicks" })
  }

  async navigate(url: string): Promise<void> {
    await this.send("Page.navigate", { url })
  }

  async evaluate<A>(expression: string): Promise<A> {
    const { result } = (await this.send("Runtime.evaluate", { expression, returnByValue: true })) as {
      readonly result: { readonly value: A }
    }
    return result.value
  }

  /** What the expression is, once it is no longer `undefined`. */
  async waitFor<A>(expression: string): Promise<A> {
    const until = Date.now() + longestWaitMillis
    for (;;) {
      const found = await this.evaluate<A | undefined>(expression)
      if (found !== undefined) return found
      if (Date.now() > until) throw new Error(`the page has no ${expression}`)
      await new Promise((resolve) => setTimeout(resolve, pollMillis))
    }
  }

  /** Processor time of the page's main thread so far, milliseconds. */
  async mainThreadMillis(): Promise<number> {
    const { metrics } = (await this.send("Performance.getMetrics")) as {
      readonly metrics: ReadonlyArray<{ readonly name: string; readonly value: number }>
    }
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000
  }

  async close(): Promise<void> {
    await this.root.send("Target.disposeBrowserContext", { browserContextId: this.contextId })
    await this.root.detach()
  }

  private async send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.asked
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve))
    const { sessionId } = this
    await this.root.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) })
    const { error, result } = await answered
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }

  private heard(answer: Answer): void {
    if (answer.id === undefined) return
    this.waiting.get(answer.id)?.(answer)
    this.waiting.delete(answer.id)
  }
}
