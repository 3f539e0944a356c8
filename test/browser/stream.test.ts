// The live stream of one pool, as somebody sees it who watches it all day. The numbers are those of the page's acceptance
// statements.
import { assert, it } from "vitest"
import {
  byId,
  connectionState,
  describeInBrowser,
  eventually,
  isLive,
  loadedCount,
  numbered,
  open,
  pls,
  sharedServer,
  shownSeqs,
  startServer,
  write
} from "./browser.js"

const range = (from: number, to: number): Array<number> =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

describeInBrowser("the live stream", () => {
  it("3: shows what is retained, in order, and what the program appends", async () => {
    const server = await sharedServer()
    await write(server, "three", numbered(1, 20))
    const { page } = await open(server, "/ui/pools/three")
    await eventually(() => shownSeqs(page), range(1, 20))
    await isLive(page)
    await pls(["poke", "--dir", server.directory, "three", '{"from":"the program"}'])
    await eventually(() => shownSeqs(page), range(1, 21))
    assert.include(await byId(page, "row").last().innerText(), "the program")
  })

  it("4, 5: takes 50,000 messages fast, draws a few rows, keeps answering, and counts each", async () => {
    const server = await sharedServer()
    await write(server, "busy", numbered(1, 1), 64 * 1024 * 1024)
    const { page } = await open(server, "/ui/pools/busy")
    await isLive(page)
    const field = byId(page, "searchField")
    await field.focus()
    // Five thousand a second for five seconds, then as many at once.
    const paced = async (): Promise<void> => {
      const start = Date.now()
      for (let batch = 0; batch < 50; batch++) {
        await write(server, "busy", numbered(batch * 500 + 2, batch * 500 + 501))
        await new Promise((resolve) => setTimeout(resolve, start + (batch + 1) * 100 - Date.now()))
      }
    }
    const writing = paced()
    // From the press to the next picture, as the browser measures it; below 16 ms it does not say.
    await page.evaluate(() => {
      const waits: Array<number> = []
      Object.assign(window, { waits })
      const observe = new PerformanceObserver((list) => {
        for (const { duration, name } of list.getEntries()) if (name === "input") waits.push(duration)
      })
      observe.observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit)
    })
    const typed = "responsive while it pours"
    for (const letter of typed) {
      await page.keyboard.type(letter)
      await new Promise((resolve) => setTimeout(resolve, 120))
    }
    await writing
    assert.strictEqual(await field.inputValue(), typed)
    const waits = await page.evaluate(() => (window as unknown as { readonly waits: ReadonlyArray<number> }).waits)
    const slowest = Math.max(16, ...waits)
    const median = [...waits].sort((left, right) => left - right)[waits.length >> 1] ?? 16
    console.log(`    keys at 5,000 messages a second: median ${median} ms, slowest ${slowest} ms`)
    await field.fill("")
    await write(server, "busy", numbered(25_002, 50_000))
    await eventually(() => loadedCount(page), 50_000, 20_000)
    assert.isBelow(await byId(page, "list").evaluate((list) => list.querySelectorAll("*").length), 4_000)
    assert.isBelow(await byId(page, "row").count(), 200)
    await byId(page, "list").focus()
    await page.keyboard.press("g")
    await page.keyboard.press("g")
    await eventually(async () => (await shownSeqs(page))[0], 1)
  })

  it("6: a pause freezes the rows, counts, and shows all when it ends", async () => {
    const server = await sharedServer()
    await write(server, "pausing", numbered(1, 5))
    const { page } = await open(server, "/ui/pools/pausing")
    await eventually(() => shownSeqs(page), range(1, 5))
    await isLive(page)
    await byId(page, "pause").click()
    await write(server, "pausing", numbered(6, 12))
    await eventually(() => byId(page, "pausedBadge").innerText(), "7 new")
    assert.deepEqual(await shownSeqs(page), range(1, 5))
    await byId(page, "pause").click()
    await eventually(() => shownSeqs(page), range(1, 12))
  })

  it("7: scrolling away stops following; the button counts and returns", async () => {
    const server = await sharedServer()
    await write(server, "scrolling", numbered(1, 300))
    const { page } = await open(server, "/ui/pools/scrolling")
    await eventually(async () => (await shownSeqs(page)).at(-1), 300)
    await byId(page, "list").hover()
    await page.mouse.wheel(0, -3_000)
    await byId(page, "follow").waitFor()
    const there = await shownSeqs(page)
    await write(server, "scrolling", numbered(301, 309))
    await eventually(() => byId(page, "follow").getAttribute("data-unseen"), "9")
    assert.deepEqual(await shownSeqs(page), there)
    await byId(page, "follow").click()
    await eventually(async () => (await shownSeqs(page)).at(-1), 309)
    await write(server, "scrolling", numbered(310, 310))
    await eventually(async () => (await shownSeqs(page)).at(-1), 310)
  })

  it("what is said of a lost connection lies over no row, and moves none that is being read", async () => {
    const complaints = [/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/]
    for (const size of [
      { width: 1280, height: 800 },
      { width: 360, height: 740 }
    ]) {
      const server = await startServer()
      await write(server, "covered", numbered(1, 300))
      const { page } = await open(server, "/ui/pools/covered", { viewport: size }, { complaints })
      await isLive(page)
      await page.getByTestId("message-count").waitFor({ state: "attached" })
      await byId(page, "list").evaluate((list) => (list.scrollTop = 3_000))
      await byId(page, "follow").waitFor()
      const placeOf = async (seq: number): Promise<number> =>
        Math.round((await page.locator(`[data-seq="${seq}"]`).boundingBox())!.y)
      const middle = await byId(page, "list").evaluate(
        (list) =>
          new Promise<number>((resolve) => {
            const look = (): void => {
              const { bottom, height, top } = list.getBoundingClientRect()
              const row = [...list.querySelectorAll("[data-seq]")].find((row) => {
                const place = row.getBoundingClientRect()
                return place.top > top + height / 2 && place.bottom < bottom
              })
              if (row === undefined) requestAnimationFrame(look)
              else resolve(Number(row.getAttribute("data-seq")))
            }
            look()
          })
      )
      const before = await placeOf(middle)
      await server.kill()
      await byId(page, "banner").waitFor()
      await eventually(() => placeOf(middle), before)
      const banner = (await byId(page, "banner").boundingBox())!
      const list = (await byId(page, "list").boundingBox())!
      assert.isAtLeast(list.y, banner.y + banner.height)
      assert.isAbove(list.height, size.height / 4)
      await startServer({ directory: server.directory, port: server.port })
      await isLive(page)
      await eventually(() => byId(page, "banner").count(), 0)
      await eventually(() => placeOf(middle), before)
    }
  })

  it("8: a killed server is said once; when it is back nothing is repeated or lost", async () => {
    const server = await startServer()
    await write(server, "demo", numbered(1, 5))
    const { page } = await open(
      server,
      "/ui/pools/demo",
      {},
      { complaints: [/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/] }
    )
    await eventually(() => shownSeqs(page), range(1, 5))
    await isLive(page)
    await server.kill()
    await eventually(() => connectionState(page), "reconnecting")
    const elements = () => page.evaluate(() => document.querySelectorAll("*").length)
    const before = await elements()
    await write(server, "demo", numbered(6, 8))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.strictEqual(await byId(page, "banner").count(), 1)
    assert.isAtMost(await elements(), before + 2)
    assert.deepEqual(await shownSeqs(page), range(1, 5))
    await startServer({ directory: server.directory, port: server.port })
    await eventually(() => shownSeqs(page), range(1, 8), 15_000)
    await isLive(page)
    assert.strictEqual(await byId(page, "rowInterruption").count(), 1)
    assert.strictEqual(await byId(page, "rowGap").count(), 0)
  })

  it("9: what is overwritten while the page is paused is one gap with its numbers", async () => {
    const server = await startServer()
    const large = (from: number, to: number) => range(from, to).map((n) => ({ data: { n, filler: "x".repeat(4_000) } }))
    await write(server, "small", large(1, 3), 65_536)
    const { page } = await open(server, "/ui/pools/small")
    await eventually(() => shownSeqs(page), [1, 2, 3])
    await isLive(page)
    await byId(page, "pause").click()
    // The server stands still while the ring goes round, so that it cannot read any of what is overwritten.
    server.stand(true)
    await write(server, "small", large(4, 60))
    server.stand(false)
    await eventually(async () => /[1-9]\d* new/.test(await byId(page, "pausedBadge").innerText()), true)
    assert.deepEqual(await shownSeqs(page), [1, 2, 3])
    await byId(page, "pause").click()
    await eventually(async () => (await shownSeqs(page)).at(-1), 60)
    const seqs = await shownSeqs(page)
    const lost = range(1, 60).filter((seq) => !seqs.includes(seq))
    assert.deepEqual(seqs, [1, 2, 3, ...range(lost.at(-1)! + 1, 60)])
    const gaps = await byId(page, "rowGap").allInnerTexts()
    assert.strictEqual(gaps.length, 1)
    assert.include(gaps[0], `${lost.length} messages lost: 4 to ${lost.at(-1)}`)
  })

  it("10: deleting the pool stops the stream, says so, and offers the overview", async () => {
    const server = await sharedServer()
    await write(server, "gone", numbered(1, 3))
    const { page } = await open(server, "/ui/pools/gone", {}, { complaints: [/404/] })
    await eventually(() => shownSeqs(page), [1, 2, 3])
    await isLive(page)
    await pls(["pool", "delete", "--dir", server.directory, "gone"])
    await eventually(() => connectionState(page), "stopped", 15_000)
    assert.include(await byId(page, "indicatorReason").innerText(), "gone")
    await page.locator('[data-step="overview"]').click()
    await byId(page, "overview").waitFor()
    assert.strictEqual(new URL(page.url()).pathname, "/ui")
  })

  it("16: search finds what is deep in the data and steps through it", async () => {
    const server = await sharedServer()
    const data = (n: number) => ({ n, deep: { list: [{ word: n % 10 === 0 ? "needle" : "hay" }] } })
    await write(
      server,
      "searched",
      range(1, 60).map((n) => ({ data: data(n) }))
    )
    const { page } = await open(server, "/ui/pools/searched")
    await isLive(page)
    await page.keyboard.press("/")
    await page.keyboard.type("NEEDLE")
    await eventually(async () => /(\d+)$/.exec(await byId(page, "searchCount").innerText())?.[1], "6")
    const visited = new Set<string>()
    for (let step = 0; step < 6; step++) {
      await byId(page, "searchNext").click()
      await byId(page, "detailSeq").waitFor()
      visited.add(await byId(page, "detailSeq").innerText())
    }
    assert.deepEqual(
      [...visited].map(Number).sort((a, b) => a - b),
      [10, 20, 30, 40, 50, 60]
    )
    await page.getByLabel("Regular expression").click()
    await byId(page, "searchField").fill("needle(")
    await byId(page, "searchProblem").waitFor()
  })

  it("UI-110: several messages are selected by mouse or keys, counted, and copied as what `pls peek` prints", async () => {
    const server = await sharedServer()
    await write(server, "chosen", numbered(1, 30))
    const { context, page } = await open(server, "/ui/pools/chosen")
    await context.grantPermissions(["clipboard-read", "clipboard-write"])
    await eventually(() => loadedCount(page), 30)
    const lines = (await pls(["peek", "chosen", "--dir", server.directory, "--tail", "30", "--replay", "0", "--jsonl"]))
      .trimEnd()
      .split("\n")
    const copied = async (): Promise<ReadonlyArray<string>> =>
      (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split("\n")
    const row = (seq: number) => page.locator(`[data-seq="${seq}"]`)

    await row(27).click()
    await row(23).click({ modifiers: ["Shift"] })
    assert.strictEqual(await byId(page, "selectionCount").innerText(), "5 selected")
    assert.strictEqual(await page.evaluate(() => getSelection()?.toString()), "")
    assert.strictEqual(await page.locator('[role=row][aria-selected="true"]').count(), 5)
    await page.keyboard.press("ControlOrMeta+c")
    await eventually(copied, lines.slice(22, 27))

    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowDown")
    assert.strictEqual(await byId(page, "selectionCount").innerText(), "6 selected")
    await byId(page, "selectionCopy").click()
    await eventually(copied, lines.slice(21, 27))

    await byId(page, "list").focus()
    await page.keyboard.press("ControlOrMeta+a")
    await eventually(() => byId(page, "selectionCount").innerText(), "30 selected")
    await page.keyboard.press("c")
    await eventually(copied, lines)

    await row(30).click()
    await eventually(() => byId(page, "selectionCount").count(), 0)
    await page.keyboard.press("ControlOrMeta+c")
    await eventually(copied, lines.slice(29))
  })
})
