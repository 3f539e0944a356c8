// From the start of a navigation to the first picture with rows in it, in a browser that has never seen the page. In turns
// with a document of the same bytes that has the same rows in it as HTML and runs nothing: what browser, machine and
// connection take before there is anything to be done.
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { brotliCompressSync, constants } from "node:zlib"
import type { Browser } from "playwright-core"
import { median } from "../../bench/statistics.js"
import { launchChromium, startServer, write } from "../servers.js"
import type { Figure, Measure } from "./Bound.js"
import { processorMillis } from "./machine.js"
import { UnwatchedTab } from "./unwatched.js"

const mostMillis = 300
/** If a document that runs nothing takes longer, the machine is doing something else. */
const mostBareMillis = 100

interface View {
  readonly what: string
  readonly path: string
  readonly row: string
  /** So many rows are the view. */
  readonly count: number
  /** Work is compared on a busy machine, which makes it slower on both sides. */
  readonly mostTimesBare: number
}

const views: ReadonlyArray<View> = [
  { what: "first view of 50 pools", path: "/ui", row: '[data-testid="pool-row"]', count: 50, mostTimesBare: 2.4 },
  {
    what: "newest of 200 messages of a pool",
    path: "/ui/pools/pool-01",
    row: '[data-testid="row"]',
    count: 12,
    mostTimesBare: 3.5
  }
]

interface Opened {
  readonly millis: number
  readonly mainThreadMillis: number
  readonly serverMillis: number
}

/** Notes as `drawnAt` when so many rows have been drawn. */
const noteRows = (row: string, count: number): string => `{
  const look = () => {
    if (document.querySelectorAll(${JSON.stringify(row)}).length < ${count}) return
    observer.disconnect()
    // Drawn when the frame that shows it has been handed on.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => (window.drawnAt = performance.now())
      port2.postMessage(undefined)
    })
  }
  const observer = new MutationObserver(look)
  observer.observe(document, { childList: true, subtree: true })
}`

const openCold = async (
  browser: Browser,
  url: string,
  row: string,
  count: number,
  serverPid: number
): Promise<Opened & { readonly html: string }> => {
  const tab = await UnwatchedTab.open(browser, 1280, 800)
  await tab.prepare(noteRows(row, count))
  const before = processorMillis(serverPid)
  await tab.navigate(url)
  const opened = {
    millis: await tab.waitFor<number>("window.drawnAt"),
    mainThreadMillis: await tab.mainThreadMillis(),
    serverMillis: processorMillis(serverPid) - before,
    html: await tab.evaluate<string>('document.getElementById("root").outerHTML')
  }
  await tab.close()
  return opened
}

/** The page's own document, where the script is text and the rows are there. */
const serveBare = async (root: string): Promise<http.Server> => {
  const document = fs
    .readFileSync(new URL("../../../dist/http/page.html", import.meta.url), "utf8")
    .replaceAll("<script>", '<script type="text/plain">')
    .replace('<div id="root"></div>', () => root)
  const body = brotliCompressSync(document, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-encoding": "br" }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return server
}

export const opening: Measure = {
  name: "opening",
  run: async ({ executablePath, rounds }) => {
    const server = await startServer()
    for (let pool = 1; pool <= 50; pool++) {
      await write(server, `pool-${String(pool).padStart(2, "0")}`, [{ data: { n: 1 } }], 1024 * 1024)
    }
    const messages = Array.from({ length: 300 }, (_, n) => ({
      data: { n, service: ["checkout", "search"][n % 2]!, level: "info", message: `Request ${n} took ${n * 7} ms` },
      tags: ["deploy", `zone-${n % 5}`]
    }))
    await write(server, "pool-01", messages)
    const browser = await launchChromium(executablePath)
    const figures: Array<Figure> = []
    for (const view of views) {
      const once = await openCold(browser, server.url + view.path, view.row, view.count, server.pid)
      const bareServer = await serveBare(once.html)
      const bareUrl = `http://127.0.0.1:${(bareServer.address() as AddressInfo).port}${view.path}`
      const ours: Array<Opened> = []
      const bare: Array<Opened> = []
      for (let round = 0; round < rounds; round++) {
        ours.push(await openCold(browser, server.url + view.path, view.row, view.count, server.pid))
        bare.push(await openCold(browser, bareUrl, view.row, view.count, process.pid))
      }
      bareServer.close()
      const of = (all: ReadonlyArray<Opened>, key: keyof Opened): number => median(all.map((one) => one[key]))
      const bareMillis = of(bare, "millis")
      const isBusy = bareMillis > mostBareMillis
      const main = of(ours, "mainThreadMillis")
      const bareMain = of(bare, "mainThreadMillis")
      figures.push(
        {
          what: view.what,
          value: of(ours, "millis"),
          unit: "ms",
          most: mostMillis,
          beside: `the same rows as HTML: ${Math.round(bareMillis)} ms`,
          ...(isBusy ? { excuse: `the machine is busy; that should take ${mostBareMillis} ms at most` } : {})
        },
        {
          what: `${view.what}, work of the main thread`,
          value: main / bareMain,
          unit: "times that of the HTML",
          most: view.mostTimesBare,
          beside: `${Math.round(main)} ms and ${Math.round(bareMain)} ms of processor time, and ${Math.round(of(ours, "serverMillis"))} ms of the server's`
        }
      )
    }
    await browser.close()
    return figures
  }
}
