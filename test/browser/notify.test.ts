// Notifications of messages that match a saved view. The browser has no desktop here, so what the page hands to it is
// recorded; the permission is the browser's own.
import type { BrowserContext, Page } from "playwright-core"
import { assert, it } from "vitest"
import {
  byId,
  describeInBrowser,
  eventually,
  isLive,
  openContext,
  startServer,
  write,
  type Server,
  type Written
} from "./browser.js"

interface Shown {
  readonly title: string
  readonly body: string
  readonly silent: boolean | null
}

/** Records what is shown, and how often the browser is asked for permission, without changing what happens. */
const record = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const Real = Notification
    const shown: Array<Notification> = []
    let asked = 0
    const focus = window.focus.bind(window)
    let focused = 0
    class Recorded extends Real {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        shown.push(this)
      }
      static override requestPermission(): Promise<NotificationPermission> {
        asked++
        return Real.requestPermission()
      }
    }
    window.focus = () => {
      focused++
      focus()
    }
    Object.assign(window, {
      Notification: Recorded,
      notified: {
        list: () => shown.map(({ body, silent, title }) => ({ title, body, silent })),
        press: (index: number) => shown[index]!.dispatchEvent(new Event("click")),
        asked: () => asked,
        focused: () => focused
      }
    })
  })

interface Recorder {
  readonly list: () => ReadonlyArray<Shown>
  readonly press: (index: number) => void
  readonly asked: () => number
  readonly focused: () => number
}

const shown = (page: Page): Promise<ReadonlyArray<Shown>> =>
  page.evaluate(() => (window as unknown as { readonly notified: Recorder }).notified.list())

const see = (page: Page, isHidden: boolean): Promise<void> =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden })
    document.dispatchEvent(new Event("visibilitychange"))
  }, isHidden)

/** Streams that the server has open: of the numbers of all pools, of each pool that is open, and of what is notified of. */
const openTails = async ({ url }: Server): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^\w*tails_open\w*(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1] ?? Number.NaN)
}

const openViews = async (page: Page): Promise<void> => {
  await page.keyboard.press("Control+k")
  await page.keyboard.type("saved views")
  await page.keyboard.press("Enter")
  await byId(page, "viewsDialog").waitFor()
}

const saveView = async (page: Page, name: string): Promise<void> => {
  await openViews(page)
  await page.getByLabel("Name of the present view").fill(name)
  await page.keyboard.press("Enter")
  await byId(page, "viewNotify").waitFor()
}

const order = (level: string, n: number): Written => ({ data: { level, n, note: "<img src=x onerror=window.hit=1>" } })

const whereErrors = `/ui/pools/orders?where=${encodeURIComponent('.data.level == "error"')}`

describeInBrowser("notifications", () => {
  it("tell of what matches a saved view, only while nobody looks, a sum every few seconds, and lead there", async () => {
    const server = await startServer()
    await write(server, "orders", [order("info", 1), order("error", 2)])
    const context = await openContext(server)
    await context.grantPermissions(["notifications"], { origin: server.url })
    await record(context)
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(whereErrors)
    await isLive(page)
    await saveView(page, "errors")
    assert.strictEqual(await byId(page, "viewNotify").getAttribute("aria-pressed"), "false")
    await byId(page, "viewNotify").click()
    await eventually(() => byId(page, "viewNotify").getAttribute("aria-pressed"), "true")
    assert.match(await byId(page, "viewsDialog").innerText(), /stream of them stays open, even when the tab is hidden/)
    await page.keyboard.press("Escape")
    // Shown is another view by now: what it leaves out is notified of all the same.
    await page.keyboard.press("Control+k")
    await page.keyboard.type("clear all filters")
    await page.keyboard.press("Enter")
    await isLive(page)
    await write(server, "orders", [order("error", 3)])
    await page.clock.runFor(10_000)
    assert.deepEqual(await shown(page), [])

    await see(page, true)
    await page.clock.runFor(400)
    await eventually(() => openTails(server), 3)
    await write(server, "orders", [order("info", 4), order("error", 5)])
    await eventually(async () => (await shown(page)).length, 1)
    const [first] = await shown(page)
    assert.deepEqual(first, {
      title: "errors",
      body: "orders 5: level=error  n=5  note=<img src=x onerror=window.hit=1>",
      silent: true
    })
    for (const n of [6, 7, 8]) await write(server, "orders", [order("error", n)])
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.strictEqual((await shown(page)).length, 1)
    await page.clock.runFor(5_000)
    await eventually(async () => (await shown(page)).map(({ title }) => title), ["errors", "errors: 4 messages"])

    // The pool's own stream rests after a minute; this one does not.
    await page.clock.runFor(61_000)
    await eventually(() => openTails(server), 1)
    await write(server, "orders", [order("error", 9)])
    await eventually(async () => (await shown(page)).length, 3)
    await page.evaluate(() => (window as unknown as { readonly notified: Recorder }).notified.press(2))
    await see(page, false)
    await eventually(() => byId(page, "detailSeq").innerText(), "9")
    assert.include(page.url(), "where=")
    assert.strictEqual(
      await page.evaluate(() => (window as unknown as { readonly notified: Recorder }).notified.focused()),
      1
    )
    await eventually(() => openTails(server), 2)
    assert.strictEqual(
      await page.evaluate(() => (window as unknown as { readonly notified: Recorder }).notified.asked()),
      0
    )
    assert.isUndefined(await page.evaluate(() => ("hit" in window ? window.hit : undefined)))
  })

  it("come from one tab of several, none while the reader is in one, and end with the view", async () => {
    const server = await startServer()
    await write(server, "orders", [order("info", 1)])
    const context = await openContext(server)
    await context.grantPermissions(["notifications"], { origin: server.url })
    await record(context)
    const [one, two] = [await context.newPage(), await context.newPage()]
    await one.goto("/ui/pools/orders")
    await isLive(one)
    await saveView(one, "all")
    await byId(one, "viewNotify").click()
    await eventually(() => byId(one, "viewNotify").getAttribute("aria-pressed"), "true")
    await two.goto("/ui/pools/orders")
    await isLive(two)
    const total = async (): Promise<number> => (await shown(one)).length + (await shown(two)).length
    await see(one, true)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    await write(server, "orders", [order("info", 2)])
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    assert.strictEqual(await total(), 0)
    await see(two, true)
    await eventually(() => openTails(server), 4)
    await write(server, "orders", [order("info", 3)])
    await eventually(total, 1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.strictEqual(await total(), 1)
    await openViews(two)
    await two.getByRole("button", { name: "Remove all" }).click()
    await eventually(() => openTails(server), 3)
    await write(server, "orders", [order("info", 4)])
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    assert.strictEqual(await total(), 1)
  })

  it("are asked for only when the reader wants them, and explained when the browser refuses", async () => {
    const server = await startServer()
    await write(server, "orders", [order("info", 1)])
    const context = await openContext(server, { viewport: { width: 360, height: 740 } })
    await record(context)
    const page = await context.newPage()
    await page.goto("/ui/pools/orders")
    await isLive(page)
    const asked = () => page.evaluate(() => (window as unknown as { readonly notified: Recorder }).notified.asked())
    await saveView(page, "all that is written to this pool, whatever it is")
    assert.strictEqual(await asked(), 0)
    const before = await page.evaluate(() => Notification.permission)
    await byId(page, "viewNotify").click()
    await byId(page, "notifyProblem").waitFor()
    const after = await page.evaluate(() => Notification.permission)
    console.log(`    permission before ${before}, after ${after}`)
    assert.strictEqual(await asked(), before === "default" ? 1 : 0)
    assert.match(await byId(page, "notifyProblem").innerText(), after === "denied" ? /settings/ : /asked again/)
    assert.strictEqual(await byId(page, "viewNotify").getAttribute("aria-pressed"), "false")
    // On a phone, too, nothing of it is out of sight.
    const content = byId(page, "viewsDialog").locator(".content")
    assert.isFalse(await content.evaluate(({ clientWidth, scrollWidth }) => scrollWidth > clientWidth))
  })
})
