// Through 100,000 messages that the page holds, with the wheel: how long a frame takes. In turns with an empty page of the
// same height, since a machine without a graphics processor draws late whatever is drawn.
import type { Page } from "playwright-core"
import { median, quantile } from "../../bench/statistics.js"
import { launchChromium, numbered, startServer, write } from "../servers.js"
import type { Measure } from "./Bound.js"

const messages = 100_000
const mostMillis = 50
const steps = 120

interface Frames {
  /** Between two frames, milliseconds, while it scrolled. */
  readonly pauses: ReadonlyArray<number>
  /** The longest piece of work of the main thread, by its own processor time. */
  readonly longestTaskMillis: number
}

const scroll = async (page: Page, selector: string): Promise<Frames> => {
  const session = await page.context().newCDPSession(page)
  const events: Array<{ readonly name: string; readonly tdur?: number }> = []
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as typeof events)))
  const box = (await page.locator(selector).boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + Math.min(box.height, 600) / 2)
  await page.evaluate(() => {
    const times: Array<number> = []
    Object.assign(window, { times })
    const note = (time: number): void => {
      times.push(time)
      requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
  })
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["devtools.timeline"], excludedCategories: ["*"] }
  })
  for (let step = 0; step < steps; step++) {
    // Small steps, and now and then across many thousands of rows.
    await page.mouse.wheel(0, step % 10 === 9 ? 250_000 : 600)
    await page.waitForTimeout(16)
  }
  const done = new Promise<void>((resolve) => session.on("Tracing.tracingComplete", () => resolve()))
  await session.send("Tracing.end")
  await done
  const times = await page.evaluate(() => (window as unknown as { readonly times: ReadonlyArray<number> }).times)
  const tasks = events.filter(
    ({ name }) =>
      name === "FireAnimationFrame" ||
      name === "EventDispatch" ||
      name === "Layout" ||
      name === "UpdateLayoutTree" ||
      name === "Paint" ||
      name === "FunctionCall"
  )
  return {
    pauses: times.slice(1).map((time, index) => time - times[index]!),
    longestTaskMillis: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1_000))
  }
}

export const scrolling: Measure = {
  name: "scrolling",
  run: async ({ executablePath }) => {
    const server = await startServer()
    await write(server, "long", numbered(1, 1), 64 * 1024 * 1024)
    const browser = await launchChromium(executablePath)
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${server.url}/ui/pools/long`)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    for (let from = 2; from <= messages; from += 2_000) {
      await write(server, "long", numbered(from, Math.min(messages, from + 1_999)))
    }
    await page.locator(`[data-testid="loaded-count"][data-value="${messages}"]`).waitFor({ timeout: 60_000 })
    await page.getByTestId("list").evaluate((list) => (list.scrollTop = 0))
    await page.locator('[data-seq="1"]').waitFor()
    const ours = await scroll(page, '[data-testid="list"]')
    await page.close()
    const empty = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await empty.setContent(
      `<div id="list" style="height:780px;overflow:auto"><div style="height:${messages * 32}px"></div></div>`
    )
    const bare = await scroll(empty, "#list")
    await browser.close()
    const late = (frames: Frames): number => frames.pauses.filter((pause) => pause > mostMillis).length
    const bareLate = late(bare)
    return [
      {
        what: `frames above ${mostMillis} ms of ${ours.pauses.length}, through ${messages.toLocaleString("en")} messages`,
        value: late(ours),
        unit: "frames",
        most: 0,
        beside: `median ${median(ours.pauses).toFixed(0)} ms, 99 % ${quantile(ours.pauses, 0.99).toFixed(0)} ms; an empty page: ${bareLate} of ${bare.pauses.length}, median ${median(bare.pauses).toFixed(0)} ms, 99 % ${quantile(bare.pauses, 0.99).toFixed(0)} ms`,
        ...(bareLate === 0 ? {} : { excuse: "the empty page has such frames, too" })
      },
      {
        what: "the longest piece of work of the page's main thread while it scrolls",
        value: ours.longestTaskMillis,
        unit: "ms of processor time",
        most: mostMillis,
        beside: `of the empty page ${bare.longestTaskMillis.toFixed(1)}`
      }
    ]
  }
}
