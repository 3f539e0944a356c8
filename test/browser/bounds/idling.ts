// What a page costs that shows a pool in which nothing happens, its stream open; beside a page with nothing on it.
import { launchChromium, numbered, startServer, write } from "../servers.js"
import type { Measure } from "./Bound.js"
import { processorMillis, rendererOf } from "./machine.js"

const settleMillis = 5_000
const watchedMillis = 20_000

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

export const idling: Measure = {
  name: "idling",
  run: async ({ executablePath }) => {
    const server = await startServer()
    await write(server, "quiet", numbered(1, 500))
    const shareOf = async (target: string): Promise<number> => {
      const browser = await launchChromium(executablePath)
      const page = await browser.newPage()
      await page.goto(target)
      const renderer = await rendererOf(browser, page)
      await wait(settleMillis)
      const before = processorMillis(renderer)
      await wait(watchedMillis)
      const share = ((processorMillis(renderer) - before) / watchedMillis) * 100
      await browser.close()
      return share
    }
    const nothing = await shareOf("data:text/html,<p>nothing")
    const value = await shareOf(`${server.url}/ui/pools/quiet`)
    return [
      {
        what: "a page with one live stream and nothing coming",
        value,
        unit: "% of a core",
        most: 1,
        beside: `a page with nothing on it ${nothing.toFixed(2)} %`
      }
    ]
  }
}
