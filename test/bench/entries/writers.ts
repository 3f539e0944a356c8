/**
 * Eight processes that append to one pool as fast as they can, beside one that does so alone. On two cores each has a quarter
 * of one, so they take their time until the engine has compiled what they run: that is waited for, as everywhere here.
 */
import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import type { Entry } from "../Entry.js"
import { openPools } from "../pools.js"
import { childModule, kept, terminated } from "../processes.js"

const crowd = 8
const millis = 600
/** First each by itself, then all together, because what a writer runs while others write, too, is other code. */
const roundsToWarmUp = 6

/** Asks each to append until a moment, and waits for their counts. */
const appended = async (writers: ReadonlyArray<ChildProcess>): Promise<number> => {
  const until = Date.now() + millis
  const counts = await Promise.all(
    writers.map(async (writer) => {
      const answer = once(writer, "message")
      writer.send({ until })
      return (await answer)[0] as number
    })
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

export const writers: Entry = {
  name: "writers",
  rows: [
    {
      name: "8 writers",
      what: "8 writer processes on one pool, total against one writer",
      unit: "messages/s",
      yardstick: "one writer",
      figure: "ratio",
      direction: "at least",
      bar: 0.5,
      aim: 1
    }
  ],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    await pools.open("p")
    await pools.close()
    const processes = Array.from({ length: crowd }, () => kept(fork(childModule("writer"), [directory, "p"])))
    await Promise.all(processes.map((process) => once(process, "message")))
    for (const process of processes) await appended([process])
    for (let round = 0; round < roundsToWarmUp; round++) await appended(processes)
    return {
      round: async () => {
        const alone = (await appended(processes.slice(0, 1))) / (millis / 1e3)
        const together = (await appended(processes)) / (millis / 1e3)
        return { "8 writers": { ours: together, yardstick: alone } }
      },
      close: async () => {
        await Promise.all(processes.map(terminated))
      }
    }
  }
}
