// What the page looks like and sounds like: both themes, a phone, a screen reader, a keyboard alone; and messages that try
// to be more than text. Pictures are kept where `PLASMITE_SCREENSHOTS` says.
import { createRequire } from "node:module"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Page } from "playwright-core"
import { assert, it } from "vitest"
import {
  byId,
  describeInBrowser,
  eventually,
  isLive,
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
const pictures = process.env["PLASMITE_SCREENSHOTS"] ?? fs.mkdtempSync(path.join(os.tmpdir(), "pls-pictures-"))
fs.mkdirSync(pictures, { recursive: true })

interface AxeResults {
  readonly violations: ReadonlyArray<{
    readonly id: string
    readonly nodes: ReadonlyArray<{ readonly target: ReadonlyArray<string>; readonly failureSummary?: string }>
  }>
}

/** What axe finds wrong: contrast, names, roles, landmarks. */
const examine = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() =>
    (
      window as unknown as {
        readonly axe: { readonly run: (context: Document, options: object) => Promise<AxeResults> }
      }
    ).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
      resultTypes: ["violations"]
    })
  )
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ failureSummary, target }) => `${target.join(" ")} ${failureSummary}`).join("; ")}`
  )
}

/** What is drawn beyond the window's edge; the bar of numbers alone is meant to be scrolled sideways. */
const beyondEdge = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(() => {
    return [...document.querySelectorAll("h1, h2, p, button, input, code, dd, td, [role=dialog]")].flatMap(
      (element) => {
        const { height, left, right, width } = element.getBoundingClientRect()
        const isDrawn = width > 1 && height > 1 && getComputedStyle(element).visibility === "visible"
        if (!isDrawn || (left >= -0.5 && right <= innerWidth + 0.5) || element.closest(".metrics") !== null) return []
        return [`${element.tagName} ${element.textContent?.slice(0, 40)}: ${Math.round(left)} to ${Math.round(right)}`]
      }
    )
  })

const events: ReadonlyArray<Written> = Array.from({ length: 40 }, (_, index) => ({
  data: {
    service: ["checkout", "search", "mail"][index % 3]!,
    level: ["info", "warn", "error"][index % 3]!,
    message: `Request ${index} took ${index * 7} ms`,
    request: { id: `r-${index}`, path: "/v1/orders", nothing: null, cached: index % 2 === 0 }
  },
  tags: [["deploy", "warning", "failed"][index % 3]!, `zone-${index % 5}`]
}))

const seeded = async (): Promise<Server> => {
  const server = await sharedServer()
  if (!fs.existsSync(path.join(server.directory, "events.plasmite"))) {
    await write(server, "events", events)
    await write(server, "other", numbered(1, 3))
  }
  return server
}

describeInBrowser("appearance", () => {
  for (const theme of ["light", "dark"] as const) {
    it(`25: the ${theme} theme passes the checks, is switched, and is remembered`, async () => {
      const server = await seeded()
      const { page } = await open(server, "/ui", { colorScheme: theme, reducedMotion: "reduce" })
      await byId(page, "poolRow").first().waitFor()
      assert.deepEqual(await examine(page), [])
      await page.screenshot({ path: path.join(pictures, `overview-${theme}.png`) })
      await page.goto("/ui/pools/events?seq=12&search=mail")
      await isLive(page)
      await byId(page, "treeRow").first().waitFor()
      assert.deepEqual(await examine(page), [])
      await page.screenshot({ path: path.join(pictures, `pool-${theme}.png`) })
      await page.keyboard.press("Escape")
      await page.keyboard.press("n")
      await byId(page, "publishEditor").fill("[1]")
      assert.deepEqual(await examine(page), [])
      const chosen = theme === "light" ? "dark" : "light"
      await byId(page, "display").click()
      await byId(page, "theme")
        .getByText(chosen === "dark" ? "Dark" : "Light")
        .click()
      const shown = () => page.evaluate(() => document.documentElement.dataset["theme"])
      await eventually(shown, chosen)
      await page.reload()
      await eventually(shown, chosen)
    })
  }

  it("dialogs pass the checks, too", async () => {
    const server = await seeded()
    const { page } = await open(server, "/ui/pools/events")
    await isLive(page)
    for (const key of ["?", ":", "Control+k"]) {
      await page.keyboard.press(key)
      await page.getByRole("dialog").waitFor()
      assert.deepEqual(await examine(page), [], key)
      await page.keyboard.press("Escape")
      await eventually(() => page.getByRole("dialog").count(), 0)
    }
  })

  it("UI-16: the palette has every key's action, and those of the selected message", async () => {
    const server = await seeded()
    const { page } = await open(server, "/ui/pools/events?seq=12")
    await byId(page, "treeRow").first().waitFor()
    await page.keyboard.press("Control+k")
    const wanted = [
      "Search",
      "jq filter",
      "Tag filter",
      "Next message",
      "Previous pool",
      "Jump to",
      "Copy a link",
      "Publish a message",
      "Edit as new",
      "Compare with another",
      "Hide the timeline",
      "Open together"
    ]
    // The other pools are asked for after the first view.
    await eventually(async () => {
      const titles = await byId(page, "palette").getByRole("option").allInnerTexts()
      return wanted.filter((title) => !titles.some((found) => found.startsWith(title)))
    }, [])
    await page.keyboard.type("jq filter")
    await page.keyboard.press("Enter")
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "jq filter")
  })

  it("27: is a grid with its row count to a screen reader, and does not read every row out", async () => {
    const server = await seeded()
    const { page } = await open(server, "/ui/pools/events")
    await eventually(() => loadedCount(page), 40)
    const grid = page.getByRole("grid")
    assert.strictEqual(await grid.getAttribute("aria-rowcount"), "40")
    const rows = await byId(page, "row").evaluateAll((all) =>
      all.map((row) => Number(row.getAttribute("aria-rowindex")))
    )
    assert.strictEqual(rows.at(-1), 40)
    assert.deepEqual(
      rows,
      [...rows].sort((left, right) => left - right)
    )
    const isSpoken = await grid.evaluate(
      (element) => element.closest("[aria-live]:not([aria-live=off]), [role=log], [role=status]") !== null
    )
    assert.isFalse(isSpoken)
    assert.strictEqual(await byId(page, "announcer").getAttribute("aria-live"), "polite")
    for (const role of ["main", "navigation"] as const) assert.isAbove(await page.getByRole(role).count(), 0)
  })

  it("27: names the selected row as the active one only while there is such an element", async () => {
    const server = await sharedServer()
    await write(server, "long", numbered(1, 200))
    const { page } = await open(server, "/ui/pools/long")
    await eventually(() => loadedCount(page), 200)
    const active = () => page.getByRole("grid").getAttribute("aria-activedescendant")
    await page.locator('[data-seq="200"]').click()
    await eventually(active, "row-200")
    await page.getByRole("grid").evaluate((list) => (list.scrollTop = 0))
    await page.locator('[data-seq="1"]').waitFor()
    await eventually(active, null)
  })

  it("26: everything important can be done with keys alone", async () => {
    const server = await startServer()
    await write(server, "keys", events)
    await write(server, "other", numbered(1, 3))
    const { page } = await open(server, "/ui", { permissions: ["clipboard-read", "clipboard-write"] })
    await byId(page, "poolRow").first().waitFor()
    await page.keyboard.press("]")
    await eventually(() => loadedCount(page), 40)
    const { keyboard } = page
    assert.include(page.url(), "/keys")
    await keyboard.press("k")
    await eventually(() => byId(page, "detailSeq").innerText(), "40")
    await keyboard.press("k")
    await eventually(() => byId(page, "detailSeq").innerText(), "39")
    await keyboard.press("c")
    const copied = () => page.evaluate(() => navigator.clipboard.readText())
    await eventually(async () => (await copied()).includes('"r-38"'), true)
    await keyboard.press("y")
    await eventually(copied, `${server.url}/ui/pools/keys?seq=39`)
    await keyboard.press("Escape")
    await eventually(() => byId(page, "detail").count(), 0)
    await keyboard.press(" ")
    await byId(page, "pausedBadge").waitFor()
    await keyboard.press(" ")
    await eventually(() => byId(page, "pausedBadge").count(), 0)
    await keyboard.press(":")
    await keyboard.type("7")
    await keyboard.press("Enter")
    await eventually(() => byId(page, "detailSeq").innerText(), "7")
    await keyboard.press("f")
    await keyboard.type('.data.level == "error"')
    await keyboard.press("Enter")
    await eventually(async () => (await shownSeqs(page)).every((seq) => seq % 3 === 0), true)
    await keyboard.press("Escape")
    await keyboard.press("Escape")
    await keyboard.press("G")
    await keyboard.press("n")
    await eventually(() => page.evaluate(() => document.activeElement?.tagName), "TEXTAREA")
    await keyboard.type('{"level":"error","typed":true}')
    await keyboard.press("Control+Enter")
    await eventually(() => byId(page, "detailSeq").innerText(), "41")
    await keyboard.press("Escape")
    await keyboard.press("Escape")
    await keyboard.press("Control+k")
    await keyboard.type("overview")
    await keyboard.press("Enter")
    await byId(page, "overview").waitFor()
    // Tab comes by every control, and it can be seen where it is.
    const seen = new Set<string>()
    for (let press = 0; press < 40; press++) {
      await keyboard.press("Tab")
      const place = await page.evaluate(() => {
        const element = document.activeElement
        if (!(element instanceof HTMLElement) || element === document.body) return undefined
        const { boxShadow, outlineStyle } = getComputedStyle(element)
        const hasRing = outlineStyle !== "none" || boxShadow !== "none"
        return { name: element.getAttribute("aria-label") ?? element.textContent ?? "", hasRing }
      })
      if (place === undefined) continue
      assert.isTrue(place.hasRing, `no ring around ${place.name}`)
      seen.add(place.name.trim())
    }
    for (const name of ["Create pool", "Display", "other"])
      assert.isTrue(
        [...seen].some((found) => found.includes(name)),
        name
      )
  })

  it("31: at the width of a phone everything is there", async () => {
    const server = await seeded()
    const { page } = await open(server, "/ui", {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true
    })
    await byId(page, "poolRow").first().waitFor()
    await page.screenshot({ path: path.join(pictures, "overview-phone.png") })
    const isTooWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    assert.isFalse(await isTooWide())
    await byId(page, "poolRow").getByText("events").tap()
    await isLive(page)
    await page.screenshot({ path: path.join(pictures, "pool-phone.png") })
    assert.isFalse(await isTooWide())
    await page.getByRole("button", { name: "Filter and search" }).tap()
    await byId(page, "searchField").fill("mail")
    await eventually(async () => /\d+$/.test(await byId(page, "searchCount").innerText()), true)
    await page.getByRole("button", { name: "Hide filters" }).tap()
    await byId(page, "row").last().tap()
    await byId(page, "detail").waitFor()
    await page.screenshot({ path: path.join(pictures, "detail-phone.png") })
    assert.isFalse(await isTooWide())
    await byId(page, "detailClose").tap()
    await byId(page, "pause").tap()
    await byId(page, "pause").tap()
    await byId(page, "publish").tap()
    await byId(page, "publishEditor").fill('{"from":"a phone"}')
    await byId(page, "publishSend").tap()
    await byId(page, "publishResult").waitFor()
    assert.deepEqual(await examine(page), [])
  })

  it("31: at the width of a phone nothing sticks out: long names and large numbers, nothing there, a dialog, no server", async () => {
    const server = await startServer()
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
    const long = "a-pool-with-a-very-long-name-that-goes-on-and-on-and-never-ends"
    await write(server, long, numbered(1, 30))
    await write(server, "many", numbered(1, 100_000), 64 * 1024 * 1024)
    await write(server, "nothing", [])
    const { page } = await open(server, "/ui", phone, { complaints: [/404|ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/] })
    await byId(page, "poolRow").nth(2).waitFor()
    assert.deepEqual(await beyondEdge(page), [])
    await page.goto("/ui/pools/nothing")
    await byId(page, "emptyPool").waitFor()
    assert.deepEqual(await beyondEdge(page), [])
    await page.keyboard.press("Control+k")
    await page.getByRole("dialog").waitFor()
    assert.deepEqual(await beyondEdge(page), [])
    await page.goto("/ui/pools/missing")
    await eventually(() => byId(page, "connection").getAttribute("data-state"), "stopped")
    assert.deepEqual(await beyondEdge(page), [])
    await page.goto(`/ui/pools/${long}`)
    await isLive(page)
    assert.deepEqual(await beyondEdge(page), [])
    await server.kill()
    await eventually(() => byId(page, "connection").getAttribute("data-state"), "reconnecting")
    assert.deepEqual(await beyondEdge(page), [])
    assert.isAbove((await page.getByRole("heading", { level: 1 }).boundingBox())?.width ?? 0, 60)
  })

  it("17: whatever a message, a tag, a key or a name holds is text", async () => {
    const server = await startServer()
    const attacks = [
      "<script>window.hit=1</script>",
      "<img src=x onerror=window.hit=2>",
      '"><svg onload=window.hit=3>',
      "javascript:window.hit=4",
      "</style><style>body{display:none}",
      "</textarea><b>x</b>",
      "{{constructor.constructor('window.hit=5')()}}",
      "\u202Eevil"
    ]
    const nested = Object.fromEntries(attacks.map((attack, index) => [`${attack}${index}`, attack]))
    await write(server, "attacked", [
      ...attacks.map((attack) => ({
        data: { message: attack, [attack]: { [attack]: [attack] } },
        tags: [attack]
      })),
      { data: { ...nested, service: attacks[0]!, __proto__x: 1 }, tags: attacks.slice(0, 5) }
    ])
    await write(server, "<img src=x onerror=window.hit=6>", [{ data: { a: 1 } }])
    const { page } = await open(server, "/ui")
    const isHit = () => page.evaluate(() => ("hit" in window ? window.hit : undefined))
    await byId(page, "poolRow").getByText("onerror=window.hit=6").click()
    await isLive(page)
    assert.strictEqual(await page.getByRole("heading", { level: 1 }).innerText(), "<img src=x onerror=window.hit=6>")
    await byId(page, "poolLink").filter({ hasText: "attacked" }).click()
    await eventually(() => loadedCount(page), 9)
    assert.include(await byId(page, "row").first().innerText(), "<script>window.hit=1</script>")
    for (const id of ["search", "column"]) {
      const query = encodeURIComponent(attacks[1]!)
      await page.goto(`/ui/pools/attacked?${id}=${query}&seq=9`)
      await byId(page, "treeRow").first().waitFor()
    }
    await page.getByRole("button", { name: "Expand all" }).click()
    for (let row = 0; row < (await byId(page, "treeRow").count()); row++) await byId(page, "treeRow").nth(row).click()
    for (const view of ["Pretty", "Compact"]) await page.getByText(view, { exact: true }).click()
    await byId(page, "tagField").focus()
    await byId(page, "jqField").focus()
    await byId(page, "jqField").fill(".data.")
    await page.goto(
      `/ui/pools/attacked?tag=${encodeURIComponent(attacks[0]!)}&not-tag=${encodeURIComponent(attacks[1]!)}`
    )
    await isLive(page)
    assert.isUndefined(await isHit())
    const foreign = await page.evaluate(
      () =>
        document.querySelectorAll("img, iframe, object, embed, script[src], a[href^='javascript:'], svg[onload]").length
    )
    assert.strictEqual(foreign, 0)
  })
})
