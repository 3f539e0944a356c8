/**
 * `npm run bounds -- [--check] [--only NAME] [--rounds N]`: what the page promises about time and memory, at full size, in
 * the system's Chromium. With `--check` it ends with status 1 when something falls short.
 */
import * as os from "node:os"
import { parseArgs } from "node:util"
import { chromiumPath } from "../findChromium.js"
import { cleanUp } from "../servers.js"
import { appending } from "./appending.js"
import { type Figure, isMet, line, type Measure } from "./Bound.js"
import { idling } from "./idling.js"
import { opening } from "./opening.js"
import { scrolling } from "./scrolling.js"
import { showing } from "./showing.js"
import { streaming } from "./streaming.js"

const measures: ReadonlyArray<Measure> = [opening, appending, showing, idling, scrolling, streaming]
const names = measures.map(({ name }) => name).join(", ")

const refuse = (problem: string): never => {
  console.error(`${problem}\nnpm run bounds -- [--check] [--only ${names}] [--rounds N]`)
  process.exit(2)
}

const options = () => {
  try {
    const { values } = parseArgs({
      options: { check: { type: "boolean" }, only: { type: "string" }, rounds: { type: "string", default: "9" } }
    })
    return values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const { check = false, only, rounds: roundsText } = options()
const rounds = Number(roundsText)
if (!Number.isSafeInteger(rounds) || rounds < 1) refuse(`--rounds needs a number, not ${JSON.stringify(roundsText)}`)
const chosen = measures.filter(({ name }) => only === undefined || name === only)
if (chosen.length === 0) refuse(`there is no measure ${JSON.stringify(only)}`)
const executablePath = chromiumPath ?? refuse("no Chromium on the path; PLASMITE_CHROMIUM may name one")

const load = (): string => os.loadavg()[0]!.toFixed(1)
console.log(`${os.cpus().length} cores, Node ${process.version}, ${executablePath}; load ${load()}`)
const short: Array<Figure> = []
try {
  for (const { name, run } of chosen) {
    const began = performance.now()
    const figures = await run({ rounds, executablePath })
    console.log(`${name} (${Math.round((performance.now() - began) / 1_000)} s, load ${load()})`)
    for (const figure of figures) console.log(line(figure))
    short.push(...figures.filter((figure) => !isMet(figure)))
  }
} finally {
  await cleanUp()
}
if (check && short.length > 0) {
  console.log(`\n${short.length} fall short:`)
  for (const figure of short) console.log(line(figure))
  process.exitCode = 1
}
