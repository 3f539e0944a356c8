/**
 * `npm run crash -- [--minutes N] [--images N] [--seed S]`: histories of its own, one seed each, until the time is over
 * or so many power-loss images were looked at. Ends with counts; any violation is printed with the command that
 * repeats its seed, and makes the exit status 1.
 */
import { parseArgs } from "node:util"
import { makeRandom } from "../ring/MemoryFile.js"
import { chainOf } from "./chainModel.js"
import { appendsTo, randomPool, repairsOf } from "./appendKinds.js"
import { checkCrashes, checkFailures } from "./crashes.js"
import { cutOrders } from "./crashPoints.js"
import { checkCreation } from "./creation.js"
import { checkInterleavings } from "./interleavings.js"
import { breaches, Violation } from "./Ledger.js"
import { checkPowerLoss } from "./powerLoss.js"
import type { Scenario } from "./scenarios.js"
import { appendOf, recordUpstream } from "./scenarios.js"

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { minutes: { type: "string" }, images: { type: "string" }, seed: { type: "string" } }
})
const onlyOne = values.seed !== undefined && values.minutes === undefined && values.images === undefined
const until = Date.now() + Number(values.minutes ?? (values.images === undefined ? 1 : 1e6)) * 60_000
const mostImages = Number(values.images ?? Infinity)

const counts = { histories: 0, appends: 0, points: 0, failures: 0, images: 0, imageMillis: 0, schedules: 0 }
const creations = checkCreation(4096 + 640, 4) + checkCreation(4096 + 72, 0)
const broken = new Map<string, number>(breaches.map((breach) => [breach, 0]))
const kinds = new Set<string>()

/** Every point of every append to one pool, in all four orders, with all readers and next writers after each. */
const crashAppend = (scenario: Scenario, random: () => number): void => {
  for (const order of cutOrders) {
    if (order === "bytes" && scenario.writer === "upstream") continue
    counts.points += checkCrashes(scenario, { order, random })
  }
  if (scenario.writer === "ours" && scenario.kind !== "repair") counts.failures += checkFailures(scenario)
}

const cutPower = (scenario: Scenario, random: () => number): void => {
  const began = Date.now()
  for (const units of ["words", "sectors"] as const) {
    const limits = { units, allSubsetsUpTo: 12, randomSubsets: 200, random }
    counts.images += checkPowerLoss(scenario, { ...limits, mode: "flush" })
    counts.images += checkPowerLoss(scenario, { ...limits, mode: "fast", randomSubsets: 20, allSubsetsUpTo: 8 })
  }
  counts.imageMillis += Date.now() - began
}

const followAppends = (first: Scenario, random: () => number, seed: number): void => {
  const { newest } = chainOf(first.after)
  const ringSize = new DataView(first.after.buffer).getUint32(48, true)
  const length = Math.floor(random() * (ringSize - 72 + 1))
  const second = recordUpstream(first.after, first.ledger, first.ledger.payload(newest + 1, length))
  const third = appendOf({ bytes: second.after, ledger: first.ledger }, [Math.floor(length / 3)])
  counts.schedules += checkInterleavings([first, second, third], { depth: 3, mostRuns: 500, seed }).runs
}

const attempt = (seed: number, run: () => void): void => {
  try {
    run()
  } catch (exception) {
    const breach = exception instanceof Violation ? exception.breach : "failed"
    broken.set(breach, broken.get(breach)! + 1)
    console.log(exception instanceof Violation ? exception.message : exception)
    console.log(`repeat with: npm run crash -- --seed ${seed}`)
  }
}

const playSeed = (seed: number): void => {
  const random = makeRandom(seed)
  counts.histories++
  attempt(seed, () => {
    const appends = [...appendsTo(randomPool(random), random)]
    // One history has dozens of appends that are much alike: chance takes three of ours, and upstream's.
    const chosen = appends.filter(({ writer }) => writer === "upstream" || random() < 3 / appends.length)
    for (const scenario of chosen) {
      const withRepairs =
        scenario.writer === "upstream" ? [scenario, ...[...repairsOf(scenario, random)].slice(0, 2)] : [scenario]
      for (const each of withRepairs) {
        counts.appends++
        kinds.add(each.kind)
        if (each.writer === "ours") attempt(seed, () => cutPower(each, random))
        // With a number of images to reach, all the time goes to them.
        if (values.images === undefined) {
          attempt(seed, () => crashAppend(each, random))
          if (each.kind.startsWith("one")) attempt(seed, () => followAppends(each, random, seed))
        }
      }
    }
  })
}

for (let seed = Number(values.seed ?? 1); ; seed++) {
  playSeed(seed)
  if (onlyOne || Date.now() >= until || counts.images >= mostImages) break
}

const rate = Math.round((counts.images / Math.max(1, counts.imageMillis)) * 1000)
console.log(
  `histories ${counts.histories}, appends ${counts.appends} of ${kinds.size} kinds, creation images ${creations}`
)
console.log(`crash points ${counts.points} (100 % of those of these appends), failed stores ${counts.failures}`)
console.log(`power-loss images ${counts.images} (${rate} a second)`)
console.log(`interleavings ${counts.schedules}`)
console.log([...broken].map(([breach, times]) => `${breach} ${times}`).join(", "))
process.exitCode = [...broken.values()].some((times) => times > 0) ? 1 : 0
