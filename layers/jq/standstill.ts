/**
 * Tells a filter that does not end from a machine that is busy. What counts is the time that the thread has worked,
 * where the system tells it; by the clock alone, a loaded machine would cost messages.
 */
import * as FileSystem from "node:fs"
import type { SharedProgress } from "./thread.js"

// Time is counted in ticks: a machine that slept, or a process that was held, has not used up an allowance.
export const tickMillis = 25

/** Loading and compiling take milliseconds; this only ends what would never end. */
const startMillis = 15_000

/** How many times its allowance a message may take by the clock, if the thread hardly gets to work. */
const patience = 20

/** Milliseconds that the thread has worked, on Linux. */
const workedMillis = (shared: SharedProgress): number | undefined => {
  const thread = Atomics.load(shared.systemThread, 0)
  if (thread === 0) return undefined
  try {
    const nanoseconds = Number.parseInt(FileSystem.readFileSync(`/proc/self/task/${thread}/schedstat`, "latin1"), 10)
    return Number.isNaN(nanoseconds) ? undefined : nanoseconds / 1e6
  } catch {
    return undefined
  }
}

/** To be asked at every tick: true once nothing has moved for as long as a message may take. */
export const watchStandstill = (shared: SharedProgress, allowanceMillis: number): (() => boolean) => {
  let seenActivity: number | undefined
  let waitedMillis = 0
  let workedBefore: number | undefined
  return () => {
    const activity = Atomics.load(shared.activity, 0)
    if (activity !== seenActivity) {
      seenActivity = activity
      waitedMillis = 0
      workedBefore = workedMillis(shared)
      return false
    }
    waitedMillis += tickMillis
    if (Atomics.load(shared.stage, 0) < 2) return waitedMillis >= startMillis
    if (waitedMillis < allowanceMillis) return false
    const worked = workedMillis(shared)
    if (worked === undefined || workedBefore === undefined) return true
    return worked - workedBefore >= allowanceMillis || waitedMillis >= patience * allowanceMillis
  }
}
