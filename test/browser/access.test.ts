// Who may see what: the document and its policy, the token's way, access modes, many tabs, hidden tabs.
import { assert, it } from "vitest"
import {
  byId,
  connectionState,
  describeInBrowser,
  eventually,
  isLive,
  numbered,
  open,
  openContext,
  sharedServer,
  shownSeqs,
  startServer,
  write
} from "./browser.js"

const denied = { complaints: [/401/] }

describeInBrowser("access", () => {
  it("1, 2: one document for all addresses, under its own policy, and nothing from elsewhere", async () => {
    const server = await sharedServer()
    await write(server, "demo", numbered(1, 3))
    const [overview, pool] = await Promise.all([fetch(`${server.url}/ui`), fetch(`${server.url}/ui/pools/demo`)])
    const text = await overview.text()
    assert.strictEqual(await pool.text(), text)
    assert.include(text, "Plasmite UI")
    const policy = overview.headers.get("content-security-policy") ?? ""
    assert.include(policy, "connect-src 'self'")
    assert.notMatch(policy, /unsafe-inline|unsafe-eval|\*/)
    const context = await openContext(server)
    await context.addInitScript(() => {
      const violations: Array<string> = []
      Object.assign(window, { violations })
      document.addEventListener("securitypolicyviolation", ({ violatedDirective }) =>
        violations.push(violatedDirective)
      )
    })
    const page = await context.newPage()
    await page.goto("/")
    assert.strictEqual(new URL(page.url()).pathname, "/ui")
    await byId(page, "poolRow").first().click()
    await isLive(page)
    await byId(page, "row").first().click()
    await byId(page, "publish").click()
    await page.keyboard.press("Escape")
    const violations = await page.evaluate(
      () => (window as unknown as { readonly violations: ReadonlyArray<string> }).violations
    )
    assert.deepEqual(violations, [])
  })

  it("11, 12: asks for the token once, says that one is wrong, and never shows it", async () => {
    const server = await startServer({ token: "right-token-123", logRequests: "all" })
    await write(server, "first", numbered(1, 2))
    await write(server, "second", numbered(1, 4))
    const { context, page } = await open(server, "/ui/pools/first", {}, denied)
    await byId(page, "tokenField").fill("wrong-token-456")
    await byId(page, "tokenSubmit").click()
    await byId(page, "tokenProblem").waitFor()
    await byId(page, "tokenField").fill("right-token-123")
    await byId(page, "tokenSubmit").click()
    await eventually(() => shownSeqs(page), [1, 2])
    await byId(page, "poolLink").filter({ hasText: "second" }).click()
    await eventually(() => shownSeqs(page), [1, 2, 3, 4])
    assert.strictEqual(await byId(page, "tokenDialog").count(), 0)
    await page.reload()
    await eventually(() => shownSeqs(page), [1, 2, 3, 4])
    const other = await context.newPage()
    await other.goto("/ui/pools/first")
    await eventually(() => shownSeqs(other), [1, 2])
    for (const tab of [page, other]) assert.notInclude(tab.url(), "token")
    assert.notMatch(server.log(), /right-token|wrong-token/)
    assert.include(server.log(), "/v0/")
  })

  it("13: takes a token out of the address before the first request", async () => {
    const server = await startServer({ token: "from-the-address" })
    await write(server, "demo", numbered(1, 2))
    const context = await openContext(server)
    const seen: Array<string> = []
    context.on("request", (request) => {
      if (new URL(request.url()).pathname.startsWith("/v0/"))
        seen.push(`${request.url()} from ${request.frame().url()}`)
    })
    for (const form of ["/ui/pools/demo?token=from-the-address", "/ui/pools/demo#token=from-the-address"]) {
      const page = await context.newPage()
      await page.goto(form)
      await eventually(() => shownSeqs(page), [1, 2])
      assert.strictEqual(page.url(), `${server.url}/ui/pools/demo`)
      assert.notInclude(
        await page.evaluate(() => JSON.stringify(history.state) + document.referrer),
        "from-the-address"
      )
      await page.close()
    }
    assert.isNotEmpty(seen)
    for (const line of seen) assert.notInclude(line, "from-the-address")
  })

  it("asks each first question once, and none that the server would refuse", async () => {
    const directory = (await startServer()).directory
    await write({ directory }, "demo", numbered(1, 3))
    const open = await startServer({ directory })
    const closed = await startServer({ directory, token: "the-right-token" })
    const writing = await startServer({ directory, access: "write-only" })
    /** Paths that were asked for at a server, with whether a token was sent; and the answers that were refusals. */
    const watch = async (server: { readonly url: string }) => {
      const context = await openContext(server, {}, denied)
      const asked: Array<string> = []
      const refused: Array<number> = []
      context.on("request", (request) => {
        const { pathname } = new URL(request.url())
        if (!pathname.startsWith("/v0/")) return
        asked.push(`${pathname}${"authorization" in request.headers() ? " with token" : ""}`)
      })
      context.on("response", (response) => void (response.status() >= 400 && refused.push(response.status())))
      return { page: await context.newPage(), asked, refused }
    }
    const countOf = (asked: ReadonlyArray<string>, path: string): number => asked.filter((one) => one === path).length

    const free = await watch(open)
    await free.page.goto("/ui/pools/demo")
    await eventually(() => shownSeqs(free.page), [1, 2, 3])
    await isLive(free.page)
    for (const path of ["/v0/server", "/v0/ui/pools", "/v0/ui/pools/demo/events"])
      assert.strictEqual(countOf(free.asked, path), 1, path)
    assert.deepEqual(free.asked.slice(0, 2), ["/v0/server", "/v0/ui/pools/demo/events"])

    const signedOut = await watch(closed)
    await signedOut.page.goto("/ui/pools/demo")
    await byId(signedOut.page, "tokenField").waitFor()
    assert.deepEqual(signedOut.asked, ["/v0/server"])
    await byId(signedOut.page, "tokenField").fill("the-right-token")
    await byId(signedOut.page, "tokenSubmit").click()
    await eventually(() => shownSeqs(signedOut.page), [1, 2, 3])
    assert.deepEqual(signedOut.refused, [401])
    signedOut.asked.length = 0
    await signedOut.page.reload()
    await eventually(() => shownSeqs(signedOut.page), [1, 2, 3])
    await isLive(signedOut.page)
    assert.strictEqual(countOf(signedOut.asked, "/v0/ui/pools/demo/events with token"), 1)
    assert.deepEqual(
      signedOut.asked.filter((one) => !one.endsWith(" with token")),
      []
    )
    assert.deepEqual(signedOut.refused, [401])

    const blind = await watch(writing)
    await blind.page.goto("/ui")
    await byId(blind.page, "publishForm").waitFor()
    assert.deepEqual(blind.asked, ["/v0/server"])
    assert.deepEqual(blind.refused, [])
  })

  it("24: offers what the server allows", async () => {
    const directory = (await startServer()).directory
    await write({ directory }, "demo", numbered(1, 2))
    const reading = await startServer({ directory, access: "read-only" })
    const { page } = await open(reading, "/ui/pools/demo")
    await eventually(() => shownSeqs(page), [1, 2])
    for (const id of ["publish", "createOpen"] as const) assert.strictEqual(await byId(page, id).count(), 0)
    await page.keyboard.press("n")
    assert.strictEqual(await byId(page, "publishForm").count(), 0)

    const writing = await startServer({ directory, access: "write-only" })
    const { page: form } = await open(writing, "/ui")
    await byId(form, "publishForm").waitFor()
    for (const id of ["overview", "list", "poolLink"] as const) assert.strictEqual(await byId(form, id).count(), 0)
    await form.getByTestId("write-pool").fill("demo")
    await byId(form, "publishEditor").fill('{"blind":true}')
    await byId(form, "publishSend").click()
    await byId(form, "publishResult").waitFor()
    await eventually(() => shownSeqs(page), [1, 2, 3])
  })

  it("23: publishes, selects what was published, and refuses what is no object", async () => {
    const server = await sharedServer()
    await write(server, "published", numbered(1, 2))
    const { page } = await open(server, "/ui/pools/published")
    await eventually(() => shownSeqs(page), [1, 2])
    await page.keyboard.press("n")
    const editor = byId(page, "publishEditor")
    await editor.fill('{"a": 1,\n "b": oops}')
    await byId(page, "publishSend").click()
    assert.match(await byId(page, "publishProblem").innerText(), /line 2, column 7/i)
    await editor.fill("[1]")
    await byId(page, "publishSend").click()
    assert.match(await byId(page, "publishProblem").innerText(), /array.*JSON object/)
    assert.deepEqual(await shownSeqs(page), [1, 2])
    await editor.fill('{"id": 9007199254740993}')
    await byId(page, "publishTags").fill("made here, too")
    await editor.press("Control+Enter")
    await eventually(() => shownSeqs(page), [1, 2, 3])
    await eventually(() => byId(page, "detailSeq").innerText(), "3")
    assert.include(await byId(page, "publishResult").innerText(), "3")
    const row = await byId(page, "row").last().innerText()
    assert.include(row, "9007199254740993")
    assert.include(row, "made here")
  })

  it("29: eight tabs of one browser are all live", async () => {
    const server = await sharedServer()
    await write(server, "tabs", numbered(1, 1))
    const context = await openContext(server, { viewport: { width: 800, height: 500 } })
    const pages = await Promise.all(Array.from({ length: 8 }, () => context.newPage()))
    await Promise.all(pages.map((page) => page.goto("/ui/pools/tabs")))
    for (const page of pages) await eventually(() => shownSeqs(page), [1], 20_000)
    await write(server, "tabs", numbered(2, 2))
    for (const page of pages) await eventually(() => shownSeqs(page), [1, 2], 20_000)
  })

  it("30: a hidden tab lets its stream go after a minute and catches up when it is seen", async () => {
    const server = await sharedServer()
    await write(server, "hidden", numbered(1, 1))
    const context = await openContext(server)
    const page = await context.newPage()
    await page.clock.install()
    await page.goto("/ui/pools/hidden")
    await eventually(() => shownSeqs(page), [1])
    await isLive(page)
    const see = (isHidden: boolean): Promise<void> =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden })
        document.dispatchEvent(new Event("visibilitychange"))
      }, isHidden)
    await see(true)
    await page.clock.fastForward(59_000)
    assert.strictEqual(await connectionState(page), "live")
    await page.clock.fastForward(2_000)
    await eventually(() => connectionState(page), "stopped")
    await eventually(async () => (await openTails(server.url)) === 0, true)
    await write(server, "hidden", numbered(2, 5))
    await see(false)
    await eventually(() => shownSeqs(page), [1, 2, 3, 4, 5])
    assert.strictEqual(await byId(page, "rowGap").count(), 0)
  })
})

/** Streams that the server has open. */
const openTails = async (url: string): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^\w*tails_open\w*(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1] ?? Number.NaN)
}
