/** Appends to a pool, message by message, until the moment that its parent names; answers with how many it were. */
import * as Effect from "effect/Effect"
import { tiny } from "../messages.js"
import { openPools, repeat } from "../pools.js"

const [directory = "", name = ""] = process.argv.slice(2)
const pools = await openPools(directory)
const pool = await pools.open(name)

const appendsPerLook = 50

process.on("message", ({ until }: { readonly until: number }) => {
  void (async () => {
    let count = 0
    while (Date.now() < until) {
      await Effect.runPromise(repeat(() => pool.append(tiny), appendsPerLook))
      count += appendsPerLook
    }
    process.send?.(count)
  })()
})
process.on("disconnect", () => process.exit())
process.send?.("ready")
