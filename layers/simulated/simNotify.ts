/**
 * Announcements that cannot be relied on: each waiter hears of one at once, late, twice, or never. Now and then waiters
 * look without any.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import type { PoolNotify } from "../../src/PoolNotify.js"
import type { Machine } from "./simFile.js"
import { currentProcess, ProcessDeath, type SimProcess } from "./SimProcess.js"

const lookAgainAfterMillis = 50
const latestHintMillis = 200

interface Waiter {
  readonly owner: SimProcess
  readonly look: () => void
}

export const makeNotify = (machine: Machine): Context.Tag.Service<PoolNotify> => {
  const { chance, clock, scheduler } = machine
  const waitersOf = new Map<string, Set<Waiter>>()

  const hint = ({ look, owner }: Waiter): void => {
    const hints = chance.pick([0, 1, 1, 2])
    if (hints === 0) machine.counts.hintsLost++
    for (let times = hints; times > 0; times--) {
      if (chance.oneIn(2)) scheduler.schedule(owner, look)
      else clock.after(chance.below(latestHintMillis), owner, () => scheduler.schedule(owner, look))
    }
  }

  const waitUntil = (waiters: Set<Waiter>, owner: SimProcess, changed: () => boolean): Effect.Effect<void> =>
    Effect.async<void>((resume) => {
      let waiting = true
      let cancelTimer = (): void => {}
      const leave = (): void => {
        waiting = false
        cancelTimer()
        waiters.delete(waiter)
      }
      const look = (): void => {
        if (!waiting) return
        try {
          if (!changed() || !waiting) return
          leave()
          resume(Effect.void)
        } catch (exception) {
          leave()
          if (!(exception instanceof ProcessDeath)) resume(Effect.die(exception))
        }
      }
      const lookNowAndThen = (): void => {
        scheduler.schedule(owner, look)
        cancelTimer = clock.after(lookAgainAfterMillis, owner, lookNowAndThen)
      }
      const waiter: Waiter = { owner, look }
      waiters.add(waiter)
      lookNowAndThen()
      return Effect.sync(leave)
    })

  return {
    open: (path) =>
      Effect.map(FiberRef.get(currentProcess), (owner) => {
        const waiters = waitersOf.get(path) ?? new Set()
        waitersOf.set(path, waiters)
        owner.onDeath(() => waiters.forEach((waiter) => waiter.owner === owner && waiters.delete(waiter)))
        return {
          announce: () => {
            if (owner.alive) waiters.forEach(hint)
          },
          waitUntil: (changed) => waitUntil(waiters, owner, changed)
        }
      })
  }
}
