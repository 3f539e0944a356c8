/**
 * Where a wake-up goes: from before an append, by way of the file event in the reader's process, to the callback that has
 * the message. A watcher of the reader's own, older than the pool's, says when the event came.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import * as Effect from "effect/Effect"
import { nowMicros } from "../clock.js"
import type { Entry } from "../Entry.js"
import { sleep } from "../messages.js"
import { openPools } from "../pools.js"
import { childModule, kept, terminated } from "../processes.js"
import { quantile } from "../statistics.js"

const messages = 200
const pauseMillis = 5

/** When a message was sent, when the reader heard of it, and when it had it: microseconds of the one clock. */
export interface WakeUp {
  readonly sent: number
  readonly heard: number
  readonly arrived: number
}

export const wakeSteps: Entry = {
  name: "wake steps",
  rows: [],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const pool = await pools.open("p")
    const child = kept(fork(childModule("reader"), ["steps", directory]))
    await once(child, "message")
    let wakeUps: Array<WakeUp> = []
    child.on("message", (wakeUp: WakeUp) => wakeUps.push(wakeUp))
    const names = [
      "append, until it returns to the writer",
      "from then until the event is heard in the reader's process",
      "from the event until the callback has the message"
    ] as const
    const taken: ReadonlyArray<Array<number>> = names.map(() => [])
    const measure = async (): Promise<void> => {
      wakeUps = []
      const appended = new Map<number, number>()
      for (let index = 0; index < messages; index++) {
        const sent = nowMicros()
        await Effect.runPromise(pool.append({ sent }))
        appended.set(sent, nowMicros())
        await sleep(pauseMillis)
      }
      const deadline = Date.now() + 2_000
      while (wakeUps.length < messages && Date.now() < deadline) await sleep(pauseMillis)
      if (wakeUps.length !== messages) throw new Error(`${wakeUps.length} of ${messages} messages arrived`)
      const micros = wakeUps.map(({ arrived, heard, sent }) => {
        const returned = appended.get(sent)!
        return [returned - sent, heard - returned, arrived - heard]
      })
      names.forEach((_, step) =>
        taken[step]!.push(
          quantile(
            micros.map((each) => each[step]! * 1e3),
            0.5
          )
        )
      )
    }
    await measure()
    for (const series of taken) series.length = 0
    return {
      round: async () => {
        await measure()
        return {}
      },
      plots: () => ({ "steps of a wake-up": names.map((name, step) => ({ name, values: taken[step]! })) }),
      close: async () => {
        await terminated(child)
        await pools.close()
      }
    }
  }
}
