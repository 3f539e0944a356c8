// From the moment that the program writes a message, as the message says it, to the picture with its row, in a page that
// follows its pool.
import { median } from "../../bench/statistics.js"
import { launchChromium, numbered, pls, startServer, write } from "../servers.js"
import type { Measure } from "./Bound.js"

const mostMillis = 200
const retained = 20
const pauseMillis = 300

export const appending: Measure = {
  name: "appending",
  run: async ({ executablePath, rounds }) => {
    const server = await startServer()
    await write(server, "followed", numbered(1, retained))
    const browser = await launchChromium(executablePath)
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${server.url}/ui/pools/followed`)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    await page.evaluate(() => {
      const drawnAt: Record<string, number> = {}
      Object.assign(window, { drawnAt })
      const look = (): void => {
        const seq = [...document.querySelectorAll('[data-testid="row"]')].at(-1)?.getAttribute("data-seq")
        if (typeof seq !== "string" || seq in drawnAt) return
        drawnAt[seq] = Number.NaN
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => (drawnAt[seq] = Date.now())
          port2.postMessage(undefined)
        })
      }
      new MutationObserver(look).observe(document, { childList: true, subtree: true })
    })
    const waits: Array<number> = []
    for (let round = 1; round <= rounds; round++) {
      const printed = await pls(["poke", "--dir", server.directory, "followed", JSON.stringify({ round })])
      const { seq, time } = JSON.parse(printed) as { readonly seq: number; readonly time: string }
      const drawnAt = await page.waitForFunction(
        (wanted) => (window as unknown as { readonly drawnAt: Record<string, number> }).drawnAt[wanted] || undefined,
        String(seq)
      )
      waits.push((await drawnAt.jsonValue())! - Date.parse(time))
      await new Promise((resolve) => setTimeout(resolve, pauseMillis))
    }
    await browser.close()
    return [
      {
        what: "3: from the append of `pls poke` to the row in the page",
        value: median(waits),
        unit: "ms",
        most: mostMillis,
        beside: `each: ${waits.map((wait) => wait.toFixed(0)).join(", ")}`
      }
    ]
  }
}
