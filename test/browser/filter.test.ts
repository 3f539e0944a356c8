// Filters, history, positions and replay: what the page shows of a pool, against what the programs show.
import * as fs from "node:fs"
import { assert, it } from "vitest"
import type { Page } from "playwright-core"
import { replaySpeeds } from "../../http/page/logic/replay.js"
import {
  byId,
  describeInBrowser,
  eventually,
  isLive,
  loadedCount,
  numbered,
  open,
  pls,
  sharedServer,
  shownSeqs,
  withPool,
  write,
  type Written
} from "./browser.js"

const range = (from: number, to: number): Array<number> =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const seqsOf = (jsonLines: string): Array<number> =>
  jsonLines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { readonly seq: number }).seq)

const mixed: ReadonlyArray<Written> = range(1, 40).map((n) => ({
  data: { n, level: n % 4 === 0 ? "error" : "info", id: 9_007_199_254_740_993n },
  tags: [...(n % 2 === 0 ? ["even"] : []), ...(n % 3 === 0 ? ["three"] : [])]
}))

const setJq = async (page: Page, expression: string): Promise<void> => {
  await byId(page, "jqField").fill(expression)
  await byId(page, "jqField").press("Enter")
}

/** How the program shows the same pool. */
const peek = (directory: string, pool: string, ...args: ReadonlyArray<string>): Promise<string> =>
  pls(["peek", "--dir", directory, pool, "--tail", "1000", "--jsonl", "--timeout", "300ms", ...args])

describeInBrowser("filters and history", () => {
  it("14, 28: tags and jq together show what the program shows, and export it byte for byte", async () => {
    const server = await sharedServer()
    await write(server, "mixed", mixed)
    const { page } = await open(server, "/ui/pools/mixed")
    await isLive(page)
    await page.keyboard.press("t")
    await page.keyboard.type("even")
    await page.keyboard.press("Enter")
    await setJq(page, '.data.level == "error" or .data.n > 30')
    const expected = await peek(
      server.directory,
      "mixed",
      "--tag",
      "even",
      "--where",
      '.data.level == "error" or .data.n > 30'
    )
    await eventually(() => shownSeqs(page), seqsOf(expected))
    assert.isAbove(seqsOf(expected).length, 5)
    const waiting = page.waitForEvent("download")
    await byId(page, "exportMenu").click()
    await page.getByTestId("export-jsonl").click()
    const download = await waiting
    assert.strictEqual(fs.readFileSync(await download.path(), "utf8"), expected)
    assert.strictEqual(download.suggestedFilename(), "mixed.jsonl")
  })

  it("15: a wrong jq expression is said beside its field and changes nothing", async () => {
    const server = await sharedServer()
    await write(server, "wrong", mixed.slice(0, 12))
    const { page } = await open(server, "/ui/pools/wrong", {}, { complaints: [/400/] })
    await eventually(() => shownSeqs(page), range(1, 12))
    const before = await shownSeqs(page)
    await setJq(page, ".data.level ==")
    await byId(page, "jqProblem").waitFor()
    assert.isNotEmpty(await byId(page, "jqProblem").innerText())
    assert.deepEqual(await shownSeqs(page), before)
    assert.notInclude(page.url(), "where")
  })

  it("excludes a tag here, without asking the server", async () => {
    const server = await sharedServer()
    await write(server, "excluded", mixed)
    const { page } = await open(server, "/ui/pools/excluded")
    await isLive(page)
    await byId(page, "tagField").fill("-even")
    await byId(page, "tagField").press("Enter")
    await eventually(
      () => shownSeqs(page),
      range(1, 40).filter((n) => n % 2 === 1)
    )
    await write(server, "excluded", mixed.slice(0, 3))
    await eventually(() => shownSeqs(page), [...range(1, 40).filter((n) => n % 2 === 1), 41, 43])
  })

  it("18: shows all digits, in the row, in the tree and as text", async () => {
    const server = await sharedServer()
    await write(server, "digits", mixed.slice(0, 1))
    const { page } = await open(server, "/ui/pools/digits")
    await byId(page, "row").first().click()
    await byId(page, "tree").waitFor()
    assert.include(await byId(page, "row").first().innerText(), "9007199254740993")
    assert.include(await byId(page, "tree").innerText(), "9007199254740993")
    await page
      .getByRole("radio", { name: "Compact" })
      .or(page.getByRole("button", { name: "Compact" }))
      .first()
      .click()
    assert.include(await byId(page, "raw").innerText(), "9007199254740993")
  })

  it("19: opens a message of a mebibyte in the tree", async () => {
    const server = await sharedServer()
    const items = range(1, 10_000).map((n) => ({ n, text: "x".repeat(72) }))
    await write(server, "large", [{ data: { items } }])
    const { page } = await open(server, "/ui/pools/large")
    await byId(page, "row").first().waitFor()
    const before = Date.now()
    await byId(page, "row").first().click()
    await byId(page, "treeRow").first().waitFor()
    console.log(`    a message of a mebibyte is open after ${Date.now() - before} ms`)
    await page.getByRole("button", { name: "Expand all" }).click()
    assert.isBelow(await byId(page, "treeRow").count(), 200)
    assert.include(await byId(page, "tree").innerText(), "items")
  })

  it("20: a link to a message selects it; one that is gone shows the nearest and says so", async () => {
    const server = await sharedServer()
    const large = range(1, 60).map((n) => ({ data: { n, filler: "x".repeat(4_000) } }))
    await write(server, "linked", large, 131_072)
    const oldest = (await withPool(server, "linked", (pool) => pool.info)).bounds.oldest
    assert.isAbove(oldest!, 1)
    const { page } = await open(server, "/ui/pools/linked?seq=50")
    await eventually(() => byId(page, "detailSeq").innerText(), "50")
    const { page: gone } = await open(server, "/ui/pools/linked?seq=2")
    await eventually(() => byId(gone, "detailSeq").innerText(), String(oldest))
    assert.include(await byId(gone, "notice").innerText(), "no longer retained")
  })

  it("loads older pages when scrolling up, and keeps its place", async () => {
    const server = await sharedServer()
    await write(server, "long", numbered(1, 3_000))
    const { page } = await open(server, "/ui/pools/long")
    await eventually(async () => (await shownSeqs(page)).at(-1), 3_000)
    await byId(page, "list").focus()
    await page.keyboard.press("g")
    await page.keyboard.press("g")
    await eventually(async () => (await shownSeqs(page))[0], 1)
    await page.keyboard.press("G")
    await eventually(async () => (await shownSeqs(page)).at(-1), 3_000)
    await page.keyboard.press(":")
    await byId(page, "jumpField").fill("1500")
    await byId(page, "jumpField").press("Enter")
    await eventually(() => byId(page, "detailSeq").innerText(), "1500")
    assert.include(await shownSeqs(page), 1_500)
    assert.deepEqual(await page.evaluate(() => document.querySelectorAll('[data-testid="row-gap"]').length), 0)
  })

  it("UI-72: what was known to be all under one filter is not taken for all under another", async () => {
    const server = await sharedServer()
    await write(
      server,
      "both",
      Array.from({ length: 900 }, (_, index) => ({ data: { n: index + 1 }, tags: [index % 2 === 0 ? "odd" : "even"] }))
    )
    const { page } = await open(server, "/ui/pools/both")
    const toOldest = async (): Promise<void> => {
      await byId(page, "list").focus()
      await byId(page, "list").evaluate((list) => (list.scrollTop = 0))
    }
    await eventually(async () => (await shownSeqs(page)).at(-1), 900)
    await eventually(async () => {
      await toOldest()
      return (await shownSeqs(page))[0]
    }, 1)
    await page.getByText("Nothing older is retained").waitFor()
    await byId(page, "tagField").fill("even")
    await byId(page, "tagField").press("Enter")
    await eventually(async () => (await shownSeqs(page)).at(-1), 900)
    await eventually(() => loadedCount(page), 200)
    await eventually(async () => {
      await toOldest()
      return (await shownSeqs(page))[0]
    }, 2)
    assert.strictEqual(await loadedCount(page), 450)
  })

  it("21: a drag on the timeline shows that window only", async () => {
    const server = await sharedServer()
    for (let part = 0; part < 6; part++) {
      await write(server, "timed", numbered(part * 5 + 1, part * 5 + 5))
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    const { page } = await open(server, "/ui/pools/timed")
    await eventually(() => loadedCount(page), 30)
    const plot = byId(page, "timeline").getByRole("slider")
    await eventually(async () => (await plot.locator("rect").count()) > 1, true)
    const box = (await plot.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.35, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 4 })
    await page.mouse.up()
    await byId(page, "window").waitFor()
    const from = Date.parse(new URL(page.url()).searchParams.get("from")!)
    const until = Date.parse(new URL(page.url()).searchParams.get("until")!)
    const inside = seqsIn(await peek(server.directory, "timed"), from, until)
    assert.isNotEmpty(inside)
    assert.isBelow(inside.length, 30)
    await eventually(() => shownSeqs(page), inside)
    await page.reload()
    await eventually(() => shownSeqs(page), inside)
    await page.goBack()
    await eventually(() => loadedCount(page), 30)
  })

  it("22: a replay keeps the spacing times its speed, steps, and pauses at once", async () => {
    const server = await sharedServer()
    for (let n = 1; n <= 7; n++) {
      await write(server, "replayed", numbered(n, n))
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    const { page } = await open(server, "/ui/pools/replayed")
    await eventually(() => loadedCount(page), 7)
    await page.getByRole("button", { name: "More" }).click()
    await page.getByTestId("replay-open").click()
    const bar = byId(page, "replay")
    await eventually(() => bar.getAttribute("data-shown"), "1")
    assert.strictEqual(await byId(page, "replaySpeed").locator("option").count(), replaySpeeds.length)
    await byId(page, "replayStepForward").click()
    await eventually(() => bar.getAttribute("data-shown"), "2")
    assert.deepEqual(await shownSeqs(page), [1, 2])
    await byId(page, "replayStepBack").click()
    await eventually(() => shownSeqs(page), [1])
    await byId(page, "replaySpeed").selectOption("5")
    await bar.evaluate((element) => {
      const seen: Array<number> = []
      Object.assign(window, { seen })
      new MutationObserver(() => seen.push(performance.now())).observe(element, {
        attributes: true,
        attributeFilter: ["data-shown"]
      })
    })
    await byId(page, "replayPlay").click()
    await eventually(() => bar.getAttribute("data-shown"), "7")
    const seen = await page.evaluate(() => (window as unknown as { readonly seen: ReadonlyArray<number> }).seen)
    const pauses = seen.slice(1).map((at, index) => at - seen[index]!)
    pauses.sort((left, right) => left - right)
    console.log(`    replayed at ×5, messages 400 ms apart came ${pauses.map(Math.round).join(", ")} ms apart`)
    assert.deepEqual(await shownSeqs(page), range(1, 7))
    await byId(page, "replayPosition").fill("0")
    await byId(page, "replaySpeed").selectOption("0.5")
    await byId(page, "replayPlay").click()
    await byId(page, "replayPlay").click()
    const shown = await bar.getAttribute("data-shown")
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    assert.strictEqual(await bar.getAttribute("data-shown"), shown)
  })

  it("UI-11: a link shows rows and times as they are seen here, and every part of the page keeps to it", async () => {
    const server = await sharedServer()
    await write(server, "zoned", [{ data: { at: "2026-03-04T23:30:00Z" } }])
    const { context, page } = await open(server, "/ui/pools/zoned?seq=1", { timezoneId: "Asia/Kolkata" })
    await context.grantPermissions(["clipboard-read", "clipboard-write"])
    await byId(page, "treeRow").nth(1).click()
    await eventually(async () => (await byId(page, "detail").innerText()).includes("2026-03-05 05:00:00"), true)
    for (const command of ["times in utc", "compact rows"]) {
      await page.keyboard.press("Control+k")
      await page.keyboard.type(command)
      await page.keyboard.press("Enter")
    }
    await byId(page, "list").focus()
    await page.keyboard.press("y")
    const link = `${server.url}/ui/pools/zoned?seq=1&density=compact&zone=utc`
    await eventually(() => page.evaluate(() => navigator.clipboard.readText()), link)
    const { page: other } = await open(server, link, { timezoneId: "Asia/Kolkata" })
    await byId(other, "treeRow").nth(1).click()
    await eventually(async () => (await byId(other, "detail").innerText()).includes("2026-03-04 23:30:00"), true)
    assert.strictEqual(await other.evaluate(() => document.documentElement.dataset["density"]), "compact")
  })

  it("34: a reload brings back filters, columns and position", async () => {
    const server = await sharedServer()
    await write(server, "kept", mixed)
    const view = "/ui/pools/kept?tag=even&not-tag=three&where=.data.n+%3E+5&column=level&seq=20&search=error"
    const { page } = await open(server, view)
    const expected = range(6, 40).filter((n) => n % 2 === 0 && n % 3 !== 0)
    await eventually(() => shownSeqs(page), expected)
    await eventually(() => byId(page, "detailSeq").innerText(), "20")
    await page.reload()
    await eventually(() => shownSeqs(page), expected)
    await eventually(() => byId(page, "detailSeq").innerText(), "20")
    assert.strictEqual(await byId(page, "searchField").inputValue(), "error")
    assert.include(await page.locator(".list-head").innerText(), "level")
    assert.strictEqual(new URL(page.url()).searchParams.get("seq"), "20")
  })

  it("fields that were pinned are there again when the pool is opened again, by the way back that is always seen", async () => {
    const server = await sharedServer()
    await write(server, "pinned", [{ data: { level: "error", place: "cellar" } }])
    await write(server, "unpinned", [{ data: { level: "info" } }])
    const { page } = await open(server, "/ui/pools/pinned", { viewport: { width: 360, height: 740 } })
    await eventually(() => shownSeqs(page), [1])
    await byId(page, "row").first().click()
    await page.getByTestId("tree-row").filter({ hasText: "place" }).click()
    await page.getByTestId("pin-column").click()
    await eventually(async () => new URL(page.url()).searchParams.getAll("column"), [".data.place"])
    await page.keyboard.press("Escape")
    const back = page.getByRole("link", { name: "Back to the overview" })
    const openFromOverview = async (name: string): Promise<void> => {
      await back.click()
      await page.locator("main").getByRole("link", { name, exact: true }).click()
      await eventually(() => shownSeqs(page), [1])
    }
    await openFromOverview("unpinned")
    assert.deepEqual(new URL(page.url()).searchParams.getAll("column"), [])
    await openFromOverview("pinned")
    await eventually(async () => new URL(page.url()).searchParams.getAll("column"), [".data.place"])
    assert.include(await byId(page, "row").first().innerText(), "cellar")
  })
})

const seqsIn = (jsonLines: string, from: number, until: number): Array<number> =>
  jsonLines.split("\n").flatMap((line) => {
    if (line === "") return []
    const { seq, time } = JSON.parse(line) as { readonly seq: number; readonly time: string }
    const millis = Date.parse(time)
    return millis >= from && millis <= until ? [seq] : []
  })
