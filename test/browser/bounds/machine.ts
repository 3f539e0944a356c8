// What the operating system and the browser say about their own work: processor time and memory of a process.
import * as fs from "node:fs"
import type { Browser, Page } from "playwright-core"

const ticksPerSecond = 100

/** Processor time that a process has used, milliseconds, in steps of ten. */
export const processorMillis = (pid: number): number => {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond
}

/** Memory that would be free if the process ended, in use or swapped out, MiB. */
export const privateMebibytes = (pid: number): number => {
  const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")
  const kibibytes = [...rollup.matchAll(/^(?:Private_\w+|Swap):\s+(\d+) kB$/gm)].reduce(
    (sum, [, size]) => sum + Number(size),
    0
  )
  return kibibytes / 1024
}

interface ProcessInfo {
  readonly processInfo: ReadonlyArray<{ readonly id: number; readonly type: string }>
}

/** The process that draws the page: the only one of its browser that a page of its own made busy just now. */
export const rendererOf = async (browser: Browser, page: Page): Promise<number> => {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = (await session.send("SystemInfo.getProcessInfo")) as ProcessInfo
  await session.detach()
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id)
  const before = renderers.map(processorMillis)
  await page.evaluate(() => {
    const until = performance.now() + 400
    while (performance.now() < until) Math.sqrt(2)
  })
  const used = renderers.map((pid, index) => processorMillis(pid) - before[index]!)
  return renderers[used.indexOf(Math.max(...used))]!
}
