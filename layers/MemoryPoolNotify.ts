/**
 * Notification for pools in memory: an announcement reaches everybody who shares the layer. Now and then waiters look
 * without one, by Effect's `Clock`, so that a test decides when.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { PoolNotify } from "../src/PoolNotify.js"
import { WaitingRoom } from "./waitingRoom.js"

const lookAgainAfter = "50 millis"

/** Rooms by path, kept while somebody has the path open. */
interface OpenRoom {
  readonly room: WaitingRoom
  handles: number
}

/**
 * Wakes waiters by announcements, and looks again every 50 ms of the `Clock`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolNotify> = Layer.sync(PoolNotify, () => {
  const rooms = new Map<string, OpenRoom>()

  const enter = (path: string): OpenRoom => {
    const open = rooms.get(path) ?? { room: new WaitingRoom(), handles: 0 }
    rooms.set(path, open)
    open.handles++
    return open
  }
  const leave = (path: string, open: OpenRoom): void => {
    if (--open.handles === 0) rooms.delete(path)
  }

  return {
    open: (path) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => enter(path)),
          (open) => Effect.sync(() => leave(path, open))
        ),
        ({ room }) => ({
          announce: () => room.look(),
          waitUntil: (changed) => waitWithClock(room, changed)
        })
      )
  }
})

const waitWithClock = (room: WaitingRoom, changed: () => boolean): Effect.Effect<void> =>
  room
    .waitUntil(changed)
    .pipe(Effect.timeoutOption(lookAgainAfter), Effect.repeat({ until: Option.isSome }), Effect.asVoid)
