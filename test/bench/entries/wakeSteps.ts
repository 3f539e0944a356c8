/**
 * Where a wake-up goes: from before an append, by way of the file event in the reader's process, to the callback that has
 * the message, of a stream or of `forEach`. A watcher of the reader's own, older than the pool's, says when the event came.
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

const steps = [
  "`runPromise`, until its fiber runs",
  "append, until it returns to the writer",
  "from then until the event is heard in the reader's process",
  "from the event until the callback has the message"
] as const

interface Way {
  readonly name: string
  /** Medians of the rounds, for each step. */
  readonly taken: ReadonlyArray<Array<number>>
  readonly measure: () => Promise<void>
  readonly close: () => Promise<void>
}

const openWay = async (directory: string, name: string, route: string, poolName: string): Promise<Way> => {
  const pools = await openPools(directory)
  const pool = await pools.open(poolName)
  const child = kept(fork(childModule("reader"), [route, directory]))
  await once(child, "message")
  let wakeUps: Array<WakeUp> = []
  child.on("message", (wakeUp: WakeUp) => wakeUps.push(wakeUp))
  const taken: ReadonlyArray<Array<number>> = steps.map(() => [])
  return {
    name,
    taken,
    measure: async () => {
      wakeUps = []
      const writer = new Map<number, { readonly begun: number; readonly returned: number }>()
      for (let index = 0; index < messages; index++) {
        const sent = nowMicros()
        let begun = 0
        await Effect.runPromise(
          Effect.suspend(() => {
            begun = nowMicros()
            return pool.append({ sent })
          })
        )
        writer.set(sent, { begun, returned: nowMicros() })
        await sleep(pauseMillis)
      }
      const deadline = Date.now() + 2_000
      while (wakeUps.length < messages && Date.now() < deadline) await sleep(pauseMillis)
      if (wakeUps.length !== messages) throw new Error(`${name}: ${wakeUps.length} of ${messages} messages arrived`)
      const micros = wakeUps.map(({ arrived, heard, sent }) => {
        const { begun, returned } = writer.get(sent)!
        return [begun - sent, returned - begun, heard - returned, arrived - heard]
      })
      steps.forEach((_, step) =>
        taken[step]!.push(
          quantile(
            micros.map((each) => each[step]! * 1e3),
            0.5
          )
        )
      )
    },
    close: async () => {
      await terminated(child)
      await pools.close()
    }
  }
}

export const wakeSteps: Entry = {
  name: "wake steps",
  rows: [],
  open: async ({ directory }) => {
    const ways = [
      await openWay(directory, "steps of a wake-up", "steps", "p"),
      await openWay(directory, "steps of a wake-up by forEach", "steps of forEach", "q")
    ]
    for (const { measure, taken } of ways) {
      await measure()
      for (const series of taken) series.length = 0
    }
    return {
      round: async () => {
        for (const { measure } of ways) await measure()
        return {}
      },
      plots: () =>
        Object.fromEntries(
          ways.map(({ name, taken }) => [name, steps.map((step, index) => ({ name: step, values: taken[index]! }))])
        ),
      close: async () => {
        for (const { close } of ways) await close()
      }
    }
  }
}
