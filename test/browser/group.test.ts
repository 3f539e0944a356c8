// Several pools at once: chosen in the overview, merged into one list by time or side by side, with everything that holds
// for all of them.
import { createRequire } from "node:module"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Page } from "playwright-core"
import { assert, it } from "vitest"
import {
  byId,
  describeInBrowser,
  eventually,
  loadedCount,
  numbered,
  open,
  sharedServer,
  shownSeqs,
  startServer,
  write,
  type Server,
  type Written
} from "./browser.js"

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const pictures = process.env["PLASMITE_SCREENSHOTS"]

const examine = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axeSource)
  const found = await page.evaluate(() =>
    (
      window as unknown as {
        readonly axe: {
          readonly run: (
            context: Document,
            options: object
          ) => Promise<{
            readonly violations: ReadonlyArray<{
              readonly id: string
              readonly nodes: ReadonlyArray<{ readonly target: ReadonlyArray<string> }>
            }>
          }>
        }
      }
    ).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] })
  )
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join("; ")}`)
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (pictures === undefined) return
  fs.mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: path.join(pictures, `${name}.png`) })
}

/** Pool and number of what is drawn, from top to bottom. */
const shownRows = (page: Page): Promise<ReadonlyArray<string>> =>
  byId(page, "row").evaluateAll((rows) =>
    rows.map((row) => `${row.getAttribute("data-pool")} ${row.getAttribute("data-seq")}`)
  )

const areLive = (page: Page): Promise<void> =>
  eventually(
    () =>
      byId(page, "connection").evaluateAll(
        (all) => all.length > 1 && all.every((one) => one.getAttribute("data-state") === "live")
      ),
    true
  )

const columnSeqs = (page: Page, pool: string): Promise<ReadonlyArray<number>> =>
  page
    .locator(`[data-testid=column][data-pool="${pool}"] [data-testid=row]`)
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))))

const realistic = (service: string, count: number): ReadonlyArray<Written> =>
  Array.from({ length: count }, (_, index) => ({
    data: { service, level: ["info", "warn", "error"][index % 3]!, message: `Request ${index} took ${index * 7} ms` },
    tags: [["deploy", "warning", "failed"][index % 3]!, `zone-${index % 5}`]
  }))

/** Turn by turn, so that times alternate. */
const alternating = async (server: Server, pools: ReadonlyArray<string>, rounds: number, from = 1): Promise<void> => {
  for (let round = from; round < from + rounds; round++) {
    for (const pool of pools) await write(server, pool, [{ data: { pool, round } }])
  }
}

describeInBrowser("several pools together", () => {
  it("are chosen in the overview, by keyboard alone, and the address brings them back", async () => {
    const server = await startServer()
    for (const pool of ["alpha", "beta", "gamma", "delta", "epsilon"]) await write(server, pool, numbered(1, 2))
    const { page } = await open(server, "/ui")
    await byId(page, "poolRow").nth(4).waitFor()
    const choose = (pool: string) => page.locator(`[data-testid=pool-row][data-pool=${pool}] [data-testid=choose]`)
    await choose("beta").focus()
    await page.keyboard.press("Space")
    for (const pool of ["alpha", "gamma", "delta"]) await choose(pool).check()
    assert.isTrue(await choose("epsilon").isDisabled())
    assert.match(await byId(page, "chosenCount").innerText(), /4 chosen.*six connections/s)
    assert.deepEqual(await examine(page), [])
    await page.reload()
    await eventually(() => choose("beta").isChecked(), true)
    await choose("delta").uncheck()
    await byId(page, "chosenOpen").focus()
    await page.keyboard.press("Enter")
    await areLive(page)
    await eventually(async () => (await shownRows(page)).length, 6)
    const address = `${server.url}/ui/pools/beta?with=alpha&with=gamma`
    assert.strictEqual(page.url(), address)
    await byId(page, "layout").getByText("Side by side").click()
    await eventually(() => columnSeqs(page, "gamma"), [1, 2])
    assert.strictEqual(page.url(), `${address}&layout=columns`)
    await page.reload()
    await eventually(() => columnSeqs(page, "gamma"), [1, 2])
    await page.goBack()
    await eventually(async () => (await shownRows(page)).length, 6)
    await page.goBack()
    await eventually(() => choose("gamma").isChecked(), true)
    await page.goForward()
    await eventually(async () => (await shownRows(page)).length, 6)
    await page.getByRole("button", { name: "Leave out alpha" }).click()
    await eventually(async () => (await shownRows(page)).length, 4)
    await page.getByRole("button", { name: "Leave out gamma" }).click()
    await eventually(() => shownSeqs(page), [1, 2])
    assert.strictEqual(page.url(), `${server.url}/ui/pools/beta`)
  })

  it("are one list by the time of the messages, with what comes in its place", async () => {
    const server = await startServer()
    await alternating(server, ["one", "two"], 10)
    const { page } = await open(server, "/ui/pools/one?with=two")
    await areLive(page)
    const expected = Array.from({ length: 10 }, (_, round) => [`one ${round + 1}`, `two ${round + 1}`]).flat()
    await eventually(() => shownRows(page), expected)
    await alternating(server, ["two", "one"], 1, 11)
    await eventually(() => shownRows(page), [...expected, "two 11", "one 11"])
    await eventually(() => loadedCount(page), 22)
    const colours = await byId(page, "row").evaluateAll((rows) =>
      rows.map(
        (row) =>
          `${row.getAttribute("data-pool")}: ${row.querySelector(".cell-pool .pill")!.textContent} ${getComputedStyle(row.querySelector(".cell-pool .pill")!).backgroundColor}`
      )
    )
    assert.strictEqual(new Set(colours).size, 2)
    assert.isTrue(colours.every((text) => /^(one: one|two: two) rgb/.test(text)))
  })

  it("do not show an older part before it is known of all", async () => {
    const server = await startServer()
    await write(server, "rare", numbered(1, 3))
    await write(server, "often", numbered(1, 1_000))
    await write(server, "rare", numbered(4, 4))
    const { page } = await open(server, "/ui/pools/rare?with=often")
    await areLive(page)
    await eventually(async () => (await shownRows(page)).at(-1), "rare 4")
    // The rare ones of before are loaded, but what the other pool had between them is not.
    assert.isBelow(Number(await byId(page, "list").getAttribute("aria-rowcount")), 250)
    await byId(page, "list").focus()
    // A pause keeps away what is new, not what is old.
    await page.keyboard.press(" ")
    await write(server, "rare", numbered(5, 5))
    await eventually(() => byId(page, "pausedBadge").innerText(), "1 new")
    const first = ["rare 1", "rare 2", "rare 3", "often 1"]
    await eventually(async () => {
      await byId(page, "list").evaluate((list) => (list.scrollTop = 0))
      return (await shownRows(page)).slice(0, 4)
    }, first)
    const toEnd = async (): Promise<string | undefined> => {
      await byId(page, "list").evaluate((list) => (list.scrollTop = list.scrollHeight))
      return (await shownRows(page)).at(-1)
    }
    await eventually(toEnd, "rare 4")
    await page.keyboard.press(" ")
    await eventually(toEnd, "rare 5")
    await page.keyboard.press("g")
    await page.keyboard.press("g")
    await eventually(async () => (await shownRows(page)).slice(0, 4), first)
  })

  it("pause together, count, follow, and find their way back to the newest", async () => {
    const server = await startServer()
    await alternating(server, ["one", "two"], 100)
    const { page } = await open(server, "/ui/pools/one?with=two")
    await areLive(page)
    await eventually(async () => (await shownRows(page)).at(-1), "two 100")
    await page.keyboard.press(" ")
    await alternating(server, ["one", "two"], 3, 101)
    await eventually(() => byId(page, "pausedBadge").innerText(), "6 new")
    assert.strictEqual((await shownRows(page)).at(-1), "two 100")
    await page.keyboard.press(" ")
    await eventually(async () => (await shownRows(page)).at(-1), "two 103")
    await byId(page, "list").hover()
    await page.mouse.wheel(0, -800)
    await byId(page, "follow").waitFor()
    const [top] = await shownRows(page)
    await alternating(server, ["two", "one"], 2, 104)
    await eventually(() => byId(page, "follow").getAttribute("data-unseen"), "4")
    assert.strictEqual((await shownRows(page))[0], top)
    await byId(page, "follow").click()
    await eventually(async () => (await shownRows(page)).at(-1), "one 105")
  })

  it("have their filters, search, selection and links in common", async () => {
    const server = await startServer()
    for (let round = 0; round < 6; round++) {
      for (const pool of ["orders", "mail"]) {
        await write(server, pool, [
          { data: { level: round % 2 === 0 ? "info" : "error", what: `${pool} ${round}` }, tags: [`t${round % 3}`] }
        ])
      }
    }
    const { page } = await open(server, "/ui/pools/orders?with=mail")
    await areLive(page)
    await eventually(async () => (await shownRows(page)).length, 12)
    await byId(page, "searchField").fill("mail 3")
    await eventually(() => byId(page, "searchCount").innerText(), "1")
    await page.keyboard.press("Enter")
    await eventually(() => byId(page, "detailSeq").innerText(), "4")
    assert.include(page.url(), "seq=4&of=mail")
    assert.deepEqual(
      await page
        .locator("[data-testid=row][aria-selected=true]")
        .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-pool"))),
      ["mail"]
    )
    await page.reload()
    await eventually(() => byId(page, "detailSeq").innerText(), "4")
    await eventually(
      () =>
        page
          .locator("[data-testid=row][aria-selected=true]")
          .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-pool"))),
      ["mail"]
    )
    await byId(page, "list").focus()
    await page.keyboard.press("j")
    await eventually(async () => page.url().includes("seq=5") && !page.url().includes("of="), true)
    await page.keyboard.press("k")
    await page.keyboard.press("k")
    await eventually(async () => page.url().includes("seq=4") && !page.url().includes("of="), true)
    await page.keyboard.press("Escape")
    await byId(page, "jqField").fill('.data.level == "error"')
    await byId(page, "jqField").press("Enter")
    const errors = ["orders 2", "mail 2", "orders 4", "mail 4", "orders 6", "mail 6"]
    await eventually(() => shownRows(page), errors)
    await byId(page, "tagField").fill("-t1")
    await byId(page, "tagField").press("Enter")
    await eventually(() => shownRows(page), ["orders 4", "mail 4", "orders 6", "mail 6"])
    await page.reload()
    await eventually(() => shownRows(page), ["orders 4", "mail 4", "orders 6", "mail 6"])
    await byId(page, "layout").getByText("Side by side").click()
    await eventually(() => columnSeqs(page, "mail"), [4, 6])
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: "More" }).first().click()
    await page.getByTestId("export-jsonl").click()
    const saved = fs.readFileSync((await (await download).path())!, "utf8")
    assert.deepEqual(
      saved
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { readonly pool: string; readonly seq: number })
        .map(({ pool, seq }) => `${pool} ${seq}`),
      ["orders 4", "mail 4", "orders 6", "mail 6"]
    )
  })

  it("open at a message of long ago, with what the others had then, and lead on to the newest", async () => {
    const server = await startServer()
    for (let part = 0; part < 10; part++) {
      for (const pool of ["one", "two"]) await write(server, pool, numbered(part * 200 + 1, part * 200 + 200))
    }
    const { page } = await open(server, "/ui/pools/one?with=two&seq=390&of=two")
    const selected = () =>
      page
        .locator("[data-testid=row][aria-selected=true]")
        .evaluateAll((rows) => rows.map((row) => `${row.getAttribute("data-pool")} ${row.getAttribute("data-seq")}`))
    await eventually(selected, ["two 390"])
    const rows = await shownRows(page)
    const at = rows.indexOf("two 390")
    assert.deepEqual(rows.slice(at - 2, at + 3), ["two 388", "two 389", "two 390", "two 391", "two 392"])
    await page.keyboard.press("Escape")
    await eventually(async () => {
      await byId(page, "list").evaluate((list) => (list.scrollTop += 400))
      return (await shownRows(page)).includes("one 401")
    }, true)
    await page.keyboard.press("G")
    await areLive(page)
    await eventually(async () => (await shownRows(page)).at(-1), "two 2000")
    await write(server, "one", numbered(1, 1))
    await eventually(async () => (await shownRows(page)).at(-1), "one 2001")
    await page.keyboard.press(":")
    assert.match(await page.getByRole("dialog").innerText(), /Numbers are those of two/)
    await byId(page, "jumpField").fill("1")
    await byId(page, "jumpField").press("Enter")
    await eventually(selected, ["two 1"])
  })

  it("say which of them lost messages, broke, or is gone, and go on with the others", async () => {
    const server = await startServer()
    await write(server, "small", numbered(1, 10), 64 * 1024)
    await write(server, "large", numbered(1, 10))
    const { page } = await open(server, "/ui/pools/large?with=small&with=missing", {}, { complaints: [/404|ERR_/] })
    await eventually(() => loadedCount(page), 20)
    assert.match(await byId(page, "banner").innerText(), /^missing:/)
    await page.getByRole("button", { name: "Leave out missing" }).click()
    await areLive(page)
    // While nobody reads, more is written than the small pool holds.
    await server.kill()
    await eventually(() => byId(page, "banner").count(), 1)
    assert.match(await byId(page, "banner").innerText(), /^large, small: /)
    await write(server, "small", numbered(11, 5_000))
    await write(server, "large", numbered(11, 12))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const { directory, port } = server
    await startServer({ directory, port })
    await page.getByRole("button", { name: "Try now" }).click()
    await areLive(page)
    await eventually(async () => (await shownRows(page)).at(-1), "large 12")
    await byId(page, "list").focus()
    await eventually(async () => {
      await byId(page, "list").evaluate((list) => (list.scrollTop = 0))
      return byId(page, "rowGap").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-pool")))
    }, ["small"])
    assert.match(await byId(page, "rowGap").innerText(), /^small\s*[\d,.\s]+ messages lost: 11 to \d/)
    assert.deepEqual(
      (
        await byId(page, "rowInterruption").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-pool")))
      ).sort(),
      ["large", "small"]
    )
  })

  it("are at most four; the page says which are left out", async () => {
    const server = await startServer()
    for (const pool of ["a", "b", "c", "d", "e"]) await write(server, pool, numbered(1, 1))
    const { context, page } = await open(server, "/ui/pools/a?with=b&with=c&with=d&with=e")
    await areLive(page)
    await eventually(async () => (await shownRows(page)).length, 4)
    assert.match(await byId(page, "leftOut").innerText(), /Left out: e/)
    await page.getByRole("button", { name: "Understood" }).click()
    await eventually(() => byId(page, "leftOut").count(), 0)
    assert.isFalse(page.url().includes("with=e"))
    // A second tab has no stream left, and is live all the same; and requests still get through.
    const second = await context.newPage()
    await second.goto("/ui/pools/e?with=a")
    await areLive(second)
    await write(server, "e", numbered(2, 2))
    await write(server, "d", numbered(2, 2))
    await eventually(async () => (await shownRows(second)).includes("e 2"), true)
    await eventually(async () => (await shownRows(page)).includes("d 2"), true)
  })

  it("show what messages and names hold as text", async () => {
    const server = await startServer()
    const evil = "<img src=x onerror=window.hit=1>"
    await write(server, evil, [{ data: { message: "<script>window.hit=2</script>" }, tags: [evil] }])
    await write(server, "plain", [{ data: { [evil]: evil } }])
    const { page } = await open(server, `/ui/pools/plain?with=${encodeURIComponent(evil)}`)
    await areLive(page)
    await eventually(async () => (await shownRows(page)).length, 2)
    assert.include(
      await byId(page, "row")
        .allInnerTexts()
        .then((texts) => texts.join("\n")),
      "<script>window.hit=2</script>"
    )
    await byId(page, "layout").getByText("Side by side").click()
    await eventually(() => columnSeqs(page, "plain"), [1])
    assert.isUndefined(await page.evaluate(() => ("hit" in window ? window.hit : undefined)))
    assert.strictEqual(await page.locator("img, iframe, script[src]").count(), 0)
  })

  // Contrast is a matter of the theme, and room one of the size.
  for (const [theme, size] of [
    ["light", "wide"],
    ["dark", "phone"]
  ] as const) {
    it(`look right with nothing, a little and much, ${size}, in the ${theme} theme`, async () => {
      const server = await sharedServer()
      for (const pool of ["nothing here", "nothing there"]) await write(server, pool, [])
      for (const pool of ["checkout-eu-west-orders", "search", "mail"]) {
        await write(server, pool, realistic(pool, theme === "light" ? 10 : 500))
      }
      const { page } = await open(server, "/ui?with=search&with=mail", {
        colorScheme: theme,
        viewport: size === "wide" ? { width: 1280, height: 800 } : { width: 360, height: 740 },
        ...(size === "phone" ? { hasTouch: true, isMobile: true } : {})
      })
      await byId(page, "chosenOpen").waitFor()
      await picture(page, `choose-${theme}-${size}`)
      assert.deepEqual(await examine(page), [])
      const three = "/ui/pools/search?with=mail&with=checkout-eu-west-orders"
      for (const [name, address] of [
        ["empty", "/ui/pools/nothing%20here?with=nothing%20there"],
        ["merged", three],
        ["detail", `${three}&seq=5&of=mail`],
        ["columns", `${three}&layout=columns&column=level`]
      ] as const) {
        await page.goto(address)
        if (name === "detail") await byId(page, "treeRow").first().waitFor()
        else await areLive(page)
        if (name === "empty") await byId(page, "emptyPool").waitFor()
        else await byId(page, "row").first().waitFor()
        await picture(page, `${name}-${theme}-${size}`)
        assert.deepEqual(await examine(page), [])
        assert.isFalse(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
        if (size === "phone") assert.strictEqual(await byId(page, "column").count(), 0)
      }
    })
  }
})
