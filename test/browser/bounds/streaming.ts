// Very many messages: 5,000 a second while somebody types, then on to a million; what arrived, how fast keys were answered,
// and the memory that is left of it.
import type { Page } from "playwright-core"
import { quantile } from "../../bench/statistics.js"
import { launchChromium, numbered, startServer, write } from "../servers.js"
import type { Figure, Measure } from "./Bound.js"
import { privateMebibytes, rendererOf } from "./machine.js"

const pacedPerSecond = 5_000
const pacedSeconds = 20
const total = 1_000_000
/** So many may be on their way; the ring holds more. */
const mostOnTheWay = 40_000

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, millis)))

const received = async (page: Page): Promise<number> =>
  Number(await page.getByTestId("received-count").getAttribute("data-value"))

const collected = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send("HeapProfiler.enable")
  for (let round = 0; round < 2; round++) await session.send("HeapProfiler.collectGarbage")
  const { usedSize } = await session.send("Runtime.getHeapUsage")
  await session.detach()
  return usedSize / 1024 / 1024
}

export const streaming: Measure = {
  name: "streaming",
  run: async ({ executablePath }) => {
    const server = await startServer()
    await write(server, "busy", numbered(1, 1), 128 * 1024 * 1024)
    const browser = await launchChromium(executablePath)
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${server.url}/ui/pools/busy`)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    const renderer = await rendererOf(browser, page)
    const field = page.getByTestId("search-field")
    await field.focus()
    await page.evaluate(() => {
      const waits: Array<number> = []
      Object.assign(window, { waits })
      new PerformanceObserver((list) => {
        for (const { duration, name } of list.getEntries()) if (name === "keydown") waits.push(duration)
      }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit)
    })
    let written = 1
    const started = Date.now()
    const pour = async (): Promise<void> => {
      for (let beat = 1; beat <= pacedSeconds * 10; beat++) {
        await write(server, "busy", numbered(written + 1, written + pacedPerSecond / 10))
        written += pacedPerSecond / 10
        await wait(started + beat * 100 - Date.now())
      }
    }
    const pouring = pour()
    let typed = 0
    while (Date.now() < started + pacedSeconds * 1_000) {
      await page.keyboard.press("abcdefgh"[typed++ % 8]!)
      await wait(150)
    }
    await pouring
    const pouredSeconds = (Date.now() - started) / 1_000
    const waits = await page.evaluate(() => (window as unknown as { readonly waits: ReadonlyArray<number> }).waits)
    await page.waitForFunction(
      (count) => Number(document.querySelector('[data-testid="loaded-count"]')?.getAttribute("data-value")) >= count,
      Math.min(written, 100_000),
      { timeout: 60_000 }
    )
    const figures: Array<Figure> = [
      {
        what: `5: of ${written.toLocaleString("en")} messages, ${Math.round(written / pouredSeconds).toLocaleString("en")} a second, missing or too many`,
        value: Math.abs(written - (await received(page))),
        unit: "messages",
        most: 0
      },
      {
        what: "5: from a key to the picture, meanwhile (95 %)",
        value: waits.length === 0 ? 16 : quantile(waits, 0.95),
        unit: "ms",
        most: 100,
        beside: `${waits.length} of ${typed} keys took 16 ms or more`
      }
    ]
    await field.fill("")
    while (written < total) {
      const count = Math.min(2_000, total - written)
      await write(server, "busy", numbered(written + 1, written + count))
      written += count
      while (written - (await received(page)) > mostOnTheWay) await wait(50)
    }
    await page.waitForFunction(
      (count) => Number(document.querySelector('[data-testid="received-count"]')?.getAttribute("data-value")) >= count,
      total,
      { timeout: 120_000 }
    )
    const heap = await collected(page)
    figures.push(
      {
        what: `memory of the page's process after ${(await received(page)).toLocaleString("en")} streamed messages`,
        value: privateMebibytes(renderer),
        unit: "MiB",
        most: 250,
        beside: `${Math.round(heap)} MiB of that are the script's`
      },
      {
        what: "of a million, missing or too many",
        value: Math.abs(total - (await received(page))),
        unit: "messages",
        most: 0
      }
    )
    await browser.close()
    return figures
  }
}
