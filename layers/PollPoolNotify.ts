/**
 * Notification without any mechanism: waiters look, and look again. The reference for the others, and what
 * `--no-notify` asks for. A message is seen within 20 ms, and within about 1 ms while messages keep coming.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PoolNotify } from "../src/PoolNotify.js"
import { PollTimer, type PollSchedule } from "./pollTimer.js"
import { WaitingRoom } from "./waitingRoom.js"

const schedule: PollSchedule = (idleMillis) => (idleMillis < 200 ? 1 : idleMillis < 1000 ? 5 : 20)

/**
 * Looks at the pool by a timer only. All waiters of the process share the timer; announcing does nothing.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolNotify> = Layer.sync(PoolNotify, () => {
  const room = new WaitingRoom(new PollTimer(schedule))
  return {
    open: () => Effect.succeed({ announce: () => {}, waitUntil: (changed) => room.waitUntil(changed) })
  }
})
