// What is drawn first, and in which order it is asked for.
import { assert, it } from "vitest"
import { longestWaitMillis } from "../../http/page/data/firstView.js"
import { byId, describeInBrowser, eventually, isLive, numbered, openContext, sharedServer, write } from "./browser.js"

describeInBrowser("the first view", () => {
  it("is drawn with what was asked early, not first without it", { timeout: 60_000 }, async () => {
    const server = await sharedServer()
    await write(server, "whole", numbered(1, 20))
    const context = await openContext(server)
    for (const [path, id] of [
      ["/ui", "pool-row"],
      ["/ui/pools/whole", "row"]
    ] as const) {
      const page = await context.newPage()
      await page.addInitScript((wanted) => {
        new MutationObserver((_, observer) => {
          const root = document.getElementById("root")
          if (root === null || root.childElementCount === 0) return
          observer.disconnect()
          // In the first picture that has anything in it.
          requestAnimationFrame(() =>
            Object.assign(window, { rowsAtFirst: root.querySelectorAll(`[data-testid="${wanted}"]`).length })
          )
        }).observe(document, { childList: true, subtree: true })
      }, id)
      // A busy machine may be slower than the page waits.
      await eventually(
        async () => {
          await page.goto(path)
          await page.getByTestId(id).first().waitFor()
          await page.waitForFunction(() => "rowsAtFirst" in window)
          return page.evaluate(() => (window as unknown as { readonly rowsAtFirst: number }).rowsAtFirst > 0)
        },
        true,
        25_000
      )
      await page.close()
    }
  })

  it("does not wait for an answer that is late", { timeout: 30_000 }, async () => {
    const server = await sharedServer()
    await write(server, "late", numbered(1, 3))
    const context = await openContext(server)
    const page = await context.newPage()
    let answer = (): void => undefined
    const answered = new Promise<void>((resolve) => (answer = resolve))
    await page.route(/\/v0\/ui\/(?:pools|stats)$/, async (route) => {
      await answered
      await route.continue()
    })
    await page.goto("/ui")
    await byId(page, "overview").waitFor()
    assert.strictEqual(await byId(page, "poolRow").count(), 0)
    answer()
    await page.locator('[data-pool="late"]').waitFor()
  })

  it("of a pool asks for its messages before anything of the other pools", { timeout: 30_000 }, async () => {
    const server = await sharedServer()
    await write(server, "before", numbered(1, 3))
    const context = await openContext(server)
    const page = await context.newPage()
    const asked: Array<string> = []
    page.on("request", (request) => void asked.push(new URL(request.url()).pathname))
    await page.addInitScript(() => {
      const ask = window.fetch
      const looks: Record<string, { rows: number; atMillis: number }> = {}
      Object.assign(window, { looks })
      window.fetch = (input, init) => {
        const { pathname } = new URL(String(input), location.href)
        looks[pathname] ??= {
          rows: document.querySelectorAll('[data-testid="row"]').length,
          atMillis: performance.now()
        }
        return ask(input, init)
      }
    })
    await page.goto("/ui/pools/before")
    await isLive(page)
    await eventually(() => Promise.resolve(asked.includes("/v0/ui/stats")), true)
    assert.isBelow(asked.indexOf("/v0/ui/pools/before/events"), asked.indexOf("/v0/ui/pools"))
    const looks = await page.evaluate(
      () =>
        (window as unknown as { readonly looks: Record<string, { readonly rows: number; readonly atMillis: number }> })
          .looks
    )
    assert.strictEqual(looks["/v0/ui/pools/before/events"]?.rows, 0)
    for (const route of ["/v0/ui/pools", "/v0/ui/stats"]) {
      const { atMillis, rows } = looks[route]!
      // On a busy machine the page is drawn without the messages, after a moment.
      assert.isTrue(rows === 3 || atMillis >= longestWaitMillis, `${route} with ${rows} rows after ${atMillis} ms`)
    }
  })
})
