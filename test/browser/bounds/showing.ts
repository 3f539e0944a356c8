// Statements of the page that take longer than a test should: a message of a mebibyte in the tree, messages one second apart
// at ten times their pace, a rate over ten seconds.
import { median } from "../../bench/statistics.js"
import { launchChromium, numbered, startServer, write } from "../servers.js"
import type { Figure, Measure } from "./Bound.js"

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, millis)))

export const showing: Measure = {
  name: "showing",
  run: async ({ executablePath, rounds }) => {
    const server = await startServer()
    const browser = await launchChromium(executablePath)
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })

    const items = Array.from({ length: 10_000 }, (_, n) => ({ n, text: "x".repeat(80) }))
    await write(server, "large", [{ data: { items } }, { data: { small: true } }])
    await page.goto(`${server.url}/ui/pools/large`)
    const open = async (seq: number): Promise<number> => {
      await page.locator(`[data-seq="${seq}"]`).waitFor()
      return page.evaluate(
        (wanted) =>
          new Promise<number>((resolve) => {
            const began = performance.now()
            const look = (): void => {
              if (document.querySelector('[data-testid="tree-row"]') === null) return
              observer.disconnect()
              requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)))
            }
            const observer = new MutationObserver(look)
            observer.observe(document, { childList: true, subtree: true })
            document.querySelector<HTMLElement>(`[data-seq="${wanted}"]`)!.click()
          }),
        seq
      )
    }
    const opened: Record<number, Array<number>> = { 1: [], 2: [] }
    for (let round = 0; round < rounds; round++) {
      for (const seq of [1, 2]) {
        // Anew, so that nothing of the message is known.
        await page.reload()
        opened[seq]!.push(await open(seq))
      }
    }
    const figures: Array<Figure> = [
      {
        what: "19: a message of a mebibyte is open in the tree",
        value: median(opened[1]!),
        unit: "ms",
        most: 300,
        beside: `a small one ${Math.round(median(opened[2]!))} ms`
      }
    ]

    for (let n = 1; n <= 6; n++) {
      const began = Date.now()
      await write(server, "spaced", numbered(n, n))
      await wait(began + 1_000 - Date.now())
    }
    const times = (await (await fetch(`${server.url}/v0/pools/spaced/messages?after_seq=0`)).json()) as {
      readonly messages: ReadonlyArray<{ readonly time: string }>
    }
    const stamps = times.messages.map(({ time }) => Date.parse(time))
    await page.goto(`${server.url}/ui/pools/spaced`)
    await page.locator('[data-testid="loaded-count"][data-value="6"]').waitFor()
    await page.getByRole("button", { name: "More" }).click()
    await page.getByTestId("replay-open").click()
    await page.locator('[data-testid="replay"][data-shown="1"]').waitFor()
    await page.getByTestId("replay-speed").selectOption("10")
    await page.getByTestId("replay").evaluate((bar) => {
      const seen: Array<number> = []
      Object.assign(window, { seen })
      new MutationObserver(() => seen.push(performance.now())).observe(bar, { attributeFilter: ["data-shown"] })
    })
    await page.getByTestId("replay-play").click()
    await page.locator('[data-testid="replay"][data-shown="6"]').waitFor()
    const seen = await page.evaluate(() => (window as unknown as { readonly seen: ReadonlyArray<number> }).seen)
    const errors = seen.slice(1).map((at, index) => {
      const wanted = (stamps[index + 2]! - stamps[index + 1]!) / 10
      return Math.abs(at - seen[index]! - wanted)
    })
    figures.push({
      what: "22: replayed at ×10, off the pace of messages a second apart",
      value: median(errors),
      unit: "ms",
      most: 30,
      beside: `each: ${errors.map((error) => error.toFixed(0)).join(", ")}`
    })

    await write(server, "steady", numbered(1, 1))
    await page.goto(`${server.url}/ui`)
    const rate = page.locator('[data-pool="steady"] [data-field="rate"]')
    await rate.waitFor()
    const started = Date.now()
    const shown: Array<number> = []
    for (let beat = 1; beat <= 130; beat++) {
      await write(server, "steady", numbered(1, 5))
      await wait(started + beat * 100 - Date.now())
      if (beat > 30 && beat % 10 === 0) shown.push(Number(await rate.innerText()))
    }
    const truth = (130 * 5) / ((Date.now() - started) / 1_000)
    const mean = shown.reduce((sum, value) => sum + value, 0) / shown.length
    figures.push({
      what: "33: a rate over ten seconds, off the true one",
      value: (Math.abs(mean - truth) / truth) * 100,
      unit: "%",
      most: 10,
      beside: `shown ${mean.toFixed(1)} a second, true ${truth.toFixed(1)}`
    })
    await browser.close()
    return figures
  }
}
