/**
 * Kills the program at one store after another, starts it again until it comes to its end, and looks at what it made. A run
 * that fails names its seed, and that seed fails again.
 */
import { Effect, Stream } from "effect"
import { Pools } from "effect-plasmite"
import { Simulated } from "effect-plasmite/testing"
import { forward } from "./forward.js"

const messages = 5
const stores = 40
let deaths = 0

const forwardWithDeaths = (store: number) =>
  Effect.gen(function* () {
    const { spawn } = yield* Simulated.Simulation
    const pools = yield* Pools
    const inbox = yield* pools.open("inbox", { create: { sizeBytes: 65536 } })
    yield* inbox.appendAll(Array.from({ length: messages }, (_, n) => ({ data: { n } })))

    for (let life = 1; ; life++) {
      const { end, process } = yield* spawn(`life ${life}`, forward)
      if (life <= 3) process.dieAtStore(store)
      if ((yield* end) !== "killed") break
      deaths++
    }
    const outbox = yield* pools.open("outbox")
    const copies = yield* Stream.runCollect(outbox.tail({ from: "oldest", follow: false }))
    return Array.from(copies, ({ data }) => data["source"])
  })

let repeats = 0
for (let seed = 1; seed <= 200; seed++) {
  const sources = Simulated.simulateOrThrow({ seed, program: forwardWithDeaths(1 + (seed % stores)) })
  // A repeat follows its original at once: whoever reads the outbox passes over a source that it has just seen.
  const once = sources.filter((source, index) => source !== sources[index - 1])
  if (once.join(" ") !== "1 2 3 4 5") throw new Error(`seed ${seed}: the outbox has ${sources.join(" ")}`)
  repeats += sources.length - once.length
}
console.log(`200 runs, ${deaths} deaths: nothing lost, nothing out of order, ${repeats} repeats`)
