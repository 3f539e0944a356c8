// A real browser in front of real servers. Each test has contexts of its own; whatever a page complains about, and every
// request to another origin than its server's, fails the test that caused it.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest"
import { testIds } from "../../http/page/testIds.js"
import { chromiumPath, isRequired } from "./findChromium.js"
import { cleanUp, launchChromium, startServer, stopServers, type Server } from "./servers.js"

export * from "./servers.js"

let browser: Browser | undefined
const contexts = new Set<BrowserContext>()
let shared: Promise<Server> | undefined
const complaints: Array<string> = []

/** One that all tests of a file share, for those that do nothing to it; each takes pools of its own. */
export const sharedServer = (): Promise<Server> => (shared ??= startServer())

/** Like `describe`, for tests that need the browser: left out, with the reason in their name, where there is none. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (chromiumPath === undefined) {
    if (isRequired) it(`${name}: needs Chromium, and none was found`, () => assert.fail("no Chromium on the path"))
    else describe.skip(`${name} (no Chromium on the path)`, tests)
    return
  }
  describe(name, () => {
    beforeAll(async () => {
      browser = await launchChromium(chromiumPath!)
    })
    afterEach(async () => {
      const said = complaints.splice(0)
      await Promise.all([...contexts].map((context) => context.close()))
      contexts.clear()
      await stopServers(await shared)
      assert.deepEqual(said, [])
    })
    afterAll(async () => {
      await browser?.close()
      await cleanUp()
    })
    tests()
  })
}

export interface View {
  readonly page: Page
  readonly context: BrowserContext
}

/** Complaints that the test expects, by a part of their text. */
export interface Expecting {
  readonly complaints?: ReadonlyArray<RegExp>
}

export const openContext = async (
  { url }: Pick<Server, "url">,
  options: BrowserContextOptions = {},
  expecting: Expecting = {}
): Promise<BrowserContext> => {
  const context = await browser!.newContext({ viewport: { width: 1440, height: 900 }, baseURL: url, ...options })
  contexts.add(context)
  context.setDefaultTimeout(10_000)
  const complain = (text: string): void => {
    if (!(expecting.complaints ?? []).some((pattern) => pattern.test(text))) complaints.push(text)
  }
  context.on("weberror", (error) => complain(`error: ${error.error().stack ?? error.error().message}`))
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(`console: ${message.text()}`)
  })
  context.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(?:data|blob):/.test(request.url())) complain(`request: ${request.url()}`)
  })
  context.on("dialog", (dialog) => {
    complain(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return context
}

/** A new tab at a path of the server. */
export const open = async (
  server: Pick<Server, "url">,
  target: string,
  options: BrowserContextOptions = {},
  expecting: Expecting = {}
): Promise<View> => {
  const context = await openContext(server, options, expecting)
  const page = await context.newPage()
  await page.goto(target)
  return { page, context }
}

export const byId = (page: Page, id: keyof typeof testIds) => page.getByTestId(testIds[id])

/** The numbers of the messages that are drawn, from top to bottom. */
export const shownSeqs = (page: Page): Promise<ReadonlyArray<number>> =>
  byId(page, "row").evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))))

/** Waits until `look` answers what is expected; the last answer is in the failure. */
export const eventually = async <A>(look: () => Promise<A>, expected: A, withinMillis = 8_000): Promise<void> => {
  const until = Date.now() + withinMillis
  for (;;) {
    const seen = await look()
    try {
      assert.deepEqual(seen, expected)
      return
    } catch (error) {
      if (Date.now() > until) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

export const connectionState = (page: Page): Promise<string | null> =>
  byId(page, "connection").getAttribute("data-state")

export const isLive = (page: Page): Promise<void> => eventually(() => connectionState(page), "live")

/** Messages that the page holds. */
export const loadedCount = async (page: Page): Promise<number> =>
  Number(await page.getByTestId("loaded-count").getAttribute("data-value"))
